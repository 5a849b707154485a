# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples of the pages about passwords run as written, and run again unchanged; on Debian 12, with jobs on Debian
13."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from support.hosts.host_play import role
from support.running.examples import ROOT
from support.running.playbook_process import Outcome
from support.scenes.password_scene import SECOND, PasswordScene

PASSPHRASE = "canary-7b of the job"
MANAGER = {
    "read.yml": [
        {
            "name": "Read",
            "ansible.builtin.set_fact": {
                "password_rotation_stored": "{{ lookup('ansible.builtin.file', place ~ account.name) | from_json }}"
            },
            "no_log": True,
        }
    ],
    "write.yml": [
        {
            "name": "Write",
            "ansible.builtin.copy": {
                "dest": "{{ place ~ account.name }}",
                "content": "{{ password_rotation_stored | combine({'fields': fields}) | to_json }}",
                "mode": "0600",
            },
            "vars": {"fields": "{{ password_rotation_fields }}"},
            "delegate_to": "localhost",
            "become": False,
            "no_log": True,
        }
    ],
}


PAGE = (ROOT / "docs/rotation_passwords.md").read_text()


def examples(page: str) -> list[str]:
    return re.findall(r"^```yaml\n(.*?)^```$", (ROOT / page).read_text(), re.M | re.S)


VARIABLES, SET_UP, PUSH, KEYS = examples("docs/rotation_passwords.md")


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PasswordScene]:
    groups = {"ftps_servers": ["files"], "sftp_servers": ["files"], "sftp_clients": ["batch1"]}
    directory = tmp_path_factory.mktemp("pages")
    with PasswordScene(directory, {"files": "debian12", "batch1": "debian13"}, groups) as scene:
        scene.bao.write("ftps/authority", {"passphrase": "canary-92 of the authority"})
        scene.bao.write("jobs/nightly", {"passphrase": PASSPHRASE})
        (directory / "passwords.yml").write_text(VARIABLES)
        yield scene


def unchanged(done: Outcome) -> bool:
    return done.status == 0 and set(re.findall(r"changed=(\d+)", done.output)) == {"0"}


def on(hosts: str, tasks: list[dict[str, Any]]) -> str:
    return json.dumps([{"hosts": hosts, "become": True, "gather_facts": False, "tasks": tasks}])


def test_the_servers_of_the_page(scene: PasswordScene) -> None:
    done = scene.run_text(SET_UP)
    assert done.status == 0, done.output
    assert unchanged(again := scene.run_text(SET_UP)), again.output
    # A client of the page: the name, the authority, and some files to push.
    address = scene.servers["files"].host.address
    client = scene.servers["batch1"]
    client.inside(f"echo '{address} files.example.com' >> /etc/hosts; mkdir /srv/results; echo 1 > /srv/results/one")
    authority = (scene.directory / "ftps_authority/ca.pem").read_text()
    client.inside("mkdir -p /etc/ssl; cat > /etc/ssl/ftps_authority.pem", input=authority)


def test_the_playbook_with_the_variables_of_the_page(scene: PasswordScene) -> None:
    playbook = (ROOT / "playbooks/rotate_passwords.yml").read_text()
    given = f"@{scene.directory}/passwords.yml"
    first = scene.run_text(playbook, "-e", given)
    assert first.status == 0, first.output
    assert unchanged(again := scene.run_text(playbook, "-e", given)), again.output
    assert list(scene.bao.read("ftps/files/partner")) == ["password"]
    assert unchanged(again := scene.run_text(SET_UP)), again.output


def test_the_play_of_the_readme_finds_nothing_to_do(scene: PasswordScene) -> None:
    (text,) = examples("roles/password_rotation/README.md")
    assert unchanged(done := scene.run_text(text)), done.output


def test_the_job_of_the_page(scene: PasswordScene) -> None:
    done = scene.run_text(on("sftp_clients", yaml.safe_load(PUSH)))
    assert done.status == 0, done.output
    assert scene.servers["files"].inside("cat /srv/jail/partner/incoming/one") == "1\n"
    assert scene.bao.read("ftps/files/partner")["password"] not in done.output


def test_the_incident_of_the_page(scene: PasswordScene) -> None:
    before = scene.bao.read("ftps/files/partner")["password"]
    command = re.search(r"rotate_passwords -i inventory -e @passwords.yml \\\n(.*)$", PAGE, re.M).group(1)
    words = shlex.split(command)
    playbook = (ROOT / "playbooks/rotate_passwords.yml").read_text()
    done = scene.run_text(playbook, "-e", f"@{scene.directory}/passwords.yml", *words)
    assert done.status == 0, done.output
    assert scene.bao.read("ftps/files/partner")["password"] != before


def test_client_keys_with_a_passphrase_of_the_secrets_manager(scene: PasswordScene) -> None:
    pins = scene.servers["files"].host.known_hosts.read_text()
    scene.servers["batch1"].inside("cat > /etc/ssh/partners_known_hosts", input=pins)
    job = {"name": "nightly", "username": "partner", "servers": [{"host": "files"}]}
    given = {"client_key_rotation_jobs": [job], "client_key_rotation_known_hosts_file": "/etc/ssh/partners_known_hosts"}
    (scene.directory / "rotation.yml").write_text(json.dumps({**given, **yaml.safe_load(KEYS)}))
    playbook = (ROOT / "playbooks/rotate_keys.yml").read_text()
    options = ["-e", f"@{scene.directory}/rotation.yml"]
    done = scene.run_text(playbook, *options, "-vvv")
    assert done.status == 0, done.output
    assert PASSPHRASE not in done.output
    assert unchanged(again := scene.run_text(playbook, *options)), again.output
    key = "/etc/secure_ftp_synchronize/keys/nightly/to/files"
    scene.servers["batch1"].inside(f"ssh-keygen -y -P '{PASSPHRASE}' -f {key}")


def test_another_secrets_manager(scene: PasswordScene) -> None:
    """Two task files that store their input."""
    manager, place = scene.directory / "manager", scene.directory / "kept"
    for directory in (manager, place):
        directory.mkdir()
    for name, tasks in MANAGER.items():
        (manager / name).write_text(json.dumps(tasks))
    before = scene.bao.read("ftps/files/partner")["password"]
    written = {"version": 1, "written": "2026-01-31T12:00:00", "fields": {"password": before}}
    (place / "partner").write_text(json.dumps(written))
    given = {
        "place": f"{place}/",
        "password_rotation_manager": str(manager),
        "password_rotation_accounts": [{"name": "partner"}],
        "password_rotation_max_age": 30,
    }
    done = scene.run_text(on("ftps_servers", [role("password_rotation", **given)]))
    assert done.status == 0, done.output
    now = json.loads((place / "partner").read_text())["fields"]
    assert list(now) == ["password"]
    assert now["password"] != before
    assert scene.servers["files"].inside(f"grep -c : {SECOND} || true").strip() == "0"
