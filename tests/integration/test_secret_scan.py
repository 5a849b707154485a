# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/secret_scan.md as it is written: a play on the controller with an encrypted inventory. No secret is shown."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.judges.canaries import Canaries
from support.running.examples import ROOT
from support.running.playbook_process import controller
from support.trees.planted_secrets import Planted, plant

PAGE = (ROOT / "docs/secret_scan.md").read_text()
(PLAYBOOK,) = re.findall(r"^```yaml\n(- name: Search.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
VAULTED = "vaulted-canary-8812"


@pytest.fixture
def project(tmp_path: Path) -> Planted:
    """A project whose inventory has one more secret, in Ansible Vault; the log shows it."""
    planted = plant(tmp_path / "project")
    (tmp_path / "vault_pass").write_text("password of the vault\n")
    variables = planted.root / "host_vars/web1.yml"
    variables.parent.mkdir()
    variables.write_text(f"ftp_password: {VAULTED}\nbroken_password: '{{{{ no_such_variable }}}}'\n")
    command = ["ansible-vault", "encrypt", "--vault-password-file", str(tmp_path / "vault_pass"), str(variables)]
    subprocess.run(command, check=True, capture_output=True, env=controller(tmp_path / "home"))
    with (planted.root / "job.log").open("a") as log:
        log.write(f"ok: {json.dumps({'password': VAULTED})}\n")
    return planted


def play(project: Planted, text: str, *options: str) -> subprocess.CompletedProcess[str]:
    playbook = project.root.parent / "scan.yml"
    playbook.write_text(text)
    vault = ["--vault-password-file", str(project.root.parent / "vault_pass")]
    command = ["ansible-playbook", "-i", str(project.root / "hosts.ini"), *vault, *options, str(playbook)]
    environment = controller(project.root.parent / "home")
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def placed(project: Planted) -> str:
    """Return the playbook of the page for this project."""
    text = PLAYBOOK.replace("/srv/project", str(project.root)).replace(
        "/var/log/ansible.log", f"{project.root}/job.log"
    )
    assert text.count(str(project.root)) == 2
    return text


def test_the_page(project: Planted) -> None:
    done = play(project, placed(project), "-vvv")
    assert done.returncode == 2, done.stdout + done.stderr
    assert "ftp_password of web1" in done.stdout
    assert f"{project.root}/job.log" in done.stdout
    assert "broken_password of web1: cannot be evaluated" in done.stdout
    secrets = {name: [each.value] for name, each in project.secrets.items()} | {"vault": [VAULTED]}
    # The inventory shows its own passwords to ssh, not to the output.
    assert Canaries(secrets).in_text(done.stdout + done.stderr) == set()


def test_a_result_for_other_tasks(project: Planted) -> None:
    task: dict[str, Any] = {
        "secure.ftp_synchronize.secret_scan": {"paths": [str(project.root / "hosts.ini")], "fail_on": "none"},
        "register": "scan",
    }
    shown = {"ansible.builtin.debug": {"msg": "{{ scan.findings | map(attribute='kind') | join(', ') }}"}}
    text = yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": [task, shown]}])
    done = play(project, text)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "value of ansible_password, value of ansible_become_password" in done.stdout
