# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every example of client_key_rotation runs as it stands, and runs again unchanged; on Debian 12."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from support.running.examples import ROOT
from support.running.playbook_process import Outcome
from support.scenes.rotation_scene import PASSPHRASE, RotationScene


def examples(page: str) -> list[str]:
    """Return the examples of a page."""
    return re.findall(r"^```yaml\n(.*?)^```$", (ROOT / page).read_text(), re.M | re.S)


VARIABLES, PUSH, REVOKE = examples("docs/rotation_client_keys.md")


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RotationScene]:
    with RotationScene(tmp_path_factory.mktemp("pages"), "debian12") as scene:
        scene.provide()
        # The name that the page gives to a server of this scene.
        scene.inside(f"echo '{scene.servers['files1'].address} files1.example.com' >> /etc/hosts")
        scene.inside("sed 's/^[0-9.]* /files1.example.com /' /etc/ssh/partners_known_hosts | head -3 > /tmp/named")
        scene.inside("cat /tmp/named >> /etc/ssh/partners_known_hosts; mkdir /srv/results; echo 1 > /srv/results/one")
        yield scene


def unchanged(done: Outcome) -> bool:
    return done.status == 0 and re.findall(r"changed=(\d+)", done.output) == ["0"] * 3


def on(hosts: str, text: str, **variables: Any) -> str:
    """Return a play with the tasks of an example."""
    play = {"hosts": hosts, "become": True, "gather_facts": False, "vars": variables, "tasks": yaml.safe_load(text)}
    return json.dumps([play])


def test_the_playbook_with_the_variables_of_the_page(scene: RotationScene) -> None:
    (scene.directory / "rotation.yml").write_text(VARIABLES)
    playbook, given = (ROOT / "playbooks/rotate_keys.yml").read_text(), f"@{scene.directory}/rotation.yml"
    first = scene.run_text(playbook, "-e", given)
    assert first.status == 0, first.output
    assert unchanged(again := scene.run_text(playbook, "-e", given)), again.output
    assert all(scene.published(name) == [scene.current(name)] for name in scene.servers)


def test_the_play_of_the_readme_finds_nothing_to_do(scene: RotationScene) -> None:
    (text,) = examples("roles/client_key_rotation/README.md")
    assert unchanged(done := scene.run_text(text)), done.output


def test_the_job_of_the_page(scene: RotationScene) -> None:
    done = scene.run_text(on("sftp_clients", PUSH, nightly_passphrase=PASSPHRASE))
    assert done.status == 0, done.output
    assert scene.servers["files1"].enter("cat", "/srv/jail/partner/data/one").stdout == "1\n"


def test_the_key_of_a_lost_client(scene: RotationScene) -> None:
    done = scene.run_text(on("sftp_servers", REVOKE))
    assert done.status == 0, done.output
    assert "AAAAC3NzaC1lZDI1NTE5AAAAIJbIQpl1wyQ6rXtPnGJfBJRHrDbAxIsdXSRqTSDRRZoX" in (
        scene.servers["files2"].enter("cat", "/etc/ssh/revoked_keys").stdout
    )
    assert scene.works("files1")
    assert scene.works("files2")
