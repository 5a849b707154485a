# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions of a user, among real processes with the names, titles and parents of sshd's. Their users are given here,
because other users need root; hosts have a real sshd."""

from __future__ import annotations

import os
import pwd
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from shlex import quote
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd import account_sessions

UNUSED = PARTNER = 4_000_000


def test_a_user_without_sessions() -> None:
    assert account_sessions.sessions_of(UNUSED) == []
    assert account_sessions.end_sessions(UNUSED, 1e12) == 0


SERVES = {"sshd: root": "root", "sshd-session: root@pts/0,pts/1": "root", "sshd: partner@example.com": "partner"}
OTHERS = """sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups|/usr/sbin/sshd -D|sshd: /usr/sbin/sshd
sshd-session: root [priv]|sshd-session: root [net]|sshd: root [pam]|sshd: [accepted]|sshd: unknown [priv]|sshd|"""


@pytest.mark.parametrize(
    ("title", "name"), [*SERVES.items(), *((each, None) for line in OTHERS.split("\n") for each in line.split("|"))]
)
def test_titles_of_processes_that_serve_a_login(title: str, name: str | None) -> None:
    found = account_sessions._SERVES.match(title)
    assert (found and found["name"]) == name


@pytest.mark.parametrize("name", ["partner", "CORP\\alice", "name of a directory"])
def test_titles_of_processes_that_watch_a_login(name: str) -> None:
    for program in ("sshd", "sshd-session"):
        found = account_sessions._WATCHES.match(f"{program}: {name} [priv]")
        assert found["name"] == name
        assert not account_sessions._WATCHES.match(f"{program}: {name} [net]")


class Processes:
    """Processes of a program `sshd`. pids: by title"""

    def __init__(self, directory: Path) -> None:
        self.pids: dict[str, int] = {}
        self._program = directory / "sshd"
        self._program.symlink_to("/bin/bash")
        self._trees: list[subprocess.Popen[str]] = []

    def start(self, title: str, children: dict[str, Any]) -> None:
        """Start a process with a title, and its children with theirs."""
        tree = subprocess.Popen(
            [title, "-c", self._script(title, children)],
            executable=self._program,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._trees.append(tree)
        assert tree.stdout is not None
        for _each in range(1 + str(children).count("{") - 1):
            pid, _blank, of = tree.stdout.readline().strip().partition(" ")
            self.pids[of] = int(pid)

    def _script(self, title: str, children: dict[str, Any]) -> str:
        below = [
            f"(exec -a {quote(name)} {quote(str(self._program))} -c {quote(self._script(name, those))}) <&0 &"
            for name, those in children.items()
        ]
        return "\n".join([*below, f"echo $$ {quote(title)}; read -r _"])

    def ended(self, title: str) -> bool:
        state = Path(f"/proc/{self.pids[title]}/stat")
        return not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z"

    def stop(self) -> None:
        for tree in self._trees:
            tree.communicate()


class Host:
    """A host with the sessions of a partner, of root, and connections before their login."""

    def __init__(self, processes: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
        self.processes, self.users = processes, {PARTNER: []}
        inner = {"sshd: /usr/sbin/sshd -p 2222 [listener]": {"sshd: root@pts/9": {}}}
        partner = {"sshd: partner@notty": {"bash": inner}}
        root = {"sshd-session: root@pts/0": {"sshd-session: root@pts/1": {}}}
        accepted = {"sshd: unknown [net]": {}}
        new = {"sshd-session: root@notty": {}}
        listener = {"sshd: partner [priv]": partner, "sshd-session: root [priv]": new, "sshd: unknown [priv]": accepted}
        processes.start("sshd: /usr/sbin/sshd [listener]", {**listener, **root})
        monkeypatch.setattr(account_sessions, "_UNPRIVILEGED", "nobody")
        others = {"sshd: partner@notty": PARTNER, "bash": PARTNER, "second": PARTNER}
        others["sshd: unknown [net]"] = pwd.getpwnam("nobody").pw_uid

        def user_of(pid: int) -> int | None:
            """Return root for the processes of this test; others run as nobody."""
            titles = {each: title for title, each in processes.pids.items()}
            return others.get(titles[pid], 0) if pid in titles else UNUSED + 1

        monkeypatch.setattr(account_sessions, "user_of", user_of)

    def sessions(self) -> dict[str, int]:
        titles = {pid: title for title, pid in self.processes.pids.items()}
        return {titles[each.pid]: each.user for each in account_sessions.sessions()}


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    processes = Processes(tmp_path)
    try:
        yield Host(processes, monkeypatch)
    finally:
        processes.stop()


def test_each_login_is_a_session_of_its_user(host: Host) -> None:
    assert host.sessions() == {
        "sshd: partner [priv]": PARTNER,
        "sshd-session: root [priv]": 0,
        "sshd-session: root@pts/0": 0,
        "sshd: root@pts/9": 0,
    }


def test_the_session_of_this_program_is_not_counted(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    (session,) = account_sessions.sessions_of(PARTNER)
    assert session.pid == host.processes.pids["sshd: partner [priv]"]
    monkeypatch.setattr(os, "getpid", lambda: host.processes.pids["bash"])
    assert account_sessions.sessions_of(PARTNER) == []


def test_older_sessions_end_and_an_sshd_that_runs_in_them_stays(host: Host) -> None:
    (session,) = account_sessions.sessions_of(PARTNER)
    assert abs(session.began - time.clock_gettime(time.CLOCK_BOOTTIME)) < 600
    assert account_sessions.end_sessions(PARTNER, session.began - 0.01) == 0
    assert not host.processes.ended("sshd: partner [priv]")
    assert account_sessions.end_sessions(PARTNER, session.began) == 1
    ended = {title for title in host.processes.pids if host.processes.ended(title)}
    assert ended == {"sshd: partner [priv]", "sshd: partner@notty", "bash"}


def test_a_process_with_the_number_of_a_session_is_not_ended(host: Host) -> None:
    (session,) = account_sessions.sessions_of(PARTNER)
    account_sessions.end_login(session._replace(began=0.0))
    assert not host.processes.ended("sshd: partner [priv]")
