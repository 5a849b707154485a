# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole survey of small servers on loopback. Real servers: integration/test_tls_policy_findings.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    AuthenticationFailed,
    ConnectionFailed,
    ProtocolViolation,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    Credentials,
    Endpoint,
    TlsTrust,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.survey import (
    ControlFacts,
    DataFacts,
    MarkedFacts,
    Survey,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls_probe.dialer import Target
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls_probe.probe import survey_server
from support.scripted.scripted_ftps import ScriptedFtps
from support.servers.ftps_server import credentials_of, endpoint_of, trust_of
from support.servers.openssl_server import OpensslServer
from support.servers.tls_authority import EXPIRED, NOT_YET_VALID, Authority, authority, self_signed

MARK = "tls_probe-51ab0f0a9d1c5be2"
GOOD = DataFacts("", True, reuse_demanded=False, same_certificate=True, clear_first=False, prot_c=False, ccc=False)
NO_TLS = "there is no TLS, so no"
WELCOME = "230%20in%0D%0A"
LATER = "421%20later%0D%0A"


def survey(server: ScriptedFtps, *, account: bool = True, mark: str = "") -> Survey:
    credentials = credentials_of(server) if account else Credentials()
    endpoint = endpoint_of(server, stall_timeout=2.0, connect_timeout=20.0)
    return survey_server(Target(endpoint, credentials, trust_of(server), pause=0.0), mark)


def survey_of_tls(server: Any, **trust: Any) -> Survey:
    endpoint = Endpoint("ftps", server.host, server.port, connect_timeout=20.0, stall_timeout=20.0)
    found = survey_server(Target(endpoint, Credentials(), TlsTrust(mode="implicit", **trust), ftp=False, pause=0.0))
    assert (found.control, found.data, found.marked, found.error) == (None, None, None, None)
    return found


def reasons(found: Survey) -> dict[str, str]:
    return dict(found.not_checked)


@pytest.mark.parametrize(
    ("options", "versions"),
    [({}, ["TLSv1.2", "TLSv1.3"]), ({"tls": "1.2"}, ["TLSv1.2"]), ({"tls": "1.3", "implicit": True}, ["TLSv1.3"])],
    ids=["both", "1.2", "1.3"],
)
def test_a_server_without_a_fault_but_one(options: dict[str, Any], versions: list[str], tmp_path: Path) -> None:
    with ScriptedFtps(tmp_path, **options) as server:
        found = survey(server, mark=MARK)
        names = [each.argument for each in server.commands() if each.verb == b"USER"]
    assert [each.version for each in found.versions] == versions
    for each in found.versions:
        old = True if each.version == "TLSv1.2" else None
        assert each[3:] == (0, False, old, old)
        assert len(each.suites) == len({*each.suites}) > 1
        assert {"x25519", "secp256r1"} <= {*each.groups}
    assert found.identity == (((server.certificate.der,),), "", "", "not_asked")
    assert found.control == (None if "implicit" in options else ControlFacts(pipelined=True))
    assert (found.data, found.marked) == (GOOD, MarkedFacts(MARK))
    assert (found.refused, found.not_checked, found.error) == ("", (), None)
    assert sum(MARK.encode() in name for name in names) == 1
    assert found.connections > 20


@pytest.mark.parametrize(
    ("behaviour", "facts"),
    [
        ("no_epsv", GOOD),
        ("demands_reuse", GOOD._replace(reuse_demanded=True)),
        ("unresumed_data", GOOD._replace(resumed=False)),
        ("refused_data", GOOD._replace(protected="425", resumed=None, reuse_demanded=True, same_certificate=None)),
        ("plaintext_data", GOOD._replace(protected="TLS", resumed=None, same_certificate=None, clear_first=True)),
    ],
)
def test_data_connections(behaviour: str, facts: DataFacts, tmp_path: Path) -> None:
    with ScriptedFtps(tmp_path, behaviour) as server:
        found = survey(server).data
    assert found is not None
    assert facts.protected in found.protected
    assert found._replace(protected=facts.protected) == facts


def test_another_certificate_on_data_connections(tmp_path: Path) -> None:
    with ScriptedFtps(tmp_path, f"other_certificate={authority().server().combined}") as server:
        found = survey(server).data
    assert found is not None
    assert found.same_certificate is False


@pytest.mark.parametrize(
    ("behaviours", "control", "why"),
    [
        ([], ControlFacts(pipelined=True), ""),
        (["refuses_unknown"], ControlFacts(pipelined=True), "with and without TLS: 530"),
        ([f"user_answered={LATER}"], ControlFacts(pipelined=True), "for good: 421 later"),
        (["user_answered="], ControlFacts(pipelined=True), "no reply inside TLS to compare with"),
        ([f"user_answered={WELCOME}"], ControlFacts("230 in", clear_anonymous=True, pipelined=True), ""),
        (["user_answered=331%20who%0D%0A"], ControlFacts("331 who", pipelined=True), ""),
    ],
)
def test_cleartext_logins(behaviours: list[str], control: ControlFacts, why: str, tmp_path: Path) -> None:
    with ScriptedFtps(tmp_path, *behaviours) as server:
        found = survey(server, account=False)
    assert found.control is not None
    assert found.control._replace(clear_login_unknown="") == control
    assert (found.control.clear_login_unknown != "", why in found.control.clear_login_unknown) == (why != "", True)
    missing = {"cleartext login": found.control.clear_login_unknown} if why else {}
    assert reasons(found) == {**missing, "data connections": "no account was given"}


def test_a_server_without_tls_gets_no_secret(tmp_path: Path) -> None:
    with ScriptedFtps(tmp_path, "auth_refused") as server:
        found = survey(server, mark=MARK)
        assert not any(each.argument == server.password.encode() for each in server.commands())
    assert found.refused.endswith("the server does no TLS: 502 AUTH not understood")
    assert (found.versions, found.data, found.marked, found.error) == ((), None, None, None)
    assert found.control is not None
    assert found.control.pipelined is None
    assert reasons(found)["data connections"] == f"{NO_TLS} password was sent"
    assert reasons(found)["marked login"] == f"{NO_TLS} name was sent"


def test_a_server_that_is_not_proven_gets_no_secret(tmp_path: Path) -> None:
    with ScriptedFtps(tmp_path, certificate=self_signed()) as server:
        found = survey(server, mark=MARK)
        sent = b" ".join(each.argument for each in server.commands())
    assert (server.password.encode() in sent, MARK.encode() in sent) == (False, False)
    assert (found.data, found.error) == (None, None)
    assert reasons(found).keys() == {"data connections", "marked login"}
    assert all("the server is not proven, so no " in why for why in reasons(found).values())
    assert (found.identity.untrusted, found.identity.outdated) == ("self-signed certificate", "")


def test_a_refused_account_ends_the_survey(tmp_path: Path) -> None:
    with ScriptedFtps(tmp_path, "login_refused") as server:
        found = survey(server, mark=MARK)
    assert isinstance(found.error, AuthenticationFailed)
    assert reasons(found) == {"data connections": found.error.message, "marked login": "the check ended early"}
    assert len(found.versions) == 2


@pytest.mark.parametrize(
    ("behaviours", "account", "facts"),
    [
        ([f"pass_answered={WELCOME}"], False, MarkedFacts(MARK, let_in="230 in")),
        (["refuses_unknown"], False, MarkedFacts(unknown="before a password, and no account was given: 530")),
        (["refuses_unknown"], True, MarkedFacts(MARK)),
        (["user_answered="], False, MarkedFacts(unknown="the connection was cut")),
    ],
)
def test_marked_logins(behaviours: list[str], account: bool, facts: MarkedFacts, tmp_path: Path) -> None:
    with ScriptedFtps(tmp_path, *behaviours) as server:
        found = survey(server, account=account, mark=MARK)
        deleted = [each.argument for each in server.commands() if each.verb == b"DELE"]
    assert found.marked is not None
    assert found.marked._replace(unknown="") == facts._replace(unknown="")
    assert facts.unknown in found.marked.unknown
    assert ("marked login" in reasons(found)) is bool(found.marked.unknown) is bool(facts.unknown)
    assert len(deleted) == (behaviours == ["refuses_unknown"] and account)


def test_a_server_that_fails_at_once_has_no_survey(tmp_path: Path) -> None:
    with ScriptedFtps(tmp_path, "auth_pipelined") as server:
        with pytest.raises(ProtocolViolation):
            survey(server)
        server.stop()
        with pytest.raises(ConnectionFailed):
            survey(server)


@pytest.mark.parametrize(
    ("validity", "outdated"), [(EXPIRED, "expired"), (NOT_YET_VALID, "not yet valid")], ids=["expired", "early"]
)
def test_a_certificate_that_is_not_valid_now(validity: Any, outdated: str, tmp_path: Path) -> None:
    with ScriptedFtps(tmp_path, certificate=authority().server(validity=validity)) as server:
        found = survey(server, account=False).identity
    assert (found.untrusted, found.outdated is not None and outdated in found.outdated) == ("", True)


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
@pytest.mark.parametrize(
    ("arguments", "asked"), [((), "not_asked"), (("-verify", "1"), "optional"), (("-Verify", "1"), "required")]
)
def test_a_client_certificate(version: str, arguments: tuple[str, ...], asked: str) -> None:
    with OpensslServer(version, *arguments) as server:
        found = survey_of_tls(server)
    assert (found.identity.client_certificate, found.not_checked) == (asked, ())


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_the_whole_chain_is_seen(version: str) -> None:
    top = Authority("top")
    below = Authority("below", above=top)
    leaf = below.server()
    with OpensslServer(version, "-cert_chain", str(below.file), certificate=leaf) as server:
        found = survey_of_tls(server, ca_file=str(top.file)).identity
    assert [len(chain) for chain in found.chains] == [2]
    assert (found.chains[0][0], found.untrusted) == (leaf.der, "")
