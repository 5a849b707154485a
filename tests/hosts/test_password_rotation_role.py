# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of FTPS passwords on two servers, with a real secrets manager: rotated, with a server down, killed,
compromised. The tests go through the life of one scene in their order."""

from __future__ import annotations

import ftplib
import json
import re
import threading
import time
from collections.abc import Iterator

import pytest
from support.hosts.host_play import role
from support.judges.canaries import Canaries
from support.judges.watcher import Watcher
from support.running.playbook_process import Outcome, done
from support.running.slices import slice_of
from support.scenes.password_scene import ACCOUNTS, SECOND, SERVERS, PasswordScene

AT_ONCE = 0.00001
"""Days: every run makes new passwords."""
DAY, OLD, OVERLAP = 86400.0, 45.0, 40.0
"""Seconds: a run has to end within the overlap."""
ONE = ("--limit", "files1")
# Behind each task that changes something there is one of these: its name, and which time of a run for one account.
STEPS = [
    ("Write a version of the secret", 1),
    ("Read it back", 1),
    ("Log in with the password", 1),
    ("Write a version of the secret", 2),
    ("Read it back", 2),
    ("Give the password to the server", 3),
    ("Add the account to the report", 1),
]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PasswordScene]:
    with PasswordScene(tmp_path_factory.mktemp("passwords")) as scene:
        yield scene


class Caller(threading.Thread):
    """Logs in repeatedly with the password in the secrets manager."""

    def __init__(self, scene: PasswordScene, server: str) -> None:
        super().__init__(daemon=True)
        self.calls: list[bool] = []
        self._scene, self._server, self._over = scene, server, threading.Event()

    def run(self) -> None:
        while not self._over.wait(0.5):
            password = self._scene.current(self._server, "partner")
            self.calls.append(self._scene.takes(self._server, "partner", password))

    def __enter__(self) -> Caller:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._over.set()
        self.join()


def words(outcome: Outcome) -> str:
    return " ".join(outcome.output.split())


def behind(outcome: Outcome) -> list[str]:
    """Return the accounts that the run names at its end, ACCOUNT on HOST at "TASK"."""
    assert outcome.status != 0, outcome.output
    return re.findall(r'(\w+ on \w+) is behind at "', words(outcome))


def is_settled(scene: PasswordScene, *servers: str) -> bool:
    """Every account has the one password that the secrets manager has."""
    names = servers or tuple(SERVERS)
    return all(
        scene.takes(name, account, scene.current(name, account)) and list(scene.secret(name, account)) == ["password"]
        for name in names
        for account in ACCOUNTS
    ) and not any(scene.second(name) for name in names)


def test_check_mode_on_bare_hosts(scene: PasswordScene) -> None:
    checked = done(scene.rotate("--check", "--diff"))
    assert checked.output.count("it has no password") == len(ACCOUNTS) * len(SERVERS)
    with pytest.raises(OSError, match="404"):
        scene.secret("files1", "partner")


def test_a_first_run_makes_passwords(scene: PasswordScene) -> None:
    scene.provide()
    done(scene.rotate())
    assert is_settled(scene)
    made = {scene.current(server, account) for server in SERVERS for account in ACCOUNTS}
    assert len(made) == len(ACCOUNTS) * len(SERVERS)
    assert all(re.fullmatch(r"[A-Za-z0-9]{32}", each) for each in made)


def test_a_second_run_changes_nothing(scene: PasswordScene) -> None:
    again = done(scene.rotate("--diff"))
    assert again.output.count("changed=0") == len(SERVERS), again.output


def test_the_roles_of_the_server_leave_the_password(scene: PasswordScene) -> None:
    again = done(scene.servers["files1"].converge())
    assert again.count("changed") == 0, again.output
    assert is_settled(scene, "files1")


def test_check_mode_makes_nothing(scene: PasswordScene) -> None:
    before = [scene.bao.versions(f"ftps/{server}/partner") for server in SERVERS]
    checked = done(scene.rotate("--check", "--diff", max_age=AT_ONCE))
    assert "partner gets a new password: the old password is 0 days old" in checked.output
    assert [scene.bao.versions(f"ftps/{server}/partner") for server in SERVERS] == before
    assert is_settled(scene)


def test_rotated_while_jobs_and_a_session_go_on(scene: PasswordScene, long_run: bool) -> None:
    """Both passwords are valid from the proof of the new one to the end of the overlap. The long run rotates twice."""
    first = scene.current("files1", "partner")
    with Caller(scene, "files1") as jobs, scene.servers["files1"].login("partner", first) as going_on:
        for _each in range(1 + long_run):
            old = scene.current("files1", "partner")
            while not all(scene.age("files1", account) > OLD for account in ACCOUNTS):
                time.sleep(1)
            told = done(scene.rotate(*ONE, max_age=OLD / DAY, overlap=OVERLAP / DAY))
            going_on.voidcmd("NOOP")  # more often than the server's idle timeout
            assert "the former password stays valid" in words(told)
            assert sorted(scene.second("files1")) == sorted(ACCOUNTS)
            new = scene.current("files1", "partner")
            assert new != old
            assert [scene.takes("files1", "partner", each) for each in (old, new)] == [True, True]
            again = done(scene.rotate(*ONE, overlap=1))
            assert again.count("changed") == 0, again.output
            going_on.voidcmd("NOOP")
            done(scene.rotate(*ONE))
            assert [scene.takes("files1", "partner", each) for each in (old, new)] == [False, True]
            going_on.voidcmd("NOOP")
    assert is_settled(scene)
    assert len(jobs.calls) > 10
    assert all(jobs.calls)


def test_other_fields_of_the_secret_stay(scene: PasswordScene) -> None:
    kept = {"username": "partner", "host": "files2.example.com"}
    old = scene.current("files2", "partner")
    scene.bao.write("ftps/files2/partner", {"password": old, **kept})
    done(scene.rotate("--limit", "files2", max_age=AT_ONCE))
    assert scene.secret("files2", "partner") == {"password": scene.current("files2", "partner"), **kept}
    assert not scene.takes("files2", "partner", old)
    scene.bao.write("ftps/files2/partner", {"password": scene.current("files2", "partner")})


@pytest.mark.parametrize(
    ("service", "step", "due"), [("ssh", "Reach the server", AT_ONCE), ("vsftpd", "Log in with the password", 90)]
)
def test_a_server_that_is_down_is_taken_up_when_it_is_back(
    scene: PasswordScene, service: str, step: str, due: float
) -> None:
    """A rotation in progress is finished, regardless of the periods."""
    before = {server: scene.current(server, "partner") for server in SERVERS}
    with scene.down("files2", service):
        told = scene.rotate(max_age=AT_ONCE)
        assert behind(told) == ["partner on files2", "collector on files2"]
        assert f'is behind at "{step}"' in words(told)
    assert scene.current("files2", "partner") == before["files2"]
    assert scene.takes("files2", "partner", before["files2"])
    assert is_settled(scene, "files1")
    assert scene.current("files1", "partner") != before["files1"]
    done(scene.rotate(max_age=due))
    assert is_settled(scene)
    assert scene.current("files2", "partner") != before["files2"]


def test_a_login_that_pam_refuses_leaves_the_old_password(scene: PasswordScene) -> None:
    old = scene.current("files2", "partner")
    scene.servers["files2"].inside("sed -i /pam_pwdfile/d /etc/pam.d/secure_ftp_synchronize")
    told = scene.rotate("--limit", "files2", max_age=AT_ONCE)
    assert behind(told) == ["partner on files2", "collector on files2"]
    assert re.search(r'at "Log in with the password": the login fails as partner: .*530', words(told)), told.output
    assert scene.current("files2", "partner") == old
    assert scene.takes("files2", "partner", old)
    done(scene.servers["files2"].converge())
    done(scene.rotate())
    assert is_settled(scene)
    assert not scene.takes("files2", "partner", old)


def test_killed_between_two_steps_and_taken_up(scene: PasswordScene, long_run: bool) -> None:
    only = {"accounts": [{"name": "partner"}]}
    for task, nth in slice_of(STEPS, 2, long_run=long_run):
        old = scene.current("files1", "partner")
        scene.killed(task, *ONE, nth=nth, max_age=AT_ONCE, **only)
        assert scene.takes("files1", "partner", scene.current("files1", "partner")), task
        done(scene.rotate(*ONE, **only))
        assert is_settled(scene, "files1"), task
        # Killed before there was another password, the run has left nothing to continue.
        assert (scene.current("files1", "partner") == old) == ((task, nth) == STEPS[0]), task
    again = done(scene.rotate(*ONE, **only))
    assert again.count("changed") == 0, again.output


def test_killed_between_the_two_files_of_the_server(scene: PasswordScene) -> None:
    """As account_password would leave it: the password is in both."""
    host = scene.servers["files1"]
    host.inside(f"grep ^partner: /etc/shadow | cut -d: -f1,2 >> {SECOND}")
    done(scene.rotate(*ONE))
    assert is_settled(scene, "files1")


def test_what_somebody_else_wrote_meanwhile_is_not_overwritten(scene: PasswordScene) -> None:
    before = scene.bao.versions("ftps/files1/partner")
    stale = {"version": len(before) - 1, "fields": {}}
    late = {"password_rotation_stored": stale, "password_rotation_fields": {"password": "of somebody late"}}
    late["password_rotation_place"] = {"secret": "ftps/files1/partner", "mount": "secret"}
    write = role("password_rotation", "openbao/write.yml", **late)
    told = scene.run_text(json.dumps([{"hosts": "files1", "gather_facts": False, "tasks": [write]}]))
    assert told.status != 0
    assert "check-and-set parameter did not match the current version" in words(told)
    assert "of somebody late" not in told.output
    assert scene.bao.versions("ftps/files1/partner") == before


def test_a_password_that_somebody_put_back_is_proven_first(scene: PasswordScene) -> None:
    """An operator restores an old version of the secret: the server follows."""
    given = "of-an-operator-0123456789"
    old = scene.current("files1", "partner")
    scene.bao.write("ftps/files1/partner", {"password": given})
    done(scene.rotate(*ONE))
    assert is_settled(scene, "files1")
    assert scene.takes("files1", "partner", given)
    assert not scene.takes("files1", "partner", old)


def test_a_compromise_needs_names(scene: PasswordScene) -> None:
    told = scene.rotate(mode="compromise")
    assert told.status != 0
    assert "files1 has partner, collector." in words(told)
    told = scene.rotate(mode="compromise", compromised=["patner"])
    assert told.status != 0
    assert "No host of this play has an account patner" in words(told)
    assert is_settled(scene)


def test_a_compromised_password_is_refused_and_its_sessions_end(scene: PasswordScene) -> None:
    server = scene.servers["files1"]
    old, others = scene.current("files1", "partner"), scene.current("files1", "collector")
    with server.login("partner", old) as cut, server.login("collector", others) as kept:
        done(scene.rotate(*ONE, mode="compromise", compromised=["partner"], overlap=1))
        # first: Python's ssl reports a broken connection's error at the next connection that it reads
        kept.voidcmd("NOOP")
        with pytest.raises((EOFError, OSError, ftplib.Error)):
            cut.voidcmd("NOOP")
    assert not scene.takes("files1", "partner", old)
    assert scene.current("files1", "collector") == others
    assert is_settled(scene)
    again = done(scene.rotate())
    assert again.output.count("changed=0") == len(SERVERS), again.output


def test_a_compromise_that_a_server_missed_goes_on(scene: PasswordScene) -> None:
    server, old = scene.servers["files2"], scene.current("files2", "partner")
    with server.login("partner", old) as cut:
        with scene.down("files2", "ssh"):
            told = scene.rotate(mode="compromise", compromised=["partner"])
            assert behind(told) == ["partner on files2", "collector on files2"]
        cut.voidcmd("NOOP")
        done(scene.rotate())
        with pytest.raises((EOFError, OSError, ftplib.Error)):
            cut.voidcmd("NOOP")
    assert not scene.takes("files2", "partner", old)
    assert is_settled(scene)


def test_a_compromise_during_a_rotation_takes_another_password(scene: PasswordScene) -> None:
    """The next password was in the same secret."""
    scene.killed("Log in with the password", *ONE, max_age=AT_ONCE)
    leaked = scene.secret("files1", "partner")
    done(scene.rotate(*ONE, mode="compromise", compromised=["partner"]))
    assert [scene.takes("files1", "partner", leaked[name]) for name in ("password", "next")] == [False, False]
    assert is_settled(scene)


def test_a_locked_account_stays_locked(scene: PasswordScene) -> None:
    scene.killed("Log in with the password", *ONE, max_age=AT_ONCE)
    server, stored = scene.servers["files1"], scene.secret("files1", "partner")
    server.inside("usermod --lock partner")
    told = scene.rotate(*ONE)
    assert behind(told) == ["partner on files1"]
    assert "account: partner is locked" in words(told)
    assert not any(scene.takes("files1", "partner", stored[name]) for name in ("password", "next"))
    server.inside("usermod --unlock partner")
    done(scene.rotate(*ONE))
    assert is_settled(scene)


def test_a_secrets_manager_that_does_not_answer_is_told(scene: PasswordScene) -> None:
    told = scene.rotate(*ONE, environment={"VAULT_ADDR": "https://127.0.0.1:9"}, max_age=AT_ONCE)
    assert behind(told) == ["partner on files1", "collector on files1"]
    assert "ftps/files1/partner: The lookup plugin 'community.hashi_vault.vault_read' failed" in words(told)
    told = scene.rotate(*ONE, environment={"ANSIBLE_HASHI_VAULT_TOKEN": "s.none"}, max_age=AT_ONCE)
    assert "and a login, such as VAULT_ADDR and VAULT_TOKEN." in words(told)
    bare = scene.rotate(*ONE, collections=[], max_age=AT_ONCE)
    assert "This needs the collection community.hashi_vault and Python's hvac on the controller" in words(bare)
    assert is_settled(scene)


def test_passwords_stand_nowhere(scene: PasswordScene) -> None:
    """Without pipelining too, where Ansible would write a module's arguments to files of the hosts."""
    old = [scene.current(server, account) for server in SERVERS for account in ACCOUNTS]
    with Watcher() as watcher:
        without = {"ANSIBLE_PIPELINING": "false"}
        run = done(scene.rotate("-vvvvv", "--diff", max_age=AT_ONCE, environment=without))
    new = [scene.current(server, account) for server in SERVERS for account in ACCOUNTS]
    assert not set(old) & set(new)
    canaries = Canaries({"old password": old, "new password": new})
    assert watcher.found([*old, *new]) == set()
    assert {"vsftpd", "python3"} <= watcher.seen
    assert canaries.in_text(run.output) == set()
    assert re.findall(r"^.* PUT .*AnsiballZ_(?:account_password|ftps_probe).*$", run.output, re.M) == []
    assert canaries.in_files(scene.directory) == set()
    for server in scene.servers.values():
        logged = server.inside("journalctl --no-pager --quiet --output=json --all; cat /var/log/vsftpd.log")
        assert canaries.in_text(logged) == set()
        looked = (
            "grep -rlF --exclude-dir=proc --exclude-dir=sys --exclude-dir=dev --binary-files=text -f - / 2>/dev/null"
        )
        assert server.inside(f"{looked} || true", input="\n".join([*old, *new])) == ""
    assert is_settled(scene)
