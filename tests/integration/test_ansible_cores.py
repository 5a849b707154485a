# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The public modules on every supported ansible-core: pins, syncs over both protocols, a policy; without a warning. The
values that the collection has from private parts of ansible-core, on these and on the pinned version."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.running.ansible_cores import CORES
from support.running.play import COLLECTION, Play
from support.servers.served import served
from support.servers.sshd import Sshd
from support.servers.vsftpd import Vsftpd

sshd = served(Sshd)
vsftpd = served(Vsftpd)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "tree/sub").mkdir(parents=True)
    (tmp_path / "tree/sub/file").write_text("content\n")
    return tmp_path / "tree"


def over_sftp(server: Sshd, tree: Path, known_hosts: Path) -> list[dict[str, Any]]:
    where = {"host": server.host, "port": server.port}
    login = {**where, "username": server.user, "private_key_file": str(server.key.path), "ssh_config_file": "none"}
    pin = {f"{COLLECTION}.host_key_pin": {**where, "path": str(known_hosts), "fingerprints": [server.fingerprints[0]]}}
    sync = {
        "secure_sync": {
            **login,
            "known_hosts_file": str(known_hosts),
            "src": str(tree),
            "dest": f"{server.remote_root}/{tree.parent.name}",
        }
    }
    return [pin, {f"{COLLECTION}.host_key_pin_info": {"path": str(known_hosts)}}, sync, sync]


def over_ftps(server: Vsftpd, tree: Path) -> list[dict[str, Any]]:
    endpoint = {"host": server.host, "port": server.port, "ca_file": str(server.authority.file)}
    login = {"username": server.user, "password": server.password}
    sync = {
        "secure_sync": {
            "protocol": "ftps",
            **endpoint,
            **login,
            "src": str(tree),
            "dest": f"{server.remote_root}/{tree.parent.name}",
        }
    }
    policy = {f"{COLLECTION}.tls_policy": {"endpoint": {**endpoint, **login}, "pause": 0.0, "fail_on": "none"}}
    return [sync, sync, policy]


@pytest.mark.parametrize("series", CORES)
def test_the_public_modules(series: str, sshd: Sshd, vsftpd: Vsftpd, tree: Path, tmp_path: Path) -> None:
    tasks = over_sftp(sshd, tree, tmp_path / "known_hosts") + over_ftps(vsftpd, tree)
    played = Play(tmp_path / "play", core=series).run(tasks, "--diff")
    assert [result["failed"] for result in played.results] == [False] * len(tasks), played.output
    pin, info, first, second, third, fourth, policy = played.results
    assert [each["changed"] for each in (pin, first, second, third, fourth)] == [True, True, False, True, False]
    assert [each["fingerprint"] for each in info["pins"]] == [sshd.fingerprints[0]]
    assert {each["action"] for each in first["changes"]} == {each["action"] for each in third["changes"]}
    assert policy["profile"] == "intermediate-2026"
    warned = {text.partition("]: ")[2] for text in played.output.splitlines() if "WARN" in text}
    notes = {note for result in played.results for note in result.get("notes", [])}
    assert warned == {note for note in notes if not note.startswith("the server ")}, "ways around of vsftpd are notes"


SECRET = "canary-5d1c"


@pytest.mark.parametrize("series", ["", *CORES])
def test_the_private_parts_of_ansible_core(series: str, tmp_path: Path) -> None:
    """The secrets of a validation, the interpreter that Ansible finds, and variables without facts."""
    facts = {"ansible.builtin.setup": {"gather_subset": ["!all"]}}
    options = {f"{COLLECTION}.role_options": {"role": "sftp_server"}}
    wrong = {"key_revocation_mode": SECRET, "key_revocation_sign": {"passphrase": SECRET}}
    refused = {f"{COLLECTION}.role_options": {"role": "key_revocation"}, "vars": wrong}
    found = {f"{COLLECTION}.core_module": {"module": "ansible.builtin.setup", "options": {"gather_subset": ["!all"]}}}
    banner = "{{ ansible_hostname | default('none') }} {{ ansible_facts | length }}"
    given = {"sftp_server_banner": banner, "ansible_python_interpreter": "auto_silent"}
    played = Play(tmp_path / "play", core=series, keywords={"vars": given}).run([found, facts, options, refused])
    setup, gathered, taken, secret = played.results
    assert [each["failed"] for each in played.results] == [False, False, False, True], played.output
    assert list(setup["ansible_facts"]) == ["discovered_interpreter_python"], "of Ansible, not of the host"
    assert "ansible_hostname" in gathered["ansible_facts"]
    assert taken["options"]["banner"] == "none 0"
    assert "value of key_revocation_mode must be one of" in secret["msg"]
    assert SECRET not in played.output
