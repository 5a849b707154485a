# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check the versions, cipher suites and groups that a server offers. Pure."""

from __future__ import annotations

from typing import Dict, Iterator, List, Sequence, Tuple

from ..model.findings import CRITICAL, HIGH, INFO, LOW, MEDIUM, Finding
from .groups import POST_QUANTUM, group_bits
from .profiles import Profile
from .survey import VersionFacts

_OLD = {
    "SSLv3": (CRITICAL, "RFC 7568"),
    "TLSv1": (HIGH, "RFC 8996, RFC 9325 section 3.1.1"),
    "TLSv1.1": (HIGH, "RFC 8996, RFC 9325 section 3.1.1"),
}
_RFC_9325_SUITES = "RFC 9325 section 4.1"
# A part of the suite's name, its meaning and its severity: the first match decides.
_WEAK: Tuple[Tuple[str, str, str, str], ...] = (
    ("_NULL", "no encryption", CRITICAL, _RFC_9325_SUITES),
    ("_anon_", "no authentication of the server", CRITICAL, _RFC_9325_SUITES),
    ("EXPORT", "an export-grade key", CRITICAL, _RFC_9325_SUITES),
    ("_DES_CBC", "single DES", CRITICAL, "RFC 5469"),
    ("DES40", "single DES", CRITICAL, "RFC 5469"),
    ("RC2", "RC2", CRITICAL, _RFC_9325_SUITES),
    ("RC4", "RC4", HIGH, "RFC 7465"),
    ("_MD5", "MD5", HIGH, "RFC 6151"),
    ("3DES", "64-bit blocks (Sweet32)", MEDIUM, "NIST SP 800-131A, CVE-2016-2183"),
    ("IDEA", "64-bit blocks", MEDIUM, "RFC 5469"),
    ("28147", "64-bit blocks", MEDIUM, "CVE-2016-2183"),
)
_FORWARD_SECRET = ("TLS_ECDHE_", "TLS_DHE_")
_LEAST_GROUP_BITS = 224
_LEAST_DH_BITS = 2048


def version_findings(versions: Sequence[VersionFacts], profile: Profile) -> Iterator[Finding]:
    """Yield versions that are offered against the policy, required versions that are missing, and defects of old
    versions."""
    for facts in versions:
        if facts.version not in profile.versions:
            severity, source = _OLD.get(facts.version, (MEDIUM, profile.source))
            yield Finding("protocol_version", severity, f"{facts.version} is offered", _all(profile), source)
        yield from _handshake_findings(facts)
    offered = {facts.version for facts in versions}
    for version in profile.wanted_versions:
        if version not in offered:
            severity = MEDIUM if profile.versions == {version} else LOW
            observed = f"{version} is not offered"
            yield Finding("protocol_version_missing", severity, observed, version, "RFC 9325 section 3.1.1")


def _all(profile: Profile) -> str:
    return f"{', '.join(sorted(profile.versions))} alone"


def _handshake_findings(facts: VersionFacts) -> Iterator[Finding]:
    if facts.compression:
        observed = f"{facts.version} compresses (CRIME)"
        yield Finding("compression", HIGH, observed, "no compression", "RFC 9325 section 3.3")
    if facts.secure_renegotiation is False:
        observed = f"{facts.version} without secure renegotiation"
        wanted = "the renegotiation_info extension"
        yield Finding("renegotiation", HIGH, observed, wanted, "RFC 5746, RFC 9325 section 3.5")
    if facts.extended_master_secret is False and facts.version != "SSLv3":
        observed = f"{facts.version} without the extended master secret"
        yield Finding("extended_master_secret", LOW, observed, "the extended_master_secret extension", "RFC 7627")


def suite_findings(versions: Sequence[VersionFacts], profile: Profile) -> Iterator[Finding]:
    """Yield each suite that the profile does not have, with the versions that it is offered with."""
    where: Dict[str, List[str]] = {}
    for facts in versions:
        for suite in facts.suites:
            where.setdefault(suite, []).append(facts.version)
    for suite, offered in where.items():
        if suite not in profile.suites:
            severity, why, source = suite_weakness(suite)
            source = source or profile.source
            observed = f"{suite} with {', '.join(offered)}: {why}"
            yield Finding("cipher_suite", severity, observed, f"suites of {profile.name}", source)


def suite_weakness(suite: str) -> Tuple[str, str, str]:
    """Rate a suite outside the profile: severity, reason, and source, "" if only the profile excludes it."""
    for word, why, severity, source in _WEAK:
        if word in suite:
            return severity, why, source
    if "_WITH_" not in suite:
        return LOW, "not in the profile", ""
    if not suite.startswith(_FORWARD_SECRET):
        return MEDIUM, "no forward secrecy", _RFC_9325_SUITES
    if "_CBC_" in suite:
        return LOW, "CBC, open to timing attacks (Lucky 13) if the server is not careful", ""
    return LOW, "not in the profile", ""


def group_findings(versions: Sequence[VersionFacts], profile: Profile) -> Iterator[Finding]:
    """Groups of the key exchange, and primes of finite fields."""
    wanted = f"groups of {profile.name}"
    groups = dict.fromkeys(group for facts in versions for group in facts.groups)
    for group in groups:
        if group not in profile.groups:
            weak = 0 < group_bits(group) < _LEAST_GROUP_BITS
            severity, why = (HIGH, "too small") if weak else (INFO, "not in the profile")
            yield Finding("group", severity, f"{group}: {why}", wanted, profile.source)
    small = min((facts.dh_bits for facts in versions if facts.dh_bits), default=_LEAST_DH_BITS)
    if small < _LEAST_DH_BITS:
        severity = CRITICAL if small <= 1024 else HIGH
        yield Finding(
            "dh_prime", severity, f"a prime of {small} bits", "2048 bits or more, or no DHE", "RFC 9325 section 4.1"
        )
    if not POST_QUANTUM & set(groups) and any(facts.version == "TLSv1.3" for facts in versions):
        severity = LOW if profile.post_quantum else INFO
        observed = "no post-quantum key exchange: recorded traffic may be decrypted in the future"
        yield Finding("post_quantum", severity, observed, "X25519MLKEM768", "Mozilla Server Side TLS 5.8")
