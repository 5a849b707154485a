# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SSHFP records of a server, asked of a validating resolver on this machine. Needs dnspython when it is used."""

from __future__ import annotations

import ipaddress
from typing import Any, NamedTuple, Tuple

from ..errors import ClientMissing, InvalidRequest
from .local_resolver import local_resolvers
from .sshfp import SshfpRecord

_SECONDS = 5.0


class SshfpAnswer(NamedTuple):
    """The answer to an SSHFP query.

    records: all that DNSSEC has proven
    reason: why there are none, "" otherwise
    """

    records: Tuple[SshfpRecord, ...] = ()
    reason: str = ""


def ask_sshfp(host: str) -> SshfpAnswer:
    """Ask for the records of `host`, a complete name. Raises InvalidRequest (an address, no local resolver) and
    ClientMissing (no dnspython)."""
    dns = _library()
    if _is_address(host):
        raise InvalidRequest(
            "sshfp: '%s' is an address, and SSHFP records belong to names" % host, cure="Set host to the name."
        )
    resolvers = local_resolvers()
    if not resolvers.are_trusted:
        return SshfpAnswer(reason="resolv.conf does not declare that the resolver validates DNSSEC (options trust-ad)")
    answer = SshfpAnswer()
    for address in resolvers.addresses:
        try:
            return _judged(dns, _ask(dns, host, address), address)
        except (dns.exception.DNSException, OSError) as error:
            answer = SshfpAnswer(reason="%s returns no answer with a DNSSEC proof: %s" % (address, error))
    return answer


def _library() -> Any:
    try:
        import dns.exception  # pylint: disable=import-outside-toplevel
        import dns.flags
        import dns.message
        import dns.query
        import dns.rcode
    except ImportError:
        raise ClientMissing(
            "sshfp: the Python library dnspython is missing",
            cure="Install it for the Python of this task: python3-dnspython (Debian) or python3-dns (RHEL).",
        ) from None
    return dns


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _ask(dns: Any, host: str, address: str) -> Any:
    question = dns.message.make_query(host.rstrip(".") + ".", "SSHFP")
    question.flags |= dns.flags.AD
    return dns.query.udp_with_fallback(question, address, timeout=_SECONDS)[0]


def _judged(dns: Any, response: Any, address: str) -> SshfpAnswer:
    if response.rcode() != dns.rcode.NOERROR:
        return SshfpAnswer(
            reason="%s answers %s, as it does for a record that fails DNSSEC validation"
            % (address, dns.rcode.to_text(response.rcode()))
        )
    if not response.flags & dns.flags.AD:
        return SshfpAnswer(reason="%s did not validate its answer with DNSSEC" % address)
    records = tuple(
        SshfpRecord(record.algorithm, record.fp_type, record.fingerprint)
        for records in response.answer
        if _is_asked_for(records, response.question[0])
        for record in records
    )
    return SshfpAnswer(records, "" if records else "DNSSEC proves: %s has no such record" % response.question[0].name)


def _is_asked_for(records: Any, question: Any) -> bool:
    """Return whether the records are for the queried name: records behind an alias are about another server."""
    return (records.name, records.rdclass, records.rdtype) == (question.name, question.rdclass, question.rdtype)
