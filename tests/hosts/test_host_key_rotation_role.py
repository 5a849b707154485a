# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role rotates host keys, and strict clients get through at every moment: the whole life, kills in between, a man
in the middle, unreachable clients, and removed files. Options move the time."""

from __future__ import annotations

import json
import re
import subprocess
import threading
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.hosts.host_play import role
from support.hosts.refusals import Case, Refusal, refusals
from support.running.playbook_process import done
from support.running.slices import slice_of
from support.scenes.host_key_scene import DROP_INS, STANDING, HostKeyScene
from support.scenes.rotation_life import NAME, STEPS, life_of, scene_of

ROOT = Path(__file__).parents[2]
STATE = "ls -lA --time-style=full-iso /etc/ssh /etc/ssh/sshd_config.d; cat /etc/ssh/sshd_config.d/* 2>/dev/null || true"
WAITING = "the change waits to be confirmed"
# In the order of a run: nothing is done, files are, the configuration waits to be confirmed, it is, clients are done.
TASKS = (
    "Make keys, or move them into place",
    "Change sshd's configuration",
    WAITING,
    "Let the clients learn the new state",
    "Remove second files of keys that are in their place",
)


class Caller(threading.Thread):
    """Logs in from the client with strict checking, again and again."""

    def __init__(self, scene: HostKeyScene) -> None:
        super().__init__(daemon=True)
        self.calls: list[subprocess.CompletedProcess[str]] = []
        self._scene, self._over = scene, threading.Event()

    def run(self) -> None:
        while not self._over.wait(0.1):
            self.calls.append(self._scene.call())

    def __enter__(self) -> Caller:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._over.set()
        self.join()

    def refusals(self) -> list[str]:
        """Return ssh's output when it did not get through, except for the moment in which sshd reopens its socket."""
        failed = [call.stderr for call in self.calls if call.returncode]
        return [said for said in failed if "Connection refused" not in said]


life = life_of(HostKeyScene)
scene = scene_of(HostKeyScene)


def works(scene: HostKeyScene) -> None:
    """Both clients get through by their own pins alone."""
    called = scene.call()
    assert called.returncode == 0, called.stderr
    synced = scene.synced()
    assert synced.get("changed"), synced["msg"]


def test_check_mode_on_a_host_that_never_ran_it(life: HostKeyScene) -> None:
    before = life.inside(STATE)
    checked = done(life.rotate("--check", "--diff", host_key_rotation_max_age=0))
    assert checked.count("changed") == 2
    assert f"made: {STANDING}_" in checked.output
    assert life.inside(STATE) == before


def test_a_young_key_is_left_alone_and_no_client_is_asked(life: HostKeyScene) -> None:
    with life.client_away():
        life.rests()


def test_the_whole_life_under_strict_clients(life: HostKeyScene, long_run: bool) -> None:
    old, resting = life.first.fingerprint, slice_of(STEPS[:2], long_run=long_run)
    with Caller(life) as caller:
        done(life.step("max_age"))
        (path,) = life.successors()
        new = life.fingerprint(path)
        assert life.inside(f"stat -c %a {path}").strip() == "600"
        assert life.shown() == old
        assert life.pinned() == ([old, new], [old, new])
        works(life)
        if "max_age" in resting:
            life.rests()

        done(life.step("announce"))
        assert life.shown() == new
        assert life.pinned() == ([old, new], [old, new])
        works(life)
        if "announce" in resting:
            life.rests()

        done(life.step("overlap"))
    assert caller.refusals() == []
    assert sum(not call.returncode for call in caller.calls) > 10
    assert life.shown() == life.fingerprint(STANDING) == new
    assert life.pinned() == ([new], [new])
    assert life.successors() == []
    assert life.inside(f"ls {DROP_INS} 2>/dev/null || true") == ""
    assert life.inside("sshd -T | grep -ci '^hostkey '").strip() == "3"
    works(life)
    life.rests()


def test_a_second_rotation_takes_three_runs_and_keeps_no_secret_in_them(life: HostKeyScene) -> None:
    old = life.shown()
    said = done(life.rotate("-vvv", "--diff", host_key_rotation_max_age=0)).output
    said += done(life.rotate("-vvv", "--diff", host_key_rotation_announce=0)).output
    private = life.inside(f"cat {STANDING} {STANDING}_*Z | grep -v -e -----").split()
    said += done(life.rotate("-vvv", "--diff", host_key_rotation_overlap=0)).output
    assert life.shown() != old
    assert len(private) > 8
    assert [line for line in private if line in said] == []
    assert life.passphrase not in said
    works(life)
    life.rests()


def test_killed_at_every_point_of_every_step_and_run_again(life: HostKeyScene, long_run: bool) -> None:
    # A third of the pairs has each step and each task, because the number of tasks is no multiple of three.
    old, kills = life.shown(), slice_of([*product(STEPS, TASKS)], len(STEPS), long_run=long_run)
    for name in STEPS:
        for task in [task for due, task in kills if due == name]:
            life.killed_waiting(name) if task == WAITING else life.killed_in(name, task)
            called = life.call()
            assert called.returncode == 0, called.stderr
        done(life.step(name))
        works(life)
    assert life.shown() == life.fingerprint(STANDING) != old
    assert (life.pinned(), life.successors()) == (([life.shown()], [life.shown()]), [])
    life.rests()


def test_a_man_in_the_middle_during_the_overlap_is_refused(scene: HostKeyScene) -> None:
    done(scene.step("max_age"))
    done(scene.step("announce"))
    pinned = scene.pinned()
    logins = "journalctl -q -o cat -t sshd -t sshd-session | grep -c 'Accepted publickey' || true"
    scene.lead(scene.client.address)  # where another server answers, to which the client's key would be welcome
    assert not scene.reached()
    before = scene.on_client(logins)
    told = scene.behind(scene.step("overlap"))
    # One login is Ansible's own.
    assert int(scene.on_client(logins)) <= int(before) + 1
    assert f"backup (/home/admin/pins): {NAME} shows " in told
    assert scene.pinned() == pinned
    assert scene.successors() != []
    scene.lead(scene.host.address)
    done(scene.step("overlap"))
    assert scene.successors() == []
    works(scene)


def test_a_client_that_is_away_stops_it_and_is_named(scene: HostKeyScene) -> None:
    old = scene.first.fingerprint
    scene.on_client("systemctl stop ssh")
    told = scene.behind(scene.step("max_age"))
    assert "backup (/home/admin/pins): " in told
    assert "localhost (" not in told.partition("These clients did not")[2]
    assert scene.pinned()[1] == [old, scene.fingerprint(scene.successors()[0])], "the other client goes on"
    scene.behind(scene.step("announce"))
    assert scene.shown() == old
    scene.on_client("systemctl start ssh")
    done(scene.step("announce"))
    assert scene.shown() != old
    scene.on_client("systemctl stop ssh")
    scene.behind(scene.step("overlap"))
    assert scene.fingerprint(STANDING) == old, "nothing is retired either"
    scene.on_client("systemctl start ssh")
    done(scene.step("overlap"))
    works(scene)


def test_a_client_without_a_pin_is_not_given_one(scene: HostKeyScene) -> None:
    scene.on_client("echo > /home/admin/pins")
    told = scene.behind(scene.step("max_age"))
    assert "backup (/home/admin/pins): " in told
    assert scene.on_client("cat /home/admin/pins").strip() == ""


def test_a_controller_that_does_not_know_the_new_key_undoes_the_promotion(scene: HostKeyScene) -> None:
    others = {"host_key_rotation_clients": scene.clients()[:1], "sftp_server_confirm_timeout": 8}
    done(scene.step("max_age", **others))
    refused = scene.step("announce", **others)
    assert refused.status != 0
    assert "was not confirmed" in " ".join(refused.output.split())
    assert scene.shown() == scene.first.fingerprint
    works(scene)
    done(scene.rotate())
    done(scene.step("announce"))
    works(scene)


@pytest.mark.parametrize("phase", [1, 2])
def test_a_new_key_that_somebody_removed_is_made_anew(scene: HostKeyScene, phase: int) -> None:
    for name in STEPS[:phase]:
        done(scene.step(name))
    (lost,) = scene.successors()
    scene.inside(f"rm {lost} {lost}.pub")
    works(scene)
    for name in STEPS:
        done(scene.step(name))
        works(scene)
    assert scene.shown() == scene.fingerprint(STANDING) != scene.first.fingerprint
    assert scene.pinned() == ([scene.shown()], [scene.shown()])


@pytest.mark.parametrize("phase", [1, 2])
def test_an_old_key_that_somebody_removed_is_followed_by_the_new_one(scene: HostKeyScene, phase: int) -> None:
    for name in STEPS[:phase]:
        done(scene.step(name))
    new = scene.fingerprint(scene.successors()[0])
    scene.inside(f"rm {STANDING} {STANDING}.pub")
    works(scene)
    done(scene.rotate())
    assert scene.shown() == scene.fingerprint(STANDING) == new
    assert (scene.pinned(), scene.successors()) == (([new], [new]), [])
    works(scene)
    scene.rests()


def test_lost_lines_of_configuration_begin_the_announcement_anew(scene: HostKeyScene) -> None:
    for name in STEPS[:2]:
        done(scene.step(name))
    kept = scene.successors()
    scene.inside(f"rm {DROP_INS}")
    scene.host.restart_sshd()
    works(scene)
    done(scene.step("overlap"))
    assert (scene.shown(), scene.successors()) == (scene.first.fingerprint, kept)
    done(scene.step("announce"))
    done(scene.step("overlap"))
    works(scene)


def test_two_types_at_once_on_a_hardened_server(scene: HostKeyScene) -> None:
    """The role sftp_server names host keys in its own file, and still finds them there afterwards."""
    harden = ROOT / "playbooks/harden_sftp_server.yml"
    done(scene.play(harden.read_text(), sftp_server_layout="whole_file"))
    both = {"host_key_rotation_types": ["ed25519", "rsa"]}
    for name in STEPS:
        done(scene.step(name, **both))
        works(scene)
    assert scene.inside("ssh-keygen -lf /etc/ssh/ssh_host_rsa_key").startswith("4096 ")
    assert scene.shown() != scene.first.fingerprint
    again = done(scene.play(harden.read_text(), sftp_server_layout="whole_file"))
    assert again.count("changed") == 0, again.output


OWN = "/etc/ssh/sshd_config.d/own.conf"
# The change of the host, and the role's message about it.
REFUSED = {
    "a link as a key": (f"mv {STANDING} /root/; ln -s /root/ssh_host_ed25519_key {STANDING}", "not a regular file"),
    "a host certificate": (
        f"ssh-keygen -q -s {STANDING} -I h -h {STANDING}.pub; echo HostCertificate {STANDING}-cert.pub > {OWN}",
        "host certificates",
    ),
    "another type of key": (f"echo HostKey /etc/ssh/ssh_host_rsa_key > {OWN}", "without a key of the type ed25519"),
    "keys of an agent": (f"echo HostKeyAgent /run/agent > {OWN}", "the host keys are in an agent"),
}
RESTORE = f"rm -f {OWN} {STANDING}-cert.pub; test ! -L {STANDING} || mv -f /root/ssh_host_ed25519_key {STANDING}"


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Refusal]]:
    with HostKeyScene(tmp_path_factory.mktemp("refused")) as scene:
        step_of_all = role("host_key_rotation", **{f"host_key_rotation_{name}": 0 for name in STEPS})
        cases = {name: Case([step_of_all], change, RESTORE) for name, (change, _) in REFUSED.items()}
        yield refusals(cases, STATE, scene.run, scene.inside)


@pytest.mark.parametrize("case", REFUSED)
def test_a_key_that_cannot_be_rotated_is_refused_before_any_change(refused: dict[str, Refusal], case: str) -> None:
    assert refused[case].refused, refused[case].output
    assert REFUSED[case][1] in refused[case].output
    assert refused[case].difference == ""


def plays() -> Iterator[Any]:
    """Yield the plays of the page and of the README."""
    for page in ("docs/rotation_host_keys.md", "roles/host_key_rotation/README.md"):
        for number, text in enumerate(re.findall(r"^```yaml\n(.*?)^```$", (ROOT / page).read_text(), re.M | re.S)):
            yield pytest.param(text, id=f"{page} {number}")


@pytest.mark.parametrize("text", list(plays()))
def test_a_play_of_the_documentation_runs_and_rests(scene: HostKeyScene, text: str) -> None:
    """Only the reader's names and paths are filled in; the other client's stay as on the page."""
    scene.on_client(
        "install -m 600 /home/admin/pins /etc/ssh/partners_known_hosts; install -d -m 700 /root/.ssh;"
        "install -m 600 /home/admin/key /root/.ssh/deploy_ed25519"
    )
    (play,) = yaml.safe_load(text)
    mine = {each["host"]: each for each in scene.clients()}
    for client in play["roles"][0]["host_key_rotation_clients"]:
        own = ("username",) if client["host"] == "backup" else ("username", "path", "name", "private_key_file")
        client.update({name: mine[client["host"]][name] for name in own})
    page = json.dumps([play])
    first = done(scene.play(page, host_key_rotation_max_age=0))
    assert first.count("changed") > 2, first.output
    again = done(scene.play(page))
    assert again.count("changed") == 0, again.output
