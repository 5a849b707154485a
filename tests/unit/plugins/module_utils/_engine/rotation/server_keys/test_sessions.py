# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Login lines of the journal, and the process of a session: the test's own process represents it."""

from __future__ import annotations

import json
import os
import shlex
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import NotSupported, OwnerLockedOut
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.server_keys import sessions
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.server_keys.sessions import (
    Login,
    logins,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd.account_sessions import Session
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system import process_tree

PRINT = "SHA256:" + "A" * 43
OTHER = "SHA256:" + "B" * 43
PRINTS = {"publickey": PRINT, "publickey of another": OTHER}


def line(fingerprint: str = PRINT, **fields: Any) -> bytes:
    message = f"Accepted publickey for partner from 192.0.2.1 port 4711 ssh2: ED25519 {fingerprint}"
    entry = {"MESSAGE": message, "_COMM": "sshd-session", "_PID": "12", "__MONOTONIC_TIMESTAMP": "5000000"}
    return json.dumps({**entry, **fields}, ensure_ascii=False).encode()


def factor(message: str) -> bytes:
    return line(MESSAGE=message)


def test_a_login_is_found() -> None:
    assert list(logins([line()], 2.0)) == [Login(12, "partner", PRINT, 7.0, address="192.0.2.1")]


def test_the_last_login_of_a_process_counts() -> None:
    assert [each.fingerprint for each in logins([line(OTHER), line()])] == [OTHER]


def test_a_login_by_several_factors() -> None:
    first = factor(f"Partial publickey for partner from 192.0.2.1 port 4711 ssh2: ED25519 {PRINT}")
    last = factor("Accepted keyboard-interactive/pam for partner from 192.0.2.1 port 4711 ssh2")
    found = list(logins([last, first, line(OTHER), first]))
    assert [(each.method, each.fingerprint, each.is_last) for each in found] == [
        ("keyboard-interactive/pam", "", True),
        ("publickey", PRINT, False),
    ]


@pytest.mark.parametrize(
    ("end", "is_found"),
    [
        (": ED25519 MD5:00:11", False),
        ("", False),
        (f": ED25519 {PRINT}, x", False),
        (f": ED25519 {PRINT} x", True),
    ],
)
def test_a_key_that_is_not_on_record(end: str, is_found: bool) -> None:
    found = list(logins([factor(f"Accepted publickey for partner from 192.0.2.1 port 4711 ssh2{end}")]))
    assert bool(found) is is_found


def test_the_host_key_of_a_login_by_host_is_no_key_of_the_account() -> None:
    text = f"Accepted hostbased for partner from 192.0.2.1 port 1 ssh2: ED25519 {PRINT}, client user x"
    assert [each.fingerprint for each in logins([factor(text)])] == [""]


def test_the_certificate_of_a_key_is_the_key() -> None:
    whose = f"ED25519-CERT {PRINT} ID x (serial 1) CA ED25519 {OTHER}"
    text = f"Accepted publickey for partner from ::1 port 1 ssh2: {whose}"
    assert list(logins([factor(text)])) == [Login(12, "partner", PRINT, 5.0, OTHER, 1, "x", address="::1")]


def test_words_in_the_id_of_a_certificate() -> None:
    whose = f"ED25519-CERT {PRINT} ID a (serial 9) CA ED25519 {PRINT} (serial 1) CA ED25519 {OTHER}"
    (found,) = logins([factor(f"Accepted publickey for partner from ::1 port 1 ssh2: {whose}")])
    assert (found.ca, found.serial, found.key_id) == (OTHER, 1, f"a (serial 9) CA ED25519 {PRINT}")


def test_a_backslash_in_the_id_of_a_certificate() -> None:
    whose = rf"ED25519-CERT {PRINT} ID CORP\\a\303 (serial 1) CA ED25519 {OTHER}"
    (found,) = logins([factor(f"Accepted publickey for partner from ::1 port 1 ssh2: {whose}")])
    assert found.key_id == r"CORP\a\303"


@pytest.mark.parametrize("end", ["", f" (serial 1) CA ED25519 {OTHER}"], ids=["cut", "feigned"])
def test_a_line_that_sshd_cuts_in_the_id_of_a_certificate(monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    begin = f"Accepted publickey for partner from ::1 port 1 ssh2: ED25519-CERT {PRINT} ID "
    (found,) = logins([factor(begin + "x" * (1023 - len(begin) - len(end)) + end)])
    assert (found.fingerprint, found.ca, found.is_cut) == (PRINT, "", True)
    monkeypatch.setattr(sessions, "values", lambda _client, _keyword: ("any",))
    assert not sessions._is_known([found], sessions._ways)
    assert sessions._is_known([found._replace(is_cut=False)], sessions._ways)


def test_other_programs_and_other_words_do_not_count() -> None:
    made_up = f"x Accepted publickey for root from 192.0.2.1 port 1 ssh2: ED25519 {PRINT}"
    others = [line(_COMM="logger"), line(MESSAGE=made_up), line(MESSAGE=[1, 2]), line(MESSAGE=None)]
    assert list(logins(others)) == []


def test_a_process_that_began_after_the_line_is_another_one() -> None:
    began = process_tree.began(os.getpid())
    now = time.clock_gettime(time.CLOCK_BOOTTIME)
    mine = Login(os.getpid(), "partner", PRINT, now)
    assert sessions._is_session(mine) == (os.stat(f"/proc/{os.getpid()}").st_uid == 0)
    assert not sessions._is_session(mine._replace(moment=began - 1))


ODD = (b"[]", b"3", b"{", b"null", b"[" * 9000, b'{"MESSAGE": 1}', line(_PID="x"), line(__MONOTONIC_TIMESTAMP=None))


def test_lines_of_another_form_are_passed_over() -> None:
    assert [each.pid for each in logins([*ODD, line()])] == [12]


@pytest.fixture
def journalctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the path of a script that stands for journalctl, and let all processes be sessions. None is live."""
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(sessions, "_is_session", lambda login: True)
    monkeypatch.setattr(sessions, "live_sessions", list)
    return tmp_path / "journalctl"


def journal(program: Path, *lines: bytes, after: str = "", status: int = 0) -> None:
    content = program.with_name("lines")
    content.write_bytes(b"".join(each + b"\n" for each in lines))
    program.write_text(f"#!/bin/sh\ncat {shlex.quote(str(content))}\n{after}\nexit {status}\n")
    program.chmod(0o755)


def found() -> list[int]:
    return [login.pid for login in sessions.sessions_of(lambda login: True)]


def test_a_line_that_a_stranger_chose_hides_no_login(journalctl: Path) -> None:
    """A name with a line separator of Unicode, as some modules of PAM log it; 10 MB; no JSON."""
    name = line(MESSAGE="pam_sss(sshd:auth): authentication failure; rhost=192.0.2.1 user=a\u2028b\u0085c")
    journal(journalctl, name, line(MESSAGE="x" * 10_000_000), b"\xff{", line(_PID="7"), line())
    assert found() == [7, 12]


def test_keys_of_all_logins_on_record(journalctl: Path) -> None:
    """A number of a process comes again, also after a boot."""
    password = line(MESSAGE="Accepted password for partner from 192.0.2.1 port 4711 ssh2")
    journal(journalctl, line(OTHER), password, line(), line(), after=f'echo "$@" > {journalctl}.asked')
    assert {(each.user, each.fingerprint) for each in sessions.keys_on_record()} == {
        ("partner", PRINT),
        ("partner", OTHER),
    }
    assert "--boot" not in Path(f"{journalctl}.asked").read_text()


def test_logins_are_few_among_all_lines(journalctl: Path) -> None:
    journal(journalctl, line(), after=f'echo "$@" > {journalctl}.asked')
    assert found() == [12]
    asked = Path(f"{journalctl}.asked").read_text().split("\n")[0]
    assert "--reverse" in asked
    assert "--output-fields=MESSAGE,_PID,_COMM" in asked
    assert "--grep=^(Accepted|Partial)" in asked


def test_a_journalctl_that_cannot_filter(journalctl: Path) -> None:
    journal(journalctl, line())
    refusing = journalctl.read_text().replace("sh\n", 'sh\ncase "$*" in *--grep*) echo no >&2; exit 1;; esac\n', 1)
    journalctl.write_text(refusing)
    assert found() == [12]


def test_no_line_matches(journalctl: Path) -> None:
    journal(journalctl, status=1)
    assert found() == []


@pytest.mark.parametrize("after", ["echo damaged >&2", "echo damaged >&2; exit 7"])
def test_a_journal_that_cannot_be_read(after: str, journalctl: Path) -> None:
    journal(journalctl, after=after, status=1)
    with pytest.raises(NotSupported, match="cannot read"):
        found()


def test_without_a_journal_the_owner_is_not_on_record(journalctl: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(journalctl.parent))
    sessions.spare_the_owner(lambda login: True, "keys")


def test_a_journal_without_end(journalctl: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest logins are found all the same, and the owner is spared by them. Other sessions are named."""
    journal(journalctl, line(), after="[ $1 = --sync ] || exec sleep 60")
    monkeypatch.setattr(sessions, "_Journal", lambda command: OF_JOURNALS(command, 0.5))
    live(monkeypatch, 12, 13)
    found = sessions.search(lambda login: True)
    assert ([login.pid for login in found.sessions], [each.pid for each in found.unknown]) == ([12], [13])
    monkeypatch.setattr(sessions, "ancestors", lambda: [12])
    with pytest.raises(OwnerLockedOut):
        sessions.spare_the_owner(lambda login: True, "keys")


OF_JOURNALS = sessions._Journal


def live(monkeypatch: pytest.MonkeyPatch, *pids: int) -> None:
    """Let sshd have sessions of root with these numbers."""
    monkeypatch.setattr(sessions, "live_sessions", lambda: [Session(pid, 1.0, 0) for pid in pids])
    monkeypatch.setattr(sessions, "_lives", lambda session: True)


def test_sessions_without_a_login_on_record_are_named(journalctl: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal(journalctl, line())
    live(monkeypatch, 12, *range(20, 32))
    with pytest.raises(NotSupported, match=r"live sessions: process 20 \(root, since .+29 \(.+Z\) and 2 more\Z"):
        found()
    live(monkeypatch, 12)
    assert found() == [12]


def test_a_session_that_ended_meanwhile_is_not_named(journalctl: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal(journalctl, line())
    live(monkeypatch, 12, 20)
    monkeypatch.setattr(sessions, "_lives", lambda session: False)
    assert found() == [12]


def test_a_line_that_journald_writes_late(journalctl: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal(journalctl, line())
    late = journalctl.with_name("late")
    late.write_bytes(line(_PID="20") + b"\n")
    journalctl.write_text(
        f'#!/bin/sh\n[ "$1" != --sync ] || exec cp {late} {late.with_name("lines")}\ncat {late.with_name("lines")}\n'
    )
    live(monkeypatch, 20)
    assert [each.pid for each in sessions.search(lambda login: True).sessions] == [20]


@pytest.mark.parametrize(
    ("ways", "factors", "is_known"),
    [
        ("any", ["password"], True),
        ("publickey,password", ["password"], False),
        ("publickey,password", ["password", "publickey"], True),
        ("publickey,password", ["publickey"], True),
        ("password publickey,publickey", ["publickey"], False),
        ("publickey,publickey", ["publickey", "publickey"], False),
        ("publickey,publickey", ["publickey", "publickey of another"], True),
        ("publickey,keyboard-interactive:pam", ["keyboard-interactive/pam"], False),
        ("publickey,keyboard-interactive:pam", ["password"], True),
        ("any", [], False),
    ],
)
def test_factors_that_sshd_does_not_log(
    monkeypatch: pytest.MonkeyPatch, ways: str, factors: list[str], is_known: bool
) -> None:
    """The last factor is the first here, as in the journal."""
    monkeypatch.setattr(sessions, "values", lambda _client, _keyword: (ways,))
    given = [
        Login(1, "partner", PRINTS.get(method, ""), 5.0, method=method, is_last=number == 0)
        for number, method in enumerate(factors)
    ]
    assert sessions._is_known(given, sessions._ways) is is_known
