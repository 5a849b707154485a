# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each operation of a client is tried at a scripted FTPS server. Real servers: integration/test_ftps_probe.py."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.session import FtpsSession
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.login_probe.ftps_exchange import (
    StepFailed,
    exchange,
    log_in,
    loopback_context,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    Credentials,
    PeerIdentity,
    TlsTrust,
)
from support.scripted.scripted_ftps import ScriptedFtps
from support.servers.ftps_server import credentials_of, endpoint_of, trust_of
from support.servers.tls_authority import authority


def tried(server: ScriptedFtps, directory: bytes | None = b"/in") -> PeerIdentity:
    (server.root / "in").mkdir(exist_ok=True)
    with closing(FtpsSession(endpoint_of(server, stall_timeout=5.0), credentials_of(server), trust_of(server))) as one:
        return log_in(one) if directory is None else exchange(one, directory)


@pytest.mark.parametrize("directory", [b"/in", None])
def test_a_server_that_serves(tmp_path: Path, directory: bytes | None) -> None:
    with ScriptedFtps(tmp_path) as server:
        assert tried(server, directory).protocol == "TLSv1.3"
        stored = [each for each in server.commands() if each.verb == b"STOR"]
    assert len(stored) == (directory is not None)
    assert list((tmp_path / "in").iterdir()) == []


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        ("login_refused", "the login fails: .*530"),
        ("refuses_stores", "STOR fails: "),
        ("failed_listing=0", "LIST fails: "),
        ("drops_stores", "RETR fails: the bytes read back differ from the bytes sent"),
        ("damages_stores", "RETR fails: the bytes read back differ from the bytes sent"),
        ("half_stores", "RETR fails: the bytes read back differ from the bytes sent"),
        ("truncated_reads=1", "RETR fails: the bytes read back differ from the bytes sent"),
        ("failing_downloads=10", "RETR fails: "),
    ],
)
def test_a_server_that_fails_is_left_without_the_file(tmp_path: Path, behaviour: str, words: str) -> None:
    with ScriptedFtps(tmp_path, behaviour) as server, pytest.raises(StepFailed, match=f"^{words}") as caught:
        tried(server)
    assert f"{caught.value.step} fails: {caught.value.error.message}" == str(caught.value)
    assert list((tmp_path / "in").iterdir()) == []


def test_a_login_that_fails(tmp_path: Path) -> None:
    with ScriptedFtps(tmp_path, "login_refused") as server, pytest.raises(StepFailed, match="the login fails: "):
        tried(server, None)


def test_a_server_on_loopback_is_proven_by_a_pin_alone() -> None:
    with pytest.raises(InvalidRequest, match="must be proven by a pin"):
        loopback_context(TlsTrust(), Credentials())
    assert not loopback_context(TlsTrust(pins=(authority().server().pin,)), Credentials()).check_hostname
