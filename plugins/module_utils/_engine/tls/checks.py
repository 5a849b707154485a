# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the observations of a server with a policy. Pure; every difference is reported.

A survey (tls_probe) has the facts; this room has the requirements. `judge` takes the facts in turn, and each check
yields a finding with severity, observation, requirement and source:

1. Offers: TLS versions, cipher suites and groups against the profile (`offer_checks`, `profiles`).
2. Identity: trust, pins, and the certificate's names, key, signature and validity.
3. Client certificates, if the policy requires them.
4. The control connection: logins in cleartext, and commands that were injected before TLS.
5. The data connections: protection, resumption of the TLS session, the same certificate, PROT C and CCC.
6. The marked login, if it was asked for: a random name with a random password is refused.

A fact that was not observed yields no finding: the survey itself names the checks that could not be made. The findings
are sorted, the most severe first.

"""

from __future__ import annotations

import ipaddress
from typing import FrozenSet, Iterator, NamedTuple, Sequence, Tuple

from ..model.findings import CRITICAL, HIGH, INFO, LOW, MEDIUM, Finding, sorted_findings
from ..model.human import counted
from ..model.utc import utc
from .certificate import CertificateFacts, read_certificate
from .offer_checks import group_findings, suite_findings, version_findings
from .profiles import Profile
from .spki import pin_of
from .survey import NOT_ASKED, OPTIONAL, ControlFacts, DataFacts, Identity, Survey

_SECURING_FTP = "RFC 4217"
_DAY = 86400
_RSA_BROKEN = 1024
_LEAST_EC_BITS = 224
_WEAK_DIGESTS = (("md2", CRITICAL), ("md5", CRITICAL), ("sha1", HIGH))
_REVOCATION = "RFC 9325 section 7.5"


class Policy(NamedTuple):
    """The requirements for a server.

    profile: the requirements for TLS
    host: the name that the certificate must be for
    client_certificate: whether the server must require a client certificate
    session_reuse: whether data connections must resume the control connection's session
    pins: "sha256//BASE64"; if given, one must match the certificate's key
    """

    profile: Profile
    host: str
    client_certificate: bool = False
    session_reuse: bool = True
    pins: FrozenSet[str] = frozenset()


def judge(survey: Survey, policy: Policy, now: float) -> Tuple[Finding, ...]:
    """Return all differences, the most severe first. now: seconds since 1970."""
    return sorted_findings(_all(survey, policy, now))


def _all(survey: Survey, policy: Policy, now: float) -> Iterator[Finding]:
    if survey.refused:
        yield Finding("tls_missing", CRITICAL, survey.refused, "TLS", _SECURING_FTP)
    elif not survey.versions and survey.error is None:
        yield Finding("tls_missing", CRITICAL, "no TLS version is offered", "TLS", "RFC 9325 section 3.1")
    else:
        yield from version_findings(survey.versions, policy.profile)
    yield from suite_findings(survey.versions, policy.profile)
    yield from group_findings(survey.versions, policy.profile)
    yield from trust_findings(survey.identity)
    yield from pin_findings(survey.identity, policy.pins)
    yield from certificate_findings(survey.identity, policy.profile, policy.host, now)
    if policy.client_certificate and survey.identity.client_certificate in (NOT_ASKED, OPTIONAL):
        observed = "not requested" if survey.identity.client_certificate == NOT_ASKED else "requested, not required"
        yield Finding("client_certificate", HIGH, observed, "a client certificate required", "require_client_cert")
    if survey.control is not None:
        yield from _control_findings(survey.control)
    if survey.data is not None:
        yield from _data_findings(survey.data, policy)
    if survey.marked is not None and survey.marked.let_in:
        observed = f"a random name and a random password are answered with {survey.marked.let_in}"
        yield Finding("any_login", CRITICAL, observed, "unknown names refused", "RFC 959 section 5.4")


def _control_findings(facts: ControlFacts) -> Iterator[Finding]:
    wanted = "logins refused before AUTH TLS"
    if facts.clear_login:
        observed = f"USER without TLS is answered with {facts.clear_login}"
        yield Finding("cleartext_login", CRITICAL, observed, wanted, _SECURING_FTP)
    if facts.clear_anonymous:
        yield Finding("cleartext_anonymous", MEDIUM, "anonymous logs in without TLS", wanted, _SECURING_FTP)
    if facts.pipelined:
        observed = "a cleartext command sent after AUTH TLS was run inside TLS"
        yield Finding("command_injection", HIGH, observed, "such bytes discarded", "CVE-2011-0411, CVE-2021-3618")


def _data_findings(facts: DataFacts, policy: Policy) -> Iterator[Finding]:
    source = "RFC 4217 section 9"
    if facts.protected:
        yield Finding("data_tls", MEDIUM, facts.protected, "data connections over TLS", source)
    if facts.clear_first:
        yield Finding("data_clear", HIGH, "a listing came in cleartext without PROT", "data refused", source)
    if facts.clear:
        yield Finding("data_clear", HIGH, "a listing came in cleartext after PROT C", "cleartext data refused", source)
    if facts.prot_c:
        severity = LOW if facts.clear is False else HIGH
        yield Finding("prot_c", severity, "PROT C is accepted", "PROT C refused", source)
    if facts.ccc:
        yield Finding("ccc", HIGH, "CCC is accepted", "the control connection stays in TLS", "RFC 4217 section 6")
    if facts.same_certificate is False:
        observed = "the data connection shows another certificate"
        wanted = "the control connection's certificate"
        yield Finding("data_certificate", HIGH, observed, wanted, "RFC 4217 section 7")
    if policy.session_reuse and facts.reuse_demanded is False:
        observed = "a data connection with a new TLS session is accepted: others may take it over"
        wanted = "TLS session resumption on data connections"
        yield Finding("data_session_reuse", MEDIUM, observed, wanted, "RFC 4217 section 10")


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
        observed = f"{facts.subject or 'the certificate'} is for {', '.join(facts.names[:20]) or 'no name'}"
        yield Finding("host_name", HIGH, observed, host, "RFC 9525, RFC 9325 section 7.1")
    yield from _date_findings(facts, profile, now)
    yield from _key_findings(facts, profile)
    if not facts.ocsp and not facts.crl:
        yield Finding("revocation", INFO, "no OCSP or CRL address", "an OCSP or CRL address", _REVOCATION)


def _date_findings(facts: CertificateFacts, profile: Profile, now: float) -> Iterator[Finding]:
    source = "RFC 5280 section 4.1.2.5"
    if now > facts.not_after:
        yield Finding("certificate_expired", HIGH, f"ended {utc(facts.not_after)}", "a valid certificate", source)
    elif now < facts.not_before:
        observed = f"begins {utc(facts.not_before)}"
        yield Finding("certificate_not_yet_valid", HIGH, observed, "a valid certificate", source)
    elif facts.not_after - now < profile.expiry_days * _DAY:
        observed = f"ends {utc(facts.not_after)}"
        wanted = f"valid for {counted(profile.expiry_days, 'day')} or more"
        yield Finding("certificate_expires_soon", LOW, observed, wanted, "operation")
    days = (facts.not_after - facts.not_before) / _DAY
    if days > profile.lifespan_days + 1:
        observed = f"a life of {counted(round(days), 'day')}"
        wanted = f"{counted(profile.lifespan_days, 'day')} or less"
        yield Finding("certificate_lifespan", INFO, observed, wanted, profile.source)


def _key_findings(facts: CertificateFacts, profile: Profile) -> Iterator[Finding]:
    size = f"{facts.curve or facts.key_type}, {facts.key_bits} bits"
    if facts.key_type == "rsa" and facts.key_bits < profile.rsa_bits:
        severity = CRITICAL if facts.key_bits < _RSA_BROKEN else HIGH
        yield Finding("key_size", severity, size, f"{profile.rsa_bits} bits or more", "RFC 9325 section 4.5")
    elif facts.key_type == "rsa" and facts.key_bits < profile.rsa_bits_soon:
        yield Finding("key_size", INFO, size, f"{profile.rsa_bits_soon} bits or more", "BSI TR-02102-2")
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
            observed = f"{facts.subject}, signed with {facts.signature}"
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
