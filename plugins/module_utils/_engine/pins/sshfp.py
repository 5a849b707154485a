# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SSHFP records of a server (RFC 4255, RFC 6594, RFC 7479), asked of a validating resolver on this machine.

Needs dnspython when it is used. The administrator must trust the resolver to validate DNSSEC. The AD bit of an answer
is a claim without a signature, as safe as the way to the resolver: so only loopback counts. A resolver that merely
forwards would pass on the claim of a stranger.


"""

from __future__ import annotations

import hashlib
import ipaddress
from typing import Any, Iterable, Iterator, NamedTuple, Tuple

from ..errors import ClientMissing, InvalidRequest
from ..trust.fingerprint import PublicKey

_SHA256 = 2
"""The type of fingerprint. SHA-1 (1) proves nothing any more."""

_ALGORITHMS = {
    "ssh-rsa": 1,
    "ecdsa-sha2-nistp256": 3,
    "ecdsa-sha2-nistp384": 3,
    "ecdsa-sha2-nistp521": 3,
    "ssh-ed25519": 4,
}
_CONFIGURATION = "/etc/resolv.conf"
_LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
_FORWARDERS = (ipaddress.ip_address("127.0.0.11"),)
"""Of containers (Docker): on loopback, and it validates nothing."""
_SECONDS = 5.0


class SshfpRecord(NamedTuple):
    """One record as it is in DNS."""

    algorithm: int
    fingerprint_type: int
    fingerprint: bytes


def named_keys(keys: Iterable[PublicKey], records: Iterable[SshfpRecord]) -> Tuple[PublicKey, ...]:
    """Return the keys that a record names by algorithm and SHA-256."""
    named = set(records)
    return tuple(key for key in keys if _record(key) in named)


def _record(key: PublicKey) -> SshfpRecord:
    return SshfpRecord(_ALGORITHMS.get(key.key_type, 0), _SHA256, hashlib.sha256(key.blob).digest())


class LocalResolvers(NamedTuple):
    """The resolvers in resolv.conf.

    addresses: of resolvers on this machine
    are_trusted: whether resolv.conf has `options trust-ad`
    """

    addresses: Tuple[str, ...]
    are_trusted: bool


def local_resolvers(path: str = _CONFIGURATION) -> LocalResolvers:
    """Read resolv.conf(5). Raises InvalidRequest if it names no resolver on this machine."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            lines = [line.split() for line in file]
    except OSError:
        lines = []
    addresses = tuple(_local(words[1] for words in lines if len(words) > 1 and words[0] == "nameserver"))
    if not addresses:
        raise InvalidRequest(
            f"sshfp: {path} names no resolver on this machine (127.0.0.0/8 or ::1)",
            cure="Run a resolver on this machine that validates DNSSEC, such as unbound, or pin by fingerprints.",
        )
    options = {word for words in lines if words and words[0] == "options" for word in words[1:]}
    return LocalResolvers(addresses, "trust-ad" in options)


def _local(addresses: Iterable[str]) -> Iterator[str]:
    for text in addresses:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            continue
        if address not in _FORWARDERS and any(address in network for network in _LOOPBACK):
            yield text


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
            f"sshfp: '{host}' is an address, and SSHFP records belong to names", cure="Set host to the name."
        )
    resolvers = local_resolvers()
    if not resolvers.are_trusted:
        return SshfpAnswer(reason="resolv.conf does not declare that the resolver validates DNSSEC (options trust-ad)")
    answer = SshfpAnswer()
    for address in resolvers.addresses:
        try:
            return _judged(dns, _ask(dns, host, address), address)
        except (dns.exception.DNSException, OSError) as error:
            answer = SshfpAnswer(reason=f"{address} returns no answer with a DNSSEC proof: {error}")
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
            reason=f"{address} answers {dns.rcode.to_text(response.rcode())}, as it "
            "does for a record that fails DNSSEC validation"
        )
    if not response.flags & dns.flags.AD:
        return SshfpAnswer(reason=f"{address} did not validate its answer with DNSSEC")
    records = tuple(
        SshfpRecord(record.algorithm, record.fp_type, record.fingerprint)
        for records in response.answer
        if _is_asked_for(records, response.question[0])
        for record in records
    )
    return SshfpAnswer(records, "" if records else f"DNSSEC proves: {response.question[0].name} has no such record")


def _is_asked_for(records: Any, question: Any) -> bool:
    """Return whether the records are for the queried name: records behind an alias are about another server."""
    return (records.name, records.rdclass, records.rdtype) == (question.name, question.rdclass, question.rdtype)
