# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check the certificates of a server. Pure."""

from __future__ import annotations

import ipaddress
from typing import FrozenSet, Iterator, Sequence, Tuple

from ..model.findings import CRITICAL, HIGH, INFO, LOW, Finding
from ..model.utc import utc
from .certificate import CertificateFacts, read_certificate
from .profiles import Profile
from .spki import pin_of
from .survey import Identity

_DAY = 86400
_RSA_BROKEN = 1024
_LEAST_EC_BITS = 224
_WEAK_DIGESTS = (("md2", CRITICAL), ("md5", CRITICAL), ("sha1", HIGH))
_REVOCATION = "RFC 9325 section 7.5"


def trust_findings(identity: Identity) -> Iterator[Finding]:
    """Check whether the chain leads to a trusted authority, and is valid now."""
    if identity.untrusted:
        yield Finding(
            "chain_untrusted", HIGH, identity.untrusted, "a chain to a trusted authority", "RFC 5280 section 6"
        )
    if identity.outdated:
        yield Finding(
            "chain_outdated", HIGH, identity.outdated, "certificates that are valid now", "RFC 5280 section 6.1.3"
        )


def pin_findings(identity: Identity, pins: FrozenSet[str]) -> Iterator[Finding]:
    """Yield each certificate whose public key is none of the pins, where there are any."""
    for chain in identity.chains if pins else ():
        try:
            pin = pin_of(chain[0])
        except (ValueError, IndexError):
            continue  # reported by certificate_findings
        if pin not in pins:
            yield Finding("pin", HIGH, pin, " or ".join(sorted(pins)), "tls_pins")


def certificate_findings(identity: Identity, profile: Profile, host: str, now: float) -> Iterator[Finding]:
    """Check each certificate of the server itself, and the signatures of the certificates sent with it."""
    for chain in identity.chains:
        try:
            facts = [read_certificate(der) for der in chain]
        except ValueError as error:
            yield Finding("certificate_unreadable", HIGH, str(error), "certificates in DER", "RFC 5280 section 4.1")
            continue
        if facts:
            yield from _leaf_findings(facts[0], profile, host, now)
            yield from _signature_findings(facts)


def _leaf_findings(facts: CertificateFacts, profile: Profile, host: str, now: float) -> Iterator[Finding]:
    if not is_for(host, facts.names):
        observed = "%s is for %s" % (facts.subject or "the certificate", ", ".join(facts.names[:20]) or "no name")
        yield Finding("host_name", HIGH, observed, host, "RFC 9525, RFC 9325 section 7.1")
    yield from _date_findings(facts, profile, now)
    yield from _key_findings(facts, profile)
    if not facts.ocsp and not facts.crl:
        yield Finding("revocation", INFO, "no OCSP or CRL address", "an OCSP or CRL address", _REVOCATION)


def _date_findings(facts: CertificateFacts, profile: Profile, now: float) -> Iterator[Finding]:
    source = "RFC 5280 section 4.1.2.5"
    if now > facts.not_after:
        yield Finding("certificate_expired", HIGH, "ended %s" % utc(facts.not_after), "a valid certificate", source)
    elif now < facts.not_before:
        observed = "begins %s" % utc(facts.not_before)
        yield Finding("certificate_not_yet_valid", HIGH, observed, "a valid certificate", source)
    elif facts.not_after - now < profile.expiry_days * _DAY:
        observed = "ends %s" % utc(facts.not_after)
        wanted = "valid for %d days or more" % profile.expiry_days
        yield Finding("certificate_expires_soon", LOW, observed, wanted, "operation")
    days = (facts.not_after - facts.not_before) / _DAY
    if days > profile.lifespan_days + 1:
        observed, wanted = "a life of %d days" % days, "%d days or less" % profile.lifespan_days
        yield Finding("certificate_lifespan", INFO, observed, wanted, profile.source)


def _key_findings(facts: CertificateFacts, profile: Profile) -> Iterator[Finding]:
    size = "%s, %d bits" % (facts.curve or facts.key_type, facts.key_bits)
    if facts.key_type == "rsa" and facts.key_bits < profile.rsa_bits:
        severity = CRITICAL if facts.key_bits < _RSA_BROKEN else HIGH
        yield Finding("key_size", severity, size, "%d bits or more" % profile.rsa_bits, "RFC 9325 section 4.5")
    elif facts.key_type == "rsa" and facts.key_bits < profile.rsa_bits_soon:
        yield Finding("key_size", INFO, size, "%d bits or more" % profile.rsa_bits_soon, "BSI TR-02102-2")
    elif facts.key_type == "ec" and 0 < facts.key_bits < _LEAST_EC_BITS:
        yield Finding("key_size", HIGH, size, "224 bits or more", "RFC 9325 section 4.5")
    if facts.key_type not in profile.key_types:
        severity = HIGH if facts.key_type == "dsa" else LOW
        yield Finding("key_type", severity, size, " or ".join(sorted(profile.key_types)), profile.source)


def _signature_findings(chain: Sequence[CertificateFacts]) -> Iterator[Finding]:
    for facts in chain:
        severity = _digest_severity(facts.signature)
        # Who trusts a root trusts its key; its own signature over itself proves nothing.
        if severity and not (facts.self_issued and facts is not chain[0]):
            observed = "%s, signed with %s" % (facts.subject, facts.signature)
            yield Finding("certificate_signature", severity, observed, "SHA-256 or better", "RFC 9325 section 4.5")


def _digest_severity(signature: str) -> str:
    words = signature.lower().replace("-", "")
    return next((severity for word, severity in _WEAK_DIGESTS if word in words), "")


def is_for(host: str, names: Tuple[str, ...]) -> bool:
    """Return whether a certificate of these names is for `host`: addresses are compared as such, in names a * stands
    for the whole first label (RFC 9525 section 6.3)."""
    host = host.rstrip(".").lower()
    try:
        return str(ipaddress.ip_address(host)) in names
    except ValueError:
        pass
    rest = host.partition(".")[2]
    return any(name.lower() in ((host, "*." + rest) if "." in rest else (host,)) for name in names)
