# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.event import (
    DELETE,
    DOWNLOAD,
    FAILURE,
    FTP,
    LOGIN,
    LOGIN_FAILED,
    MKDIR,
    RENAME,
    SESSION_SUMMARY,
    SETSTAT,
    SFTP,
    SUCCESS,
    UNKNOWN,
    UPLOAD,
    Event,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.ftp_sessions import FtpSessions

STAGE = "/in/.secure_sync-0123456789ab-01234567-0.tmp"


class Logs:
    """Logs in the making, and their events. The sessions are saved and read after each line."""

    def __init__(self) -> None:
        self.sessions = FtpSessions(900)
        self.events: list[Event] = []
        self.number = 0

    def vsftpd(self, text: str, second: int = 0) -> None:
        line = f"Fri Nov 27 15:50:{second:02d} 2026 [pid 2] {text}"
        self._take("take_vsftpd", line)

    def xferlog(self, rest: str, service: str = "ftps") -> None:
        self._take("take_xferlog", f"Fri Nov 27 15:51:03 2026 0 192.0.2.1 {rest} partner {service} 0 * c")

    def _take(self, source: str, line: str) -> None:
        self.number += 1
        self.events += getattr(self.sessions, source)(line.encode(), f"7:{self.number}")
        self.sessions = FtpSessions(900, json.loads(json.dumps(self.sessions.saved())))

    def actions(self) -> list[str]:
        return [event.action for event in self.events]

    def end(self) -> Event:
        """Return the summary of the only session, after a long time."""
        *_others, end = self.sessions.passed(9e9)
        return end


@pytest.fixture
def logs() -> Logs:
    return Logs()


CLIENT = 'Client "192.0.2.1"'


def test_a_session_of_vsftpd_ends_by_silence(logs: Logs) -> None:
    logs.vsftpd(f"[partner] OK LOGIN: {CLIENT}")
    logs.vsftpd(f'[partner] OK UPLOAD: {CLIENT}, "/in/a", 7 bytes, 1.00Kbyte/sec', 9)
    login, upload = logs.events
    assert list(logs.sessions.passed(upload.moment + 899)) == []
    (end,) = logs.sessions.passed(upload.moment + 901)
    assert (login.session, upload.session) == (end.session, end.session)
    assert (end.action, end.received, end.moment, end.account) == (SESSION_SUMMARY, 7, upload.moment, "partner")


def test_a_rename_with_a_thousand_meanings_is_one_event(logs: Logs) -> None:
    logs.vsftpd(f'[partner] OK RENAME: {CLIENT}, "/a{" /" * 1000}b"')
    (event,) = logs.events
    assert (event.action, event.ambiguous, event.old_path) == (RENAME, True, b"/a")


def test_connections_of_one_client_are_one_session(logs: Logs) -> None:
    for _connection in range(3):
        logs.vsftpd(f"[partner] OK LOGIN: {CLIENT}")
    logs.vsftpd(f'[partner] OK UPLOAD: {CLIENT}, "{STAGE}", 7 bytes, 1.00Kbyte/sec')
    logs.vsftpd(f'[partner] OK DOWNLOAD: {CLIENT}, "{STAGE}", 7 bytes, 1.00Kbyte/sec')
    logs.vsftpd(f'[partner] OK RENAME: {CLIENT}, "{STAGE} /in/a b"')
    assert logs.actions() == [LOGIN, LOGIN, LOGIN, UPLOAD]
    upload = logs.events[-1]
    assert (upload.path, upload.old_path, upload.ambiguous) == (b"/in/a b", STAGE.encode(), False)
    end = logs.end()
    assert end.summary is not None
    assert (end.received, end.sent, end.summary.read_back) == (7, 0, 7)


def test_other_accounts_and_addresses_are_other_sessions(logs: Logs) -> None:
    logs.vsftpd(f"[partner] OK LOGIN: {CLIENT}")
    logs.vsftpd(f"[other] OK LOGIN: {CLIENT}")
    logs.vsftpd('[partner] OK LOGIN: Client "192.0.2.2"')
    assert len({event.session for event in logs.events}) == logs.sessions.open == 3


def test_files_of_vsftpd(logs: Logs) -> None:
    for verb, path in (("DELETE", "/a"), ("RMDIR", "/d"), ("MKDIR", "/d"), ("CHMOD", "/a 600"), ("RENAME", "/x /y")):
        logs.vsftpd(f'[partner] OK {verb}: {CLIENT}, "{path}"')
        logs.vsftpd(f'[partner] FAIL {verb}: {CLIENT}, "/nix"')
    found = [(event.action, event.outcome, event.path) for event in logs.events]
    assert found == [
        (action, outcome, path)
        for action, done in ((DELETE, b"/a"), (DELETE, b"/d"), (MKDIR, b"/d"), (SETSTAT, b"/a"), (RENAME, b"/y"))
        for outcome, path in ((SUCCESS, done), (FAILURE, b"/nix"))
    ]


def test_a_rename_with_blanks_is_ambiguous(logs: Logs) -> None:
    logs.vsftpd(f'[partner] OK RENAME: {CLIENT}, "/a /b /c"')
    (event,) = logs.events
    assert (event.ambiguous, event.old_path, event.path) == (True, b"/a", b"/b /c")


def test_failed_logins_of_vsftpd(logs: Logs) -> None:
    logs.vsftpd(f"[x] FAIL LOGIN: {CLIENT}")
    logs.vsftpd(f'[p] OK DELETE: {CLIENT}, "/x] FAIL LOGIN: Client "192.0.2.9"')
    found = [(event.action, event.outcome, event.account, event.address, event.ambiguous) for event in logs.events]
    assert found == [(LOGIN_FAILED, FAILURE, "x", "192.0.2.1", False), (LOGIN_FAILED, UNKNOWN, "", "", True)]


def test_a_log_of_transfers(logs: Logs) -> None:
    logs.xferlog("1000 /in/.a.tmp b _ i r")
    logs.xferlog("900 /in/.a.tmp b _ o r")
    logs.xferlog("900 /in/.a.tmp b _ d r")
    upload, download, deleted = logs.events
    assert (upload.action, download.action, deleted.action) == (UPLOAD, DOWNLOAD, DELETE)
    assert upload.temporary, "the log has no renames"
    end = logs.end()
    assert (end.action, end.outcome, end.received, end.sent) == (SESSION_SUMMARY, SUCCESS, 1000, 900)


def test_sessions_of_two_protocols_stay_apart(logs: Logs) -> None:
    for size, service in ((1000, "sftp"), (30, "ftps"), (5, "scp")):
        logs.xferlog(f"{size} /in/a b _ i r", service)
    assert [event.protocol for event in logs.events] == [SFTP, FTP, SFTP]
    assert [(end.protocol, end.received) for end in logs.sessions.passed(9e9)] == [(SFTP, 1005), (FTP, 30)]


def test_unknown_lines_are_counted() -> None:
    sessions = FtpSessions(900)
    for take in (sessions.take_vsftpd, sessions.take_xferlog):
        assert list(take(b"hello", "1:1")) == []
    assert sessions.unknown == 2


def test_open_sessions_are_bounded() -> None:
    sessions = FtpSessions(900)
    head = "Fri Nov 27 15:50:59 2026 [pid 2] [partner] OK LOGIN: Client"
    for number in range(5100):
        line = f'{head} "2001:db8::{number:x}"'
        list(sessions.take_vsftpd(line.encode(), f"1:{number}"))
    assert sessions.open == 5000
