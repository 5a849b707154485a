# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A policy is written, or refused with the file unchanged. File, certificate and options are real; the server and its
checks are doubles, which are real in tests/hosts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    CandidateFailed,
    InvalidRequest,
    TrustStoreUnreadable,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps_service import apply as subject
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps_service.apply import (
    ApplyReport,
    ApplyRequest,
    Served,
    apply_policy,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import PeerIdentity
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.findings import LOW, MEDIUM, Finding
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.checks import Policy
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.profiles import profile_named
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.survey import (
    REQUIRED,
    Identity,
    Survey,
)
from support.servers.tls_authority import authority

BEFORE = "listen=YES\n"
PEER = PeerIdentity("TLSv1.3", cipher="C")


class Server:
    """candidates: text and demand of each. implicit: of each check. judged: surveys with their policies

    findings: of the candidate. broken: whether it does not serve
    """

    def __init__(self, config: Path) -> None:
        self.config, self.before = config, BEFORE
        self.certificate = authority().server("files.example.com")
        self.candidates: list[tuple[str, bool]] = []
        self.implicit: list[bool] = []
        self.judged: list[tuple[Survey, Policy]] = []
        self.findings: tuple[Finding, ...] = ()
        self.broken = False

    @contextmanager
    def running(self, _daemon: object, binary: Any, text: str, *, demand: bool) -> Iterator[str]:
        assert self.config.read_text() == self.before, "the file is replaced after all checks"
        assert binary.version == "3.0.5"
        self.candidates.append((text, demand))
        if self.broken:
            raise CandidateFailed("does not serve")
        yield "candidate"

    def served(self, candidate: str, _pair: object, *, implicit: bool) -> Served:
        self.implicit.append(implicit)
        return Served(PEER, Survey(identity=Identity(untrusted="", outdated="")))

    def demands(self, candidate: str, _pair: object, *, implicit: bool) -> str:
        self.implicit.append(implicit)
        return REQUIRED

    def judge(self, survey: Survey, policy: Policy, _now: float) -> tuple[Finding, ...]:
        self.judged.append((survey, policy))
        return self.findings

    def apply(self, **options: Any) -> ApplyReport:
        request = ApplyRequest(
            "vsftpd",
            profile_named("intermediate"),
            str(self.certificate.chain),
            str(self.certificate.key),
            config_file=str(self.config),
        )
        return apply_policy(ApplyRequest(**{**vars(request), **options}))


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    config = tmp_path / "vsftpd.conf"
    config.write_text(BEFORE)
    config.chmod(0o600)
    made = Server(config)
    binary = SimpleNamespace(version="3.0.5", takes=lambda _name, _value: True)
    monkeypatch.setattr(subject, "find_binary", lambda _daemon: binary)
    for name, double in (("running", made.running), ("served", made.served), ("judge", made.judge)):
        monkeypatch.setattr(subject, name, double)
    monkeypatch.setattr(subject, "demands_certificate", made.demands)
    return made


def finding(severity: str) -> Finding:
    return Finding("id", severity, "an old cipher", "a new cipher", "source")


def test_a_policy_is_written_once(server: Server) -> None:
    report = server.apply()
    assert (report.changed, report.before, server.config.read_text()) == (True, BEFORE, report.after)
    assert server.candidates == [(report.after, False)]
    assert (report.peer, report.findings, report.version) == (PEER, (), "3.0.5")
    again = server.apply()
    assert (again.changed, again.peer, len(server.candidates)) == (False, None, 1)


def test_check_mode_tests_everything_and_writes_nothing(server: Server) -> None:
    report = server.apply(check_mode=True)
    assert (report.changed, report.peer) == (True, PEER)
    assert (len(server.candidates), server.config.read_text()) == (1, BEFORE)


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_severe_finding_refuses_the_policy(server: Server, *, check_mode: bool) -> None:
    server.findings = (finding(LOW), finding(MEDIUM))
    with pytest.raises(CandidateFailed, match=r"vsftpd 3\.0\.5 cannot keep intermediate\S*: an old cipher \(medium"):
        server.apply(check_mode=check_mode)
    assert server.config.read_text() == BEFORE


def test_a_light_finding_is_reported(server: Server) -> None:
    server.findings = (finding(LOW),)
    report = server.apply()
    assert (report.findings, server.config.read_text()) == (server.findings, report.after)


def test_a_candidate_that_fails(server: Server) -> None:
    server.broken = True
    with pytest.raises(CandidateFailed):
        server.apply()
    assert server.config.read_text() == BEFORE


def test_client_certificates(server: Server) -> None:
    """Operations are tested without the requirement, and then the requirement itself."""
    ca = str(authority().file)
    report = server.apply(client_ca_file=ca, require_client_cert=True)
    assert server.candidates == [(report.after, False), (report.after, True)]
    ((survey, policy),) = server.judged
    assert (survey.identity.client_certificate, survey.identity.untrusted) == (REQUIRED, "")
    assert policy.client_certificate
    assert ("ca_certs_file", ca) in report.options


def test_authorities_without_the_requirement_are_not_used(server: Server) -> None:
    report = server.apply(client_ca_file=str(authority().file))
    assert server.candidates == [(report.after, False)]
    assert "ca_certs_file" not in dict(report.options)
    assert not server.judged[0][1].client_certificate


@pytest.mark.parametrize("ca", [None, "/no/authority.pem"])
def test_the_requirement_without_authorities(server: Server, ca: str | None) -> None:
    with pytest.raises(InvalidRequest if ca is None else TrustStoreUnreadable):
        server.apply(client_ca_file=ca, require_client_cert=True)
    assert server.candidates == []


@pytest.mark.parametrize("reuse", [True, False])
def test_the_policy(server: Server, *, reuse: bool) -> None:
    report = server.apply(require_session_reuse=reuse)
    ((_survey, policy),) = server.judged
    assert (policy.profile, policy.host) == (report.profile, "files.example.com")
    assert policy.session_reuse is reuse
    assert dict(report.options)["require_ssl_reuse"] == ("YES" if reuse else "NO")


@pytest.mark.parametrize("implicit", [False, True])
def test_the_mode_of_the_file_is_kept(server: Server, *, implicit: bool) -> None:
    server.before = f"listen=YES\nimplicit_ssl={'YES' if implicit else 'NO'}\n"
    server.config.write_text(server.before)
    server.apply(client_ca_file=str(authority().file), require_client_cert=True)
    assert server.implicit == [implicit, implicit]


def test_further_options(server: Server) -> None:
    report = server.apply(further={"max_clients": 5})
    assert report.options[-1] == ("max_clients", "5")
    assert "max_clients=5\n" in report.block
    with pytest.raises(InvalidRequest):
        server.apply(further={"ssl_enable": False})
