# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The public modules on every supported ansible-core: pins, syncs over both protocols, a policy; without a warning."""

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
