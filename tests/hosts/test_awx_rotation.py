# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The template `Rotate keys` of the kit for AWX, as a job on a client and two servers. It logs in with the key of a
Machine credential, which only the job's agent has; another credential has the passphrase of new keys."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.awx.kit import Kit
from support.hosts.host_play import reached
from support.judges.canaries import Canaries
from support.running.awx_job import AwxJob, JobOutcome
from support.running.scratch import scratch
from support.scenes.rotation_scene import PASSPHRASE, RotationScene

KEY = "/etc/secure_ftp_synchronize/keys/nightly/to/files1"


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[RotationScene]:
    with RotationScene(tmp_path) as scene:
        scene.provide()
        yield scene


@pytest.fixture
def place() -> Iterator[Path]:
    """Return the directory of jobs: its path is short, because the sockets of their connections are below."""
    directory = scratch("jobs")
    yield directory
    shutil.rmtree(directory)


def test_a_job_rotates_the_keys(scene: RotationScene, place: Path) -> None:
    job = rotation_job(scene, place)
    first = job.run("-vvvvv")
    assert first.status == "successful", first.output
    keys = {name: scene.current(name) for name in scene.servers}
    assert {name: scene.published(name) for name in scene.servers} == {name: [key] for name, key in keys.items()}
    assert all(scene.works(name) for name in scene.servers)
    assert scene.client.enter("ssh-keygen", "-y", "-P", "", "-f", KEY, check=False).returncode, "it has a passphrase"
    assert Canaries({"passphrase": [PASSPHRASE], "key": key_lines(scene)}).in_files(first.kept) == set()
    again = job.run()
    assert (again.status, changed(again)) == ("successful", 0)
    assert {name: scene.current(name) for name in scene.servers} == keys


def rotation_job(scene: RotationScene, place: Path) -> AwxJob:
    kit = Kit.rendered()
    job = {"name": "nightly", "username": "partner", "servers": [{"host": "files1"}, {"host": "files2"}]}
    options = {
        "client_key_rotation_jobs": [job],
        "client_key_rotation_known_hosts_file": "/etc/ssh/partners_known_hosts",
    }
    return AwxJob(
        place,
        kit.playbook("Rotate keys"),
        kit.answers("Rotate keys"),
        groups={
            "sftp_servers": {name: {**reached(host), **options} for name, host in scene.servers.items()},
            "sftp_clients": {"client": {**reached(scene.client), **options}},
        },
        credentials=[kit.credential("Passphrase of sync jobs", passphrase=PASSPHRASE)],
        machine_key=Path(scene.client.key.path).read_text(),
    )


def key_lines(scene: RotationScene) -> list[str]:
    """Return the lines of two keys: of the owner, and of the new key."""
    made = scene.inside(f"cat {KEY}")
    return [line for text in (made, Path(scene.client.key.path).read_text()) for line in text.splitlines()[1:-1]]


def changed(outcome: JobOutcome) -> int:
    """Return how many results of the job are changes."""
    return sum(result.get("changed", False) for hosts in outcome.hosts.values() for result in hosts.values())
