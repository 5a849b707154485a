# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""FTPS sessions among real processes with the name of vsftpd. Without root there is only one user id: then the test
itself knows the users."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.passwords import ftps_sessions
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.passwords.ftps_sessions import (
    end_sessions,
    sessions_of,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.process_tree import user_of
from support.running.processes import alive, end, spawn

USER, OTHER, NOBODY = 2_100_000_000 + os.getpid(), 2_000_000_000 + os.getpid(), 65534
"""No account and no other run of this test has the first two."""
PROCESSES = """
import os, signal, sys, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
def serve(user, *rest):
    if os.fork():
        return
    if rest:
        serve(*rest)
    if os.geteuid() == 0:
        os.setuid(user)
    os.write(1, b"%d %d\\n" % (os.getpid(), user))
    while True:
        time.sleep(600)
signal.signal(signal.SIGUSR1, lambda *_arguments: serve(int(sys.argv[1])))
for line in sys.argv[2:]:
    serve(*map(int, line.split(",")))
while True:
    time.sleep(600)
"""
"""Each argument has the users of a process, its child, and so on. After the signal a process has a child of USER."""


class Server:
    """A listener with its connections. users: of each process"""

    def __init__(self, directory: Path, name: str) -> None:
        self.program = directory / name
        self.program.symlink_to(os.path.realpath(sys.executable))
        self.users: dict[int, int] = {}
        self._process: subprocess.Popen | None = None

    def start(self, *connections: str) -> list[int]:
        """Start it, and return its processes without the listener."""
        command = [str(self.program), "-c", PROCESSES, str(USER), *connections]
        self._process = spawn(command, stdout=subprocess.PIPE, text=True)
        self.users[self._process.pid] = 0
        return [self.began() for _user in ",".join(connections).split(",")]

    def began(self) -> int:
        """Wait for the next process, and return it."""
        pid, user = map(int, self._process.stdout.readline().split())
        self.users[pid] = user
        return pid

    def stop(self) -> None:
        if self._process is not None:
            end(self._process)
            self._process.stdout.close()


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Server]:
    made = Server(tmp_path, getattr(request, "param", "vsftpd"))
    monkeypatch.setattr(ftps_sessions, "_LOGIN_SECONDS", 0.2)
    if os.geteuid() != 0:
        monkeypatch.setattr(ftps_sessions, "user_of", lambda pid: made.users.get(pid, user_of(pid)))
    yield made
    made.stop()


def now() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def pids(user: int) -> list[int]:
    return [each.pid for each in sessions_of(user)]


@pytest.mark.parametrize(
    "session",
    [f"{USER}", f"{NOBODY},{USER}", f"{NOBODY},{NOBODY},{USER}"],
    ids=["its own", "with a helper", "with two helpers"],
)
def test_a_session_is_ended_with_its_connection(server: Server, session: str) -> None:
    server.start(session, f"{OTHER},{OTHER}")
    mine = [pid for pid, user in server.users.items() if user not in (0, OTHER)]
    others = [pid for pid, user in server.users.items() if user in (0, OTHER)]
    found = pids(USER)
    assert len(found) == 1
    assert [each.pid for each in end_sessions(USER, now())] == found
    assert (list(map(alive, mine)), list(map(alive, others))) == ([False] * len(mine), [True] * 3)
    assert pids(USER) == []


def test_a_later_session_stays(server: Server) -> None:
    server.start(f"{NOBODY},{USER}")
    (session,) = sessions_of(USER)
    assert end_sessions(USER, session.began - 0.01) == []
    assert [session] == sessions_of(USER)
    assert end_sessions(USER, session.began) == [session]


def test_the_process_of_root_is_no_login_of_root(server: Server) -> None:
    server.start("0", f"{NOBODY},0")
    assert len(pids(0)) == 1


@pytest.mark.parametrize("server", ["vsftpd2"], indirect=True)
def test_processes_of_another_name(server: Server) -> None:
    server.start(f"{USER}")
    assert pids(USER) == []


def test_a_server_that_an_account_started(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.start(f"{USER}")
    monkeypatch.setattr(ftps_sessions, "user_of", lambda pid: server.users.get(pid) or 7)
    assert pids(USER) == []


def test_a_server_in_a_container(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.start(f"{USER}")
    monkeypatch.setattr(ftps_sessions, "is_of_this_host", lambda _pid: False)
    assert pids(USER) == []


def test_a_login_that_is_under_way(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ftps_sessions, "_LOGIN_SECONDS", 60.0)
    (connection,) = server.start("0")
    logged_in: list[int] = []

    def sleep(_seconds: float) -> None:
        if not logged_in:
            time.sleep(0.05)  # the new process begins later than the moment, also in ticks of the kernel
            os.kill(connection, signal.SIGUSR1)
            logged_in.append(server.began())

    monkeypatch.setattr(ftps_sessions, "time", SimpleNamespace(monotonic=time.monotonic, sleep=sleep))
    assert [each.pid for each in end_sessions(USER, now())] == [connection]
    assert (len(logged_in), alive(logged_in[0]), alive(connection)) == (1, False, False)


def test_a_connection_without_a_login_is_watched_for_a_limited_time(server: Server) -> None:
    (connection,) = server.start(f"{NOBODY}")
    assert end_sessions(USER, now()) == []
    assert alive(connection)


def test_another_process_with_the_number_of_a_session(server: Server) -> None:
    server.start(f"{USER}")
    (session,) = sessions_of(USER)
    assert ftps_sessions._is_of(USER, session)
    assert not ftps_sessions._is_of(USER, session._replace(began=session.began - 1))
