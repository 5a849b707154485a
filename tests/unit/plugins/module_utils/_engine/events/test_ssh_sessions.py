# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events import ssh_sessions
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.event import (
    DELETE,
    DENIED,
    DOWNLOAD,
    FAILURE,
    LINK,
    LOGIN,
    LOGIN_FAILED,
    MKDIR,
    PENALTY,
    REFUSED,
    RENAME,
    SESSION_SUMMARY,
    SETSTAT,
    SUCCESS,
    UNKNOWN,
    UPLOAD,
    Event,
    Summary,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.journal import Entry
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.ssh_sessions import (
    Accounts,
    SshSessions,
)

KEY = "SHA256:MwZ39ZuPZTht1Ps6/sxDIGb43/4L4n6skWb1LCex6l8"
UIDS = {"partner": 1001, "other": 1002, "shelly": 1003, "root": 0}
SCOPE = "/user.slice/user-1001.slice/session-c5.scope"


class Host:
    """A journal in the making: entries of sshd, and their events. The sessions are saved and read after each entry."""

    def __init__(self) -> None:
        self.alive: set[int] = set()
        self.now = 1000.0
        names = {uid: name for name, uid in UIDS.items()}
        self.accounts = Accounts(UIDS.get, lambda uid: names.get(uid, ""), lambda pid: pid in self.alive, "boot")
        self.sessions = SshSessions(self.accounts)
        self.events: list[Event] = []

    def write(self, pid: int, uid: int, text: str, group: str = "/system.slice/ssh.service", **fields: str) -> None:
        self.now += 0.001
        entry = Entry(
            cursor=f"c{self.now:.3f}",
            moment=self.now,
            boot="boot",
            pid=pid,
            uid=uid,
            program="sshd-session",
            executable="/usr/lib/openssh/sshd-session",
            cgroup=group,
            identifier="sshd-session",
            text=text,
        )
        self.events += self.sessions.take(entry._replace(**fields))
        self.sessions = SshSessions(self.accounts, json.loads(json.dumps(self.sessions.saved())))

    def login(self, pid: int = 100, account: str = "partner", port: int = 5, *, verbose: bool = True) -> None:
        """Write the lines of a login, with LogLevel VERBOSE or INFO."""
        self.alive.add(pid)
        uid, scope = UIDS[account], SCOPE.replace("c5", f"c{pid}") if verbose else "/system.slice/ssh.service"
        self.write(pid, 0, f"Accepted publickey for {account} from 192.0.2.1 port {port} ssh2: ED25519 {KEY}")
        self.write(pid, 0, f"pam_unix(sshd:session): session opened for user {account}(uid={uid}) by {account}(uid=0)")
        if verbose:
            self.write(pid, 0, f"User child is on pid {pid + 1}")
            command = f"Starting session: subsystem 'sftp' for {account} from 192.0.2.1 port {port} id 0"
            self.write(pid + 1, uid, command, scope)
        self.sftp(f"session opened for local user {account} from [192.0.2.1]", pid, account, group=scope)

    def sftp(self, text: str, pid: int = 100, account: str = "partner", *, group: str = "") -> None:
        """Write a line of the process that serves the files of a login."""
        scope = group or SCOPE.replace("c5", f"c{pid}")
        self.write(pid + 2, UIDS[account], text, scope, identifier="internal-sftp")

    def logout(self, pid: int = 100, account: str = "partner") -> None:
        self.sftp(f"session closed for local user {account} from [192.0.2.1]", pid, account)
        self.write(pid, 0, f"pam_unix(sshd:session): session closed for user {account}")
        self.alive.discard(pid)

    def passed(self, seconds: float) -> list[Event]:
        self.now += seconds
        return list(self.sessions.passed(self.now))

    def actions(self) -> list[str]:
        return [event.action for event in self.events]


@pytest.fixture
def host() -> Iterator[Host]:
    host = Host()
    yield host
    assert host.sessions.unknown == 0


def test_a_session_from_login_to_summary(host: Host) -> None:
    host.login()
    host.sftp('open "/in/a" flags WRITE,CREATE,TRUNCATE mode 0644')
    host.sftp('close "/in/a" bytes read 0 written 9')
    host.logout()
    login, upload, end = host.events
    assert (login.action, login.account, login.address, login.key) == (LOGIN, "partner", "192.0.2.1", KEY)
    assert (upload.action, upload.path, upload.received, upload.key) == (UPLOAD, b"/in/a", 9, KEY)
    assert (end.action, end.outcome, end.received, end.summary) == (
        SESSION_SUMMARY,
        SUCCESS,
        9,
        Summary(login.moment, uploads=1),
    )
    assert login.session == upload.session == end.session != ""
    assert host.sessions.open == 0


def test_a_login_has_its_factors(host: Host) -> None:
    key = f"publickey for partner from 192.0.2.1 port 5 ssh2: ED25519 {KEY}"
    host.write(100, 0, f"Partial {key}")
    host.write(300, 0, f"Partial {key}")
    host.write(100, 0, "Accepted keyboard-interactive/pam for partner from 192.0.2.1 port 5 ssh2")
    host.write(400, 0, f"Accepted {key.replace('ED25519', 'ED25519-SK')}")
    # The process of an attempt that was given up had this number.
    host.write(300, 0, "Accepted password for partner from 192.0.2.1 port 6 ssh2")
    found = [event.factors for event in host.events if event.action == LOGIN]
    assert found == [("publickey", "keyboard-interactive/pam"), ("security-key",), ("password",)]


def test_only_root_names_a_factor(host: Host) -> None:
    host.write(100, 1001, f"Partial password for partner from 192.0.2.1 port 5 ssh2: ED25519 {KEY}")
    host.login()
    assert host.events[0].factors == ("publickey",)


def test_factors_of_attempts_are_bounded(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssh_sessions, "_MOST_CONNECTIONS", 3)
    for pid in range(10):
        host.write(pid, 0, f"Partial publickey for partner from 192.0.2.1 port 5 ssh2: ED25519 {KEY}")
    assert list(host.sessions.saved()["factors"]) == ["boot:7:5", "boot:8:5", "boot:9:5"]


@pytest.mark.parametrize("verbose", [True, False])
def test_two_sessions_of_an_account_at_once(host: Host, verbose: bool) -> None:
    host.login(100, port=5, verbose=verbose)
    host.login(200, port=6, verbose=verbose)
    for pid in (100, 200):
        host.sftp(f'close "/in/{pid}" bytes read 0 written {pid}', pid)
    host.logout(200)
    host.logout(100)
    logins = [event.session for event in host.events if event.action == LOGIN]
    ends = {event.session: event.received for event in host.events if event.action == SESSION_SUMMARY}
    assert ends == dict(zip(logins, (100, 200), strict=True))


FAILING = [
    ('remove name "/a"', "No such file", DELETE, FAILURE),
    ('remove name "/a"', "Permission denied", DENIED, FAILURE),
    ('rename old "/b" new "/a"', "Failure", RENAME, FAILURE),
    ('mkdir name "/a" mode 0777', "Failure", MKDIR, FAILURE),
    ('rmdir name "/a"', "Failure", DELETE, FAILURE),
    ('set "/a" mode 0600', "Failure", SETSTAT, FAILURE),
    ('open "/a" flags READ mode 0666', "No such file", DOWNLOAD, FAILURE),
    ('open "/a" flags WRITE,CREATE mode 0666', "Failure", UPLOAD, FAILURE),
    ('open "/a" flags WRITE,CREATE mode 0666', "Permission denied", DENIED, FAILURE),
    ('opendir "/a"', "Permission denied", DENIED, FAILURE),
    ('close "/a" bytes read 0 written 5', "Failure", UPLOAD, FAILURE),
    ('symlink old "b" new "/a"', "Failure", LINK, FAILURE),
    ('stat name "/a"', "No such file", None, ""),
    ("Refusing non-allowlisted symlink request", "Permission denied", DENIED, FAILURE),
]


@pytest.mark.parametrize(("request_line", "status", "action", "outcome"), FAILING)
def test_a_failure_belongs_to_the_request_before_it(
    host: Host, request_line: str, status: str, action: str | None, outcome: str
) -> None:
    host.login()
    host.sftp(request_line)
    host.sftp(f"sent status {status}")
    found = [(event.action, event.outcome, event.reason) for event in host.events[1:]]
    assert found == ([(action, outcome, status)] if action else [])


SUCCEEDING = [
    ('remove name "/a"', DELETE),
    ('rename old "/b" new "/a"', RENAME),
    ('mkdir name "/a" mode 0777', MKDIR),
    ('rmdir name "/a"', DELETE),
    ('symlink old "b" new "/a"', LINK),
    ('set "/a" mode 0600', SETSTAT),
]


@pytest.mark.parametrize(("request_line", "action"), SUCCEEDING)
def test_a_request_has_succeeded_when_another_follows_or_time_has_passed(
    host: Host, request_line: str, action: str
) -> None:
    host.login()
    host.sftp(request_line)
    assert host.actions() == [LOGIN]
    assert host.passed(1.0) == []
    (event,) = host.passed(10.0)
    assert (event.action, event.path, event.outcome) == (action, b"/a", SUCCESS)
    host.sftp(request_line)
    host.sftp('stat name "/a"')
    assert host.actions()[-1] == action


def test_attributes_that_are_set_together_are_one_event(host: Host) -> None:
    host.login()
    host.sftp('set "/a" mode 0600')
    host.sftp('set "/a" modtime 20261127-15:46:56')
    host.sftp("sent status Failure")
    assert [(event.action, event.outcome) for event in host.events[1:]] == [(SETSTAT, FAILURE)]


def test_a_file_that_the_server_closed(host: Host) -> None:
    host.login()
    host.sftp('open "/a" flags WRITE,CREATE,TRUNCATE mode 0644')
    host.sftp('forced close "/a" bytes read 0 written 5')
    host.logout()
    upload, end = host.events[1:]
    assert (upload.action, upload.outcome, upload.received) == (UPLOAD, UNKNOWN, 5)
    assert end.received == 5


def test_lines_of_files_may_come_after_the_end_of_the_login(host: Host) -> None:
    host.login()
    host.write(100, 0, "pam_unix(sshd:session): session closed for user partner")
    host.sftp('close "/a" bytes read 0 written 5')
    host.sftp("session closed for local user partner from [192.0.2.1]")
    assert host.actions() == [LOGIN, UPLOAD, SESSION_SUMMARY]


def test_a_session_whose_end_is_not_logged(host: Host) -> None:
    host.login()
    assert host.passed(1000.0) == [], "its process is there"
    host.alive.clear()
    (end,) = host.passed(1.0)
    assert (end.action, end.outcome) == (SESSION_SUMMARY, UNKNOWN)


def test_a_clock_that_was_set_back_keeps_no_session_open(host: Host) -> None:
    host.login()
    host.alive.clear()
    assert host.passed(-100000.0) == []
    assert [event.action for event in host.passed(200.0)] == [SESSION_SUMMARY]


def test_another_login_with_the_same_pid(host: Host) -> None:
    host.login()
    host.login()
    assert host.actions() == [LOGIN, SESSION_SUMMARY, LOGIN]


def test_a_line_that_is_too_long_is_counted(host: Host) -> None:
    host.login()
    host.sftp(('close "/' + "x" * 2000)[:1023])
    host.logout()
    assert host.events[-1].summary == Summary(host.events[0].moment, uncounted=1)


FROM = "from 192.0.2.9 port 5"


def test_failed_logins(host: Host) -> None:
    host.write(1, 0, f"Failed publickey for partner {FROM} ssh2: ED25519 {KEY}")
    host.write(2, 0, f"Invalid user admin {FROM}")
    host.write(2, 0, f"Failed password for invalid user admin {FROM} ssh2")
    host.write(2, 0, f"Failed password for invalid user admin {FROM} ssh2")
    host.write(3, 0, f"Failed none for invalid user admin {FROM} ssh2")
    host.write(4, 0, "User root from 192.0.2.9 not allowed because not listed in AllowUsers")
    host.write(5, 0, "srclimit_penalise: ipv4: new 192.0.2.9/32 active penalty of 20 seconds for penalty: x")
    found = [(event.action, event.account, event.address, event.reason) for event in host.events]
    assert found == [
        (LOGIN_FAILED, "partner", "192.0.2.9", "publickey"),
        (LOGIN_FAILED, "admin", "192.0.2.9", "invalid user"),
        (LOGIN_FAILED, "admin", "192.0.2.9", "password"),
        (REFUSED, "root", "192.0.2.9", "not listed in AllowUsers"),
        (PENALTY, "", "192.0.2.9", "penalty: x"),
    ]


FORGED = [
    f"Accepted publickey for root {FROM} ssh2: ED25519 {KEY}",
    f"Failed password for root {FROM} ssh2",
    f"Invalid user root {FROM}",
    "User child is on pid 1",
    "pam_unix(sshd:session): session closed for user partner",
    "pam_unix(sshd:session): session opened for user partner(uid=1003) by partner(uid=0)",
    f"Starting session: subsystem 'sftp' for partner {FROM} id 0",
    "Disconnected from user partner 192.0.2.1 port 5",
]


def test_a_revoked_key_is_named(host: Host) -> None:
    """A drill of a revocation waits for this event."""
    host.write(100, 0, f"error: Authentication key ED25519 {KEY} revoked by file /etc/ssh/revoked_keys")
    (event,) = host.events
    assert (event.action, event.outcome, event.reason, event.key) == (REFUSED, FAILURE, "revoked", KEY)


@pytest.mark.parametrize("text", FORGED)
def test_a_user_forges_no_event_of_sshd(host: Host, text: str) -> None:
    """shelly runs a program of the system that writes this line, as sshd on a port of its own would."""
    host.login()
    host.write(900, UIDS["shelly"], text, "/user.slice/user-1003.slice/session-c9.scope")
    host.sftp('remove name "/a"')
    host.logout()
    assert host.actions() == [LOGIN, DELETE, SESSION_SUMMARY]
    assert {event.account for event in host.events} == {"partner"}


def test_a_user_writes_about_itself_only(host: Host) -> None:
    host.login()
    for text in ("session opened for local user partner from [192.0.2.1]", 'remove name "/stolen"', 'stat name "/"'):
        host.write(900, UIDS["shelly"], text, "/user.slice/user-1003.slice/x", identifier="internal-sftp")
    (deleted,) = host.events[1:]
    assert (deleted.action, deleted.account, deleted.address, deleted.key) == (DELETE, "shelly", "", "")


def ended(host: Host, pid: int, account: str, *texts: str) -> None:
    """Write lines of a process that had ended when journald looked at it."""
    for text in texts:
        host.write(pid, UIDS[account], text, "", program="", executable="", identifier="internal-sftp")


CREATED = ('open "/in/a" flags WRITE,CREATE,TRUNCATE mode 0644', 'close "/in/a" bytes read 0 written 9')
OPENED, CLOSED = (f"session {word} for local user partner from [192.0.2.1]" for word in ("opened", "closed"))


def test_the_last_lines_of_a_session_may_be_of_an_ended_process(host: Host) -> None:
    host.login()
    host.sftp(CREATED[0])
    ended(host, 102, "partner", CREATED[1], CLOSED)
    host.write(100, 0, "pam_unix(sshd:session): session closed for user partner", program="", executable="")
    assert host.actions() == [LOGIN, UPLOAD, SESSION_SUMMARY]
    assert {(event.session, event.key) for event in host.events} == {(host.events[0].session, KEY)}


def test_all_lines_of_a_session_may_be_of_an_ended_process(host: Host) -> None:
    host.write(100, 0, f"Accepted publickey for partner from 192.0.2.1 port 5 ssh2: ED25519 {KEY}", SCOPE)
    ended(host, 102, "partner", OPENED, *CREATED, CLOSED)
    host.write(100, 0, "pam_unix(sshd:session): session closed for user partner", SCOPE)
    assert host.actions() == [LOGIN, UPLOAD, SESSION_SUMMARY]
    assert {(event.session, event.key) for event in host.events} == {(host.events[0].session, KEY)}


def test_an_ended_process_of_an_account_with_two_sessions_has_no_login(host: Host) -> None:
    host.login(100)
    host.login(200, port=6)
    ended(host, 302, "partner", OPENED, *CREATED, CLOSED)
    uploaded = host.events[2]
    assert (uploaded.action, uploaded.account, uploaded.address, uploaded.key) == (UPLOAD, "partner", "", "")
    host.sftp('remove name "/b"', 200)
    host.logout(200)
    assert host.events[3].session == host.events[1].session


def test_an_ended_process_without_a_session_is_not_believed(host: Host) -> None:
    host.login()
    ended(host, 102, "shelly", *CREATED, CLOSED, "anything")
    host.logout()
    assert host.actions() == [LOGIN, SESSION_SUMMARY]


def test_an_ended_process_with_the_number_of_another_account_is_not_its_session(host: Host) -> None:
    host.login(100)
    host.login(200, "other", port=6)
    ended(host, 102, "other", *CREATED, CLOSED)
    assert [(event.action, event.account) for event in host.events[2:]] == [(UPLOAD, "other")]
    assert host.events[2].session == host.events[1].session


@pytest.mark.parametrize("closed", [False, True])
def test_a_pid_that_another_account_has_now_is_not_the_session(host: Host, closed: bool) -> None:
    """A server that was killed leaves its session for a minute; its pid can be used again."""
    host.login()
    host.sftp('open "/in/a" flags WRITE,CREATE mode 0644')
    if closed:
        host.write(100, 0, "pam_unix(sshd:session): session closed for user partner")
    group = "/user.slice/user-1002.slice/session-c9.scope"
    for name in "ab":
        host.write(102, UIDS["other"], f'remove name "/srv/{name}"', group, identifier="sftp-server")
    removed = [event for event in [*host.events, *host.passed(10.0)] if event.action == DELETE]
    assert [(event.account, event.address, event.key) for event in removed] == [("other", "", "")] * 2
    assert {event.account for event in host.passed(70.0) if event.address} <= {"partner"}


def test_another_account_with_the_pid_of_a_session_does_not_end_it(host: Host) -> None:
    host.login()
    host.write(100, UIDS["other"], "pam_unix(sshd:session): session closed for user partner")
    assert host.sessions.open == 1
    assert host.passed(70.0) == []


def test_the_processes_of_a_session_are_limited(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssh_sessions, "_MOST_PROCESSES", 2)
    host.login()
    for pid in range(500, 510):
        host.write(pid, 1001, f'remove name "/{pid}"', SCOPE.replace("c5", "c100"), identifier="internal-sftp")
    (session,) = host.sessions.saved()["sessions"]
    assert list(session["requests"]) == ["boot:508", "boot:509"]
    assert session["processes"] == ["boot:100", "boot:101", "boot:508", "boot:509"]
    host.passed(10)
    host.logout()
    assert [event.path for event in host.events if event.action == DELETE] == [b"/%d" % pid for pid in range(500, 508)]


def test_a_process_that_has_ended_is_forgotten(host: Host) -> None:
    host.login()
    host.sftp(CLOSED)
    (session,) = host.sessions.saved()["sessions"]
    assert (session["processes"], session["requests"]) == (["boot:100", "boot:101"], {})


def test_another_account_in_the_group_of_a_session_is_not_the_session(host: Host) -> None:
    """su keeps the control group."""
    host.login()
    for text in ('remove name "/stolen"', 'stat name "/"'):
        host.write(900, UIDS["shelly"], text, SCOPE.replace("c5", "c100"), identifier="internal-sftp")
    assert host.events[1].account == "shelly"


def test_a_session_without_a_group_is_taken_by_its_own_account_only(host: Host) -> None:
    host.write(100, 0, f"Accepted publickey for partner from 192.0.2.1 port 5 ssh2: ED25519 {KEY}")
    for text in ("session opened for local user partner from [192.0.2.1]", 'remove name "/stolen"', 'stat name "/"'):
        host.write(900, UIDS["shelly"], text, "/system.slice/x", identifier="internal-sftp")
    assert host.events[1].account == "shelly"


def test_a_login_that_was_before_the_first_entry(host: Host) -> None:
    host.sftp('remove name "/a"')
    host.sftp("session closed for local user partner from [192.0.2.1]")
    (deleted,) = host.events
    assert (deleted.account, deleted.address, deleted.key) == ("partner", "", "")
    assert [event.action for event in host.passed(1000.0)] == [SESSION_SUMMARY]


def test_many_failures_take_no_memory(host: Host) -> None:
    sessions = SshSessions(host.accounts)
    entry = Entry("c", 1.0, "boot", 1, 0, "sshd-session", "/usr/lib/openssh/sshd-session", "", "sshd-session", "")
    for pid in range(20000):
        text = f"Invalid user u{pid} {FROM}"
        assert len(list(sessions.take(entry._replace(pid=pid, text=text)))) == 1
    assert len(json.dumps(sessions.saved())) < 200_000


def test_open_sessions_are_bounded(host: Host) -> None:
    sessions = SshSessions(host.accounts)
    entry = Entry("c", 1.0, "boot", 1, 0, "sshd-session", "/usr/lib/openssh/sshd-session", "", "sshd-session", "")
    text = f"Accepted publickey for partner {FROM} ssh2: ED25519 {KEY}"
    events = [event for pid in range(5100) for event in sessions.take(entry._replace(pid=pid, text=text))]
    assert sessions.open == 5000
    assert sum(event.action == SESSION_SUMMARY for event in events) == 100
