# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the observations of a server with a policy. Pure; every difference is reported.

A survey (tls_probe) has the facts; this room has the requirements. `judge` takes the facts in turn, and each check
yields a finding with severity, observation, requirement and source:

1. Offers: TLS versions, cipher suites and groups against the profile (`offer_checks`, `profiles`).
2. Identity: trust, pins, and the certificate's names, key, signature and validity (`certificate_checks`).
3. Client certificates, if the policy requires them.
4. The control connection: logins in cleartext, and commands that were injected before TLS.
5. The data connections: protection, resumption of the TLS session, the same certificate, PROT C and CCC.
6. The marked login, if it was asked for: a random name with a random password is refused.

A fact that was not observed yields no finding: the survey itself names the checks that could not be made. The findings
are sorted, the most severe first.
"""

from __future__ import annotations

from typing import FrozenSet, Iterator, NamedTuple, Tuple

from ..model.findings import CRITICAL, HIGH, LOW, MEDIUM, Finding, sorted_findings
from .certificate_checks import certificate_findings, pin_findings, trust_findings
from .offer_checks import group_findings, suite_findings, version_findings
from .profiles import Profile
from .survey import NOT_ASKED, OPTIONAL, ControlFacts, DataFacts, Survey

_SECURING_FTP = "RFC 4217"


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
        observed = "a random name and a random password are answered with %s" % survey.marked.let_in
        yield Finding("any_login", CRITICAL, observed, "unknown names refused", "RFC 959 section 5.4")


def _control_findings(facts: ControlFacts) -> Iterator[Finding]:
    wanted = "logins refused before AUTH TLS"
    if facts.clear_login:
        observed = "USER without TLS is answered with %s" % facts.clear_login
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
