# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs with a timer run every few seconds over SFTP while their keys are rotated; the inventory of the partners is the
only list of them. The tests go through the life of the jobs in their order."""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.hosts.job_host import JobHost
from support.judges.canaries import Canaries
from support.running.examples import ROOT
from support.running.playbook_process import Outcome, done
from support.running.slices import slice_of
from support.scenes.rotation_scene import ACCOUNT, PASSPHRASE, SERVERS, RotationScene

AT_ONCE = 0.00001
"""Days: every run makes new keys."""
STEPS = [*((1, each) for each in range(1, 11)), (2, 3), (2, 4)]
"""Where the playbook is killed. The run: the first makes new keys, the second removes the old ones. Its results of
items before that: prepare, publish, check, promote and settle, of two jobs; in the second, prepare and retire."""
DEPLOY = json.dumps([{"import_playbook": "secure.ftp_synchronize.deploy_exchange"}])
PAGE = (ROOT / "docs/rotation_client_keys.md").read_text()
KEYS = "/etc/secure_ftp_synchronize/keys"
JOBS = [f"{name}-out" for name in SERVERS]
PARTNER: dict[str, Any] = {
    "exchange_job_host": "client",
    "exchange_schedule": "*:*:0/3",
    "exchange_username": ACCOUNT,
    "exchange_passphrase": PASSPHRASE,
    "exchange_known_hosts_file": "/etc/ssh/partners_known_hosts",
    "exchange_defaults": {"host": "{{ ansible_host }}", "ssh_config_file": "none"},
}
OF_THE_PAGE = yaml.safe_load(re.findall(r"^# inventory/group_vars.*?(?=^```$)", PAGE, re.M | re.S)[0])
(OUT,) = OF_THE_PAGE["exchange_transfers"]


class Site:
    """Two SFTP servers, which are also partners, and the host of their jobs."""

    def __init__(self, scene: RotationScene) -> None:
        self.scene = scene
        scene.provide()
        self.jobs = JobHost(scene.directory, scene.client)

    def inventory(self, **first: Any) -> tuple[str, str]:
        """first: variables of the first partner, in place of those of both"""
        path = self.scene.directory / "partners.json"
        partners = {name: {**OF_THE_PAGE, **PARTNER, **(first if name == SERVERS[0] else {})} for name in SERVERS}
        own = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable, "ansible_become": False}
        groups = {"partners": partners, "job_hosts": {"client": {}}, "controllers": {"localhost": own}}
        path.write_text(json.dumps({name: {"hosts": hosts} for name, hosts in groups.items()}))
        return "-i", str(path)

    def rotate(self, *words: str, partner: dict[str, Any] | None = None, **given: Any) -> Outcome:
        """Run the playbook. partner: variables of the first partner"""
        given = {"jobs": None, "passphrase": None, **given}
        return self.scene.rotate(*self.inventory(**(partner or {})), *words, **given)

    def deploy(self, *words: str) -> Outcome:
        return self.scene.run_text(DEPLOY, *self.inventory(), *words)

    def key(self, server: str) -> str:
        """Return the public key, type and text, that the job uses."""
        text = self.scene.inside(f"cat $(readlink -f {KEYS}/{server}-out/to/{server}).pub")
        return " ".join(text.split()[:2])

    def accepted(self, server: str) -> list[str]:
        """Return the keys that the server accepts from the client."""
        lines = self.scene.servers[server].enter("cat", f"/etc/ssh/authorized_keys.d/{ACCOUNT}").stdout.splitlines()
        return [" ".join(line.split()[1:3]) for line in lines if line.endswith(f":client/{server}-out")]

    def ledger(self, server: str) -> dict[str, Any]:
        return json.loads(self.scene.inside(f"cat {KEYS}/{server}-out/ledger.json"))["servers"]

    def failures(self, before: dict[str, int]) -> list[Any]:
        runs = [each for job in JOBS for each in self.jobs.history(job)[before[job] :]]
        return [(each["job"], each["began"], each["error"]) for each in runs if each["result"] != "ok"]

    def settle(self) -> None:
        """Let a run give the jobs their keys, and the next remove the old ones."""
        done(self.rotate("--limit", "sftp_clients"))
        done(self.rotate("--limit", "sftp_clients"))
        assert all(self.accepted(name) == [self.key(name)] for name in SERVERS)
        assert [self.ledger(name) for name in SERVERS] == [{}, {}]

    def more_runs(self, number: int) -> None:
        """Wait for further runs of each timer."""
        for job in JOBS:
            count = f"$(cat /var/lib/secure_ftp_synchronize/jobs/{job}/runs.jsonl 2>/dev/null | wc -l)"
            waiting = f"wanted=$(({count} + {number})); until test {count} -ge $wanted; do sleep 0.3; done"
            self.jobs.inside(f"timeout 120 sh -c '{waiting}'")

    @contextmanager
    def no_run_fails(self) -> Iterator[None]:
        """Inside, and for two runs after it, every run of the timers succeeds."""
        before = {job: len(self.jobs.history(job)) for job in JOBS}
        yield
        self.more_runs(2)
        assert self.failures(before) == []


def words(outcome: Outcome) -> str:
    return " ".join(outcome.output.split())


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with RotationScene(tmp_path_factory.mktemp("jobs")) as scene:
        yield Site(scene)


def test_a_job_waits_for_its_first_key(site: Site) -> None:
    none = done(site.rotate())
    assert "files1-out, files2-out gets no key: it is not deployed." in words(none)
    assert site.scene.inside(f"ls {KEYS} 2>/dev/null || true") == ""
    waiting = site.deploy()
    assert waiting.status != 0
    assert "private_key_unusable" in words(waiting)
    done(site.rotate())
    done(site.deploy())
    site.more_runs(1)
    assert {each["result"] for job in JOBS for each in site.jobs.history(job)} == {"ok"}


def test_check_mode_shows_the_jobs(site: Site) -> None:
    before = [site.key(name) for name in SERVERS], site.jobs.state()
    checked = done(site.rotate("--check", "--diff", max_age=AT_ONCE))
    assert "files1-out, files2-out on client would get a new key." in words(checked)
    for name in SERVERS:
        assert f"{KEYS}/{name}-out/keys/ed25519-" in checked.output
    assert ([site.key(name) for name in SERVERS], site.jobs.state()) == before


def test_no_run_fails_through_whole_rotations(site: Site) -> None:
    with site.no_run_fails():
        for _each in range(2):
            old = {name: site.key(name) for name in SERVERS}
            rotated = done(site.rotate("-vvvvv", max_age=AT_ONCE))
            assert Canaries({"passphrase": [PASSPHRASE]}).in_text(rotated.output) == set()
            for name in SERVERS:
                assert site.key(name) != old[name]
                assert set(site.accepted(name)) == {old[name], site.key(name)}, "for a run that began with the old one"
                assert site.ledger(name)[name]["reason"] == "the next run removes the old key"
            site.more_runs(1)
        site.settle()
    again = done(site.rotate("--diff"))
    assert again.output.count("changed=0") == 3, again.output
    unchanged = done(site.deploy())
    assert unchanged.total("changed") == 0, unchanged.output


def test_no_run_fails_when_the_playbook_is_killed(site: Site, long_run: bool) -> None:
    for run, killed_at in slice_of(STEPS, 6, long_run=long_run):
        with site.no_run_fails():
            if run == 2:
                done(site.rotate("--limit", "sftp_clients", max_age=AT_ONCE))
            age = {"max_age": AT_ONCE} if run == 1 else {}
            killed = site.rotate("--limit", "sftp_clients", killed_at=killed_at, **age)
            assert killed.status == -9, killed.output
            site.more_runs(1)
            site.settle()


def test_there_are_no_more_items(site: Site) -> None:
    done(site.rotate("--limit", "sftp_clients", max_age=AT_ONCE, killed_at=11))
    site.settle()


def test_the_old_key_waits_for_a_failed_check_and_for_a_server_that_is_down(site: Site) -> None:
    """The sandbox of the job sees that its source is missing, which a login does not."""
    old = {name: site.key(name) for name in SERVERS}
    with site.scene.down("files2"):
        run = site.rotate(max_age=AT_ONCE, partner={"exchange_transfers": [{**OUT, "src": "/srv/missing"}]})
    assert run.status != 0
    assert "files1-out to files1 is behind at prove: files1-out: in check mode: " in words(run), run.output
    assert "files2-out to files2 is behind at publish" in words(run)
    assert {name: site.key(name) for name in SERVERS} == old
    assert len(site.accepted("files1")) == 2
    assert (site.ledger("files1")["files1"]["phase"], site.ledger("files2")["files2"]["phase"]) == ("prove", "publish")
    with site.no_run_fails():
        site.settle()
    assert not set(old.values()) & {site.key(name) for name in SERVERS}


def test_a_key_that_no_rotation_can_replace(site: Site, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(site.jobs.key.path.read_text())
    by_look_up = {
        "private_key_file": None,
        "private_key": "{{ lookup('ansible.builtin.file', '%s') }}" % (tmp_path / "key"),
    }
    before, other = site.accepted("files1"), site.key("files2")
    run = site.rotate(max_age=AT_ONCE, partner={"exchange_transfers": [{**OUT, **by_look_up}]})
    assert run.status != 0
    reason = "files1: out: private_key: comes from the inventory or a look-up, where no rotation can replace it."
    assert f"{reason} Set private_key_file of the transfer to {KEYS}/files1-out/to/files1." in words(run), run.output
    assert site.accepted("files1") == before
    assert site.key("files2") != other, "the others go on"


def test_jobs_that_are_listed_win(site: Site) -> None:
    before = [site.key(name) for name in SERVERS]
    job = {"name": "own", "username": ACCOUNT, "servers": [{"host": "files1"}]}
    done(site.rotate(jobs=[job], passphrase=PASSPHRASE, max_age=AT_ONCE))
    assert [site.key(name) for name in SERVERS] == before
    assert site.scene.works("files1", key=f"{KEYS}/own/to/files1")
    needed = site.rotate(jobs=[job])
    assert "Set client_key_rotation_passphrase to the passphrase" in words(needed)


@pytest.fixture
def keys() -> Iterator[str]:
    """Return a directory of this machine below directories of root alone."""
    with tempfile.TemporaryDirectory(dir="/run") as directory:
        yield directory


def test_the_key_of_a_transfer_that_a_play_carries_out(site: Site, tmp_path: Path, keys: str) -> None:
    """The controller is the client. The transfer itself proves the key, on its way to the partner."""
    source = tmp_path / "out"
    source.mkdir()
    (source / "one").write_text("1")
    link = f"{keys}/files1-out/to/files1"
    partner = {
        "exchange_job_host": None,
        "exchange_transfers": [{**OUT, "src": str(source), "private_key_file": link}],
    }
    partner["exchange_known_hosts_file"] = str(site.scene.servers["files1"].known_hosts)
    words = ("--limit", "localhost", "-e", "rotation_clients=localhost")

    def accepted() -> list[str]:
        lines = site.scene.servers["files1"].enter("cat", f"/etc/ssh/authorized_keys.d/{ACCOUNT}").stdout.splitlines()
        return [" ".join(line.split()[1:3]) for line in lines if line.endswith(":localhost/files1-out")]

    def key() -> str:
        return " ".join(Path(f"{os.path.realpath(link)}.pub").read_text().split()[:2])

    done(site.rotate(*words, partner=partner, directory=keys))
    old = key()
    assert accepted() == [old]
    exchange = json.dumps([{"import_playbook": "secure.ftp_synchronize.exchange"}])
    done(site.scene.run_text(exchange, *site.inventory(**partner), "--limit", "files1"))
    assert site.scene.servers["files1"].enter("cat", f"/srv/jail/{ACCOUNT}/data/one").stdout == "1"
    source.rename(tmp_path / "elsewhere")
    failed = site.rotate(*words, partner=partner, directory=keys, max_age=AT_ONCE)
    assert "files1-out to files1 is behind at prove: " in " ".join(failed.output.split()), failed.output
    assert key() == old
    (tmp_path / "elsewhere").rename(source)
    done(site.rotate(*words, partner=partner, directory=keys))
    assert set(accepted()) == {old, key()}
    assert key() != old
