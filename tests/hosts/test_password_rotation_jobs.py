# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A timer's job over FTPS runs every few seconds while the password of its account is rotated, with a real secrets
manager. The tests go through the life of one job in their order."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from support.hosts.host_play import role
from support.hosts.job_host import JobHost
from support.judges.canaries import Canaries
from support.running.playbook_process import Outcome, done
from support.running.slices import slice_of
from support.scenes.password_scene import PasswordScene

SHORT = 0.0000001
"""Days: every run but the one that gives the new password to a job ends the old one."""
DAY, DUE, OLD, OVERLAP = 86400.0, 20.0, 40.0, 35.0
"""Seconds: the age at which a password is due, in the rotation with an overlap the second. The first run has to end
within the overlap."""
DEPLOY = json.dumps([{"import_playbook": "secure.ftp_synchronize.deploy_exchange"}])
LOOKED_UP = "{{ lookup('community.hashi_vault.vault_kv2_get', 'ftps/files1/partner').secret.password }}"
OVER_TLS = {"protocol": "ftps", "username": "partner", "ca_file": "/etc/ca.pem", "src": "/srv/out", "dest": "incoming"}
JOB = "files1-out"
BEHIND = 'The job files1-out on batch1 is behind at "%s" with the password of partner on files1:'
# Behind each task that changes something after the hand-over there is one of these: its name, and which time of a run.
STEPS = [
    ("Let the jobs use it", 2),
    ("Compare the passwords of the jobs", 2),
    ("Give the jobs the password", 2),
    ("Note the jobs", 2),
    ("Remove the old password", 2),
]


class Site:
    """An FTPS server, which is also a partner, and a job host."""

    def __init__(self, directory: Path, scene: PasswordScene) -> None:
        self.scene, self._directory = scene, directory
        server, host = scene.servers["files1"], scene.servers["batch1"].host
        done(server.converge())
        self.jobs = JobHost(directory, host)
        self.jobs.inside("cat >/etc/ca.pem; chmod 644 /etc/ca.pem", text=(server.authority / "ca.pem").read_text())
        self._partner = {
            "exchange_job_host": "batch1",
            "exchange_schedule": "*:*:0/3",
            "exchange_password": LOOKED_UP,
            **{f"exchange_{name}": OVER_TLS[name] for name in ("protocol", "username", "ca_file")},
            "exchange_transfers": [{"name": "out", "src": "/srv/out", "dest": "incoming"}],
        }
        self.own = {"name": "own", "schedule": "daily", "options": {**OVER_TLS, "host": server.host.address}}
        self.own["secrets"] = {"password": LOOKED_UP}

    def _inventory(self, batch: dict[str, Any], partner: dict[str, Any]) -> tuple[str, str]:
        path = self._directory / "partners.json"
        hosts = {"files1": {**self._partner, **partner}}
        path.write_text(json.dumps({"partners": {"hosts": hosts}, "job_hosts": {"hosts": {"batch1": batch}}}))
        return "-i", str(path)

    def rotate(self, *words: str, partner: dict[str, Any] | None = None, **variables: Any) -> Outcome:
        """Run the playbook for the account partner. partner: further variables of the server"""
        own = {"sync_job_jobs": [self.own]}
        given = {"accounts": [{"name": "partner"}], "overlap": SHORT, **variables}
        return self.scene.rotate(*self._inventory(own, partner or {}), *words, **given)

    def due(self, seconds: float = DUE) -> dict[str, float]:
        """Return the greatest age of a password, as soon as the password has it."""
        while self.scene.age("files1", "partner") <= seconds:
            time.sleep(1)
        return {"max_age": seconds / DAY}

    def killed(self, task: str, nth: int) -> str:
        given = {"accounts": [{"name": "partner"}], "overlap": SHORT, **self.due()}
        return self.scene.killed(task, *self._inventory({}, {}), nth=nth, **given)

    def deploy(self, *words: str) -> Outcome:
        return self.scene.run_text(DEPLOY, *self._inventory({}, {}), *words)

    def reported(self, **variables: Any) -> tuple[Outcome, list[dict[str, Any]]]:
        """Run the role, and return its report too."""
        given = {"accounts": [{"name": "partner"}], "overlap": SHORT, **variables}
        included = role("password_rotation", **{f"password_rotation_{name}": each for name, each in given.items()})
        kept = {"content": "{{ password_rotation_report }}", "dest": str(self._directory / "report")}
        shown = {"ansible.builtin.copy": kept, "delegate_to": "localhost", "become": False}
        play = {"hosts": "files1", "become": True, "gather_facts": False}
        tasks = [{"block": [included], "always": [shown]}]
        outcome = self.scene.run_text(json.dumps([{**play, "tasks": tasks}]), *self._inventory({}, {}))
        return outcome, json.loads((self._directory / "report").read_text())

    def accepts(self, *passwords: str) -> list[bool]:
        return [self.scene.takes("files1", "partner", each) for each in passwords]

    def current(self) -> str:
        return self.scene.current("files1", "partner")

    def runs(self) -> list[str]:
        """Return the results of all runs of the job."""
        return [each["result"] for each in self.jobs.history(JOB)]

    def more_runs(self, number: int) -> None:
        """Wait for further runs of the timer."""
        count = f"$(cat /var/lib/secure_ftp_synchronize/jobs/{JOB}/runs.jsonl 2>/dev/null | wc -l)"
        waiting = f"wanted=$(({count} + {number})); until test {count} -ge $wanted; do sleep 0.3; done"
        self.jobs.inside(f"timeout 120 sh -c '{waiting}'")

    @contextmanager
    def no_run_fails(self) -> Iterator[None]:
        """Inside, and for two runs after it, every run of the timer succeeds."""
        before = len(self.runs())
        yield
        self.more_runs(2)
        found = self.runs()[before:]
        assert set(found) == {"ok"}, [each for each in self.jobs.history(JOB)[before:] if each["result"] != "ok"]

    def settle(self) -> None:
        """Let a run give the job the password, and the next end the old one."""
        done(self.rotate())
        done(self.rotate())
        assert self.scene.second("files1") == []


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    directory = tmp_path_factory.mktemp("jobs")
    groups = {"ftps_servers": ["files1"], "job_hosts": ["batch1"]}
    with PasswordScene(directory, {"files1": "debian13", "batch1": "debian13"}, groups) as scene:
        yield Site(directory, scene)


def words(outcome: Outcome) -> str:
    return " ".join(outcome.output.split())


def test_a_job_that_is_not_deployed_is_left_alone(site: Site) -> None:
    done(site.rotate())
    assert "sync-files1-out" not in site.jobs.inside("getent passwd")
    done(site.deploy())
    site.more_runs(1)
    assert set(site.runs()) == {"ok"}


def test_check_mode_names_the_job(site: Site) -> None:
    old, before = site.current(), site.jobs.state()
    checked = done(site.rotate("--check", "--diff", **site.due()))
    assert "files1-out on batch1 would get the new password of partner." in words(checked)
    assert (site.current(), site.jobs.state()) == (old, before)


def test_no_run_fails_through_a_whole_rotation(site: Site) -> None:
    """Both passwords are valid from the proof of the new one to the end of the overlap."""
    old = site.current()
    due = site.due(OLD)
    with site.no_run_fails():
        first = done(site.rotate("-vvvvv", "--limit", "files1", overlap=OVERLAP / DAY, **due))
        new = site.current()
        assert new != old
        assert site.accepts(old, new) == [True, True]
        assert Canaries({"old": [old], "new": [new]}).in_text(first.output) == set()
        site.more_runs(2)
        site.due(OVERLAP)
        done(site.rotate(overlap=OVERLAP / DAY))
        assert site.accepts(old, new) == [False, True]
    again = done(site.rotate())
    assert again.output.count("changed=0") == 1, again.output
    unchanged = done(site.deploy())
    assert unchanged.total("changed") == 0, unchanged.output


def test_no_run_fails_when_the_playbook_is_killed(site: Site, long_run: bool) -> None:
    for task, nth in slice_of(STEPS, 2, long_run=long_run):
        with site.no_run_fails():
            old = site.current()
            site.killed(task, nth)
            assert site.accepts(old) == [True], task
            site.settle()
            assert site.accepts(old, site.current()) == [False, True], task


def test_the_old_password_waits_for_a_job_host_that_is_down(site: Site) -> None:
    old = site.current()
    with site.no_run_fails():
        with site.scene.down("batch1", "ssh"):
            run, (account,) = site.reported(**site.due())
            assert run.status != 0
            assert BEHIND % "Compare the passwords of the jobs" in words(run)
            assert "Connection refused" in account["jobs_behind"][0]["reason"]
            assert (account["account"], account["old_one_too"]) == ("partner", True)
            assert [(each["name"], each["host"]) for each in account["jobs_behind"]] == [(JOB, "batch1")]
            assert site.rotate().status != 0
            assert site.accepts(old, site.current()) == [True, True]
        done(site.rotate())
        assert site.accepts(old, site.current()) == [True, True], "for a run that began with the old one"
        site.more_runs(1)
        done(site.rotate())
        assert site.accepts(old, site.current()) == [False, True]


def test_the_old_password_waits_for_a_job_whose_check_fails(site: Site) -> None:
    old = site.current()
    site.jobs.inside("mv /etc/ca.pem /etc/elsewhere.pem")
    runs = [site.rotate(**site.due()), site.rotate()]
    site.jobs.inside("mv /etc/elsewhere.pem /etc/ca.pem")
    for run in runs:
        assert run.status != 0
        assert BEHIND % "Give the jobs the password" in words(run)
        assert "files1-out: in check mode: trust_store_unreadable" in words(run), run.output
    assert site.accepts(old, site.current()) == [True, True]
    with site.no_run_fails():
        site.settle()
    assert site.accepts(old, site.current()) == [False, True]


def test_the_old_password_ends_when_the_new_one_is_due(site: Site) -> None:
    old = site.current()
    with site.scene.down("batch1", "ssh"):
        assert site.rotate(**site.due()).status != 0
        assert site.accepts(old) == [True]
        run = site.rotate(**site.due())
        assert run.status != 0
        assert site.accepts(old, site.current()) == [False, True]
    done(site.rotate())
    site.more_runs(1)  # one may have begun with the old password
    with site.no_run_fails():
        site.settle()


def test_a_compromised_password_is_replaced_at_the_job_too(site: Site) -> None:
    compromised = {"mode": "compromise", "compromised": ["partner"]}
    with site.scene.down("batch1", "ssh"):
        assert site.rotate(**compromised).status != 0
    done(site.rotate())
    site.more_runs(1)
    with site.no_run_fails():
        done(site.rotate())


def test_jobs_that_are_listed_win(site: Site) -> None:
    own = {**site.own, "secrets": {"password": site.current()}}
    assert site.jobs.deploy(own).status == 0
    listed = [{"name": "partner", "job_hosts": ["batch1"]}]
    done(site.rotate(accounts=listed, **site.due()))
    assert site.jobs.start("own")
    # The job of the transfer, which was not listed, gets the password as soon as it is found.
    done(site.rotate(accounts=listed))
    done(site.rotate())
    site.more_runs(1)
    with site.no_run_fails():
        site.settle()


@pytest.mark.parametrize(
    ("partner", "message"),
    [
        (
            {"exchange_password": "of its own"},
            BEHIND % "Read the transfers"
            + " its password is not the current password of ftps/files1/partner. Take exchange_password from a look-up",
        ),
        (
            {"exchange_job_host": "nowhere"},
            'partner on files1 is behind at "Read the options of the job host": host: nowhere is not in the inventory.',
        ),
    ],
)
def test_a_wrong_inventory_is_named(site: Site, partner: dict[str, Any], message: str) -> None:
    run = site.rotate(partner=partner)
    assert run.status != 0
    assert message in words(run), run.output
    assert "of its own" not in run.output
