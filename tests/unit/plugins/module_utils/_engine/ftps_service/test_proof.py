# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A candidate is proven by a session, and its TLS is checked. The FTPS server is a scripted server, which can fail at
each step. It has no anonymous account and no data connection without TLS: the test gives the session an account, and
data_facts is a double (tests/integration has both with real servers)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import CandidateFailed, SyncError
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps_service import apply as proof
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps_service.candidate import Candidate
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps_service.key_pair import (
    KeyPair,
    load_key_pair,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import Credentials, Endpoint
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.survey import NOT_ASKED, DataFacts
from support.scripted.ftps_commands import PASSWORD, USER
from support.scripted.scripted_ftps import ScriptedFtps
from support.servers.tls_authority import self_signed

DATA = DataFacts(resumed=True)


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> None:
    def endpoint(protocol: str, host: str, port: int, user: str, **times: float) -> Endpoint:
        assert user == "anonymous"
        return Endpoint(protocol, host, port, USER, **times)

    monkeypatch.setattr(proof, "Endpoint", endpoint)
    monkeypatch.setattr(proof, "_CREDENTIALS", Credentials(password=PASSWORD))
    monkeypatch.setattr(proof, "data_facts", lambda _dialer: DATA)


def serving(tmp_path: Path, *behaviours: str, **options: Any) -> tuple[ScriptedFtps, Candidate, KeyPair]:
    """Return a server that runs within `with`, as a candidate with its key pair."""
    (tmp_path / "tree/incoming").mkdir(parents=True)
    (tmp_path / "log").write_text("the end of the log\n")
    server = ScriptedFtps(tmp_path / "tree", *behaviours, certificate=self_signed(), **options)
    return server, Candidate(0, str(tmp_path)), pair_of(server)


def pair_of(server: ScriptedFtps) -> KeyPair:
    return load_key_pair(str(server.certificate.chain), str(server.certificate.key))


@pytest.mark.parametrize("implicit", [False, True])
def test_a_candidate_that_serves(tmp_path: Path, implicit: bool) -> None:
    server, candidate, pair = serving(tmp_path, implicit=implicit)
    with server:
        candidate = candidate._replace(port=server.port)
        found = proof.served(candidate, pair, implicit=implicit)
        assert proof.demands_certificate(candidate, pair, implicit=implicit) == NOT_ASKED
    assert found.peer.data_channel_resumed
    assert {each.version for each in found.survey.versions} == {"TLSv1.2", "TLSv1.3"}
    assert found.survey.identity.chains == (pair.chain,)
    assert (found.survey.identity.untrusted, found.survey.identity.outdated) == ("", "")
    assert (found.survey.control is None) is implicit, "only explicit TLS has commands in clear"
    assert found.survey.data == DATA
    assert found.survey.connections > 5
    assert list((tmp_path / "tree/incoming").iterdir()) == []


@pytest.mark.parametrize(
    ("behaviour", "step"),
    [
        ("login_refused", "the login"),
        ("refuses_stores", "STOR"),
        ("failed_listing", "LIST"),
        ("drops_stores", "RETR"),
        ("lying_read", "RETR"),
    ],
)
def test_a_step_that_fails(tmp_path: Path, behaviour: str, step: str) -> None:
    server, candidate, pair = serving(tmp_path, behaviour)
    with server, pytest.raises(CandidateFailed, match=f"new configuration {step} fails.*the end of the log") as caught:
        proof.served(candidate._replace(port=server.port), pair, implicit=False)
    assert caught.value.cure == "Nothing was changed: the old configuration is in place."


def test_another_server_on_its_port(tmp_path: Path) -> None:
    """Its certificate is not the candidate's."""
    server, candidate, _pair = serving(tmp_path)
    other = pair_of(ScriptedFtps(tmp_path, certificate=self_signed()))
    with server:
        with pytest.raises(CandidateFailed, match="the login fails"):
            proof.served(candidate._replace(port=server.port), other, implicit=False)
        assert not any(each.verb == b"PASS" for each in server.commands())


def test_a_check_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_dialer: object) -> None:
        raise SyncError("no answer")

    monkeypatch.setattr(proof, "offered", fail)
    server, candidate, pair = serving(tmp_path)
    with server:
        candidate = candidate._replace(port=server.port)
        with pytest.raises(CandidateFailed, match="the check of its TLS offer fails on loopback: no answer"):
            proof.served(candidate, pair, implicit=False)
        with pytest.raises(CandidateFailed, match="request for a client certificate fails on loopback: no answer"):
            proof.demands_certificate(candidate, pair, implicit=False)
