# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A port that serves something else than it was asked for: the cause and its cure, without a second attempt."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.scenes.ftps_runs import FtpsRuns
from support.scenes.sync_runs import Ran, SyncRuns
from support.servers.ftps_server import trust_of
from support.servers.proxy import Fault, Proxy
from support.servers.sshd import Sshd
from support.servers.vsftpd import Vsftpd
from support.trees.real_tree import write_tree

CONNECT_TIMEOUT = 4.0
WITHIN_THE_CERTIFICATE = 600
"""Bytes from the server: behind its choice of a cipher, before its last message of the handshake."""


class Place:
    """Where a run is sent instead of to its server."""

    def __init__(self, port: int) -> None:
        self.host, self.port = "127.0.0.1", port


class Runs(FtpsRuns):
    """tls_mode may be set: `mode`."""

    mode = "explicit"

    def _login(self) -> dict[str, Any]:
        return {**super()._login(), "tls": trust_of(self.server, mode=self.mode)}


@pytest.fixture(scope="module")
def explicit() -> Iterator[Vsftpd]:
    with Vsftpd() as server:
        yield server


@pytest.fixture(scope="module")
def implicit() -> Iterator[Vsftpd]:
    with Vsftpd(implicit=True) as server:
        yield server


@pytest.fixture(scope="module")
def sshd() -> Iterator[Sshd]:
    with Sshd() as server:
        yield server


@pytest.fixture
def silent() -> Iterator[Place]:
    """The kernel accepts the connection, and the server never sends anything."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield Place(listener.getsockname()[1])


def ran(server: Any, tmp_path: Path, place: Any, *, mode: str = "explicit", kind: type[SyncRuns] = Runs) -> Ran:
    """One run that may not succeed, sent to `place`; it may try again three times."""
    near = tmp_path / "near"
    write_tree(os.fsencode(near), {b"f": b"x"})
    runs = kind(server, near, server.root / "far", push=True, state_dir=tmp_path / "state", through=place)
    if isinstance(runs, Runs):
        runs.mode = mode
    done = runs.run(connect_timeout=CONNECT_TIMEOUT, retries=3)
    assert done.report.error is not None
    assert runs.sleeps == [], "it was tried again"
    assert done.seconds < 3 * CONNECT_TIMEOUT, "longer than one wait, as four attempts would be"
    assert f"port {place.port}" in done.report.error.message
    return done


@pytest.mark.parametrize("mode", ["explicit", "implicit"])
def test_ftps_to_an_ssh_server(explicit: Vsftpd, sshd: Sshd, tmp_path: Path, mode: str) -> None:
    error = ran(explicit, tmp_path, sshd, mode=mode).report.error
    assert error.code == "not_tls"
    assert "this is an SSH server: SSH-2.0-OpenSSH" in error.message
    assert "protocol to sftp" in error.cure


def test_explicit_tls_to_an_implicit_server(explicit: Vsftpd, implicit: Vsftpd, tmp_path: Path) -> None:
    error = ran(explicit, tmp_path, implicit).report.error
    assert error.code == "tls_refused"
    assert error.cure == "Set tls_mode to implicit."


def test_implicit_tls_to_an_explicit_server(explicit: Vsftpd, tmp_path: Path) -> None:
    error = ran(explicit, tmp_path, explicit, mode="implicit").report.error
    assert error.code == "not_tls"
    assert "220" in error.message
    assert error.cure == "Set tls_mode to explicit."


@pytest.mark.parametrize("mode", ["explicit", "implicit"])
def test_ftps_to_a_server_that_says_nothing(explicit: Vsftpd, silent: Place, tmp_path: Path, mode: str) -> None:
    error = ran(explicit, tmp_path, silent, mode=mode).report.error
    assert error.code == "silent_server"
    assert "port and tls_mode" in error.cure


def test_a_handshake_that_breaks_off_is_no_silence(implicit: Vsftpd, tmp_path: Path) -> None:
    near = tmp_path / "near"
    write_tree(os.fsencode(near), {b"f": b"x"})
    with Proxy(implicit.port) as proxy:
        runs = Runs(implicit, near, implicit.root / "far", push=True, state_dir=tmp_path / "state", through=proxy)
        runs.mode = "implicit"
        proxy.arm(Fault("stall", "down", after=WITHIN_THE_CERTIFICATE))
        done = runs.run(connect_timeout=2.0, retries=1)
    assert not done.failed, done
    assert len(runs.sleeps) == 1
