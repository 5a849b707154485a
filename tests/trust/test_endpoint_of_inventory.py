# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A compromised inventory host returns facts that would lead a task with credentials to another server."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.compromised.trust_scene import TrustScene
from support.running.ansible_cores import CORES
from support.servers.served import served
from support.servers.sshd import Sshd

PROBE = "secure.ftp_synchronize.sftp_probe"
server = served(Sshd)


@pytest.fixture
def thief() -> Iterator[socket.socket]:
    """A server that must not be connected to; the attacker may know its address."""
    with socket.create_server(("127.0.0.2", 0)) as listening:
        listening.settimeout(0)
        yield listening


def was_visited(thief: socket.socket) -> bool:
    try:
        thief.accept()
    except BlockingIOError:
        return False
    return True


def own_or(fact: str, server: Sshd) -> str:
    """Return a template that would take a fact."""
    return "{{ %s | default('%s') }}" % (fact, server.host)


@pytest.mark.parametrize("core", ["", *CORES])
def test_facts_choose_no_server(core: str, server: Sshd, thief: socket.socket, tmp_path: Path) -> None:
    scene = TrustScene(tmp_path / "scene", core)
    address, port = thief.getsockname()
    by_template = {"ansible_host": "{{ partner_address }}", "partner_address": server.host}
    hosts = {
        "honest": ({}, {}, ""),
        "same": ({}, {"ansible_port": server.port, "host": server.host}, ""),
        "address": ({}, {"ansible_host": address}, ""),
        "short": ({}, {"host": address, "port": port}, ""),
        "jump": ({}, {"ansible_ssh_common_args": f"-J x@{address}:{port}"}, ""),
        "key": ({}, {"private_key_file": "/etc/shadow"}, ""),
        "shadowed": (by_template, {"partner_address": address}, ""),
        "another": ({}, {"inventory_hostname": "honest"}, "must not name or place a host, and have inventory_hostname"),
        "asked_for": ({"ansible_host": own_or("ansible_facts.address", server)}, {"address": address}, ""),
        "injected": ({"ansible_host": own_or("ansible_address", server)}, {"ansible_address": address}, ""),
    }
    for name, (variables, facts, _words) in hosts.items():
        own = {"ansible_host": server.host, "ansible_port": server.port, "ansible_user": server.user}
        scene.host(name, **{**own, **variables}).facts("ping", **facts)
    given = {"private_key_file": str(server.key.path), "known_hosts_file": str(server.known_hosts), "ssh_agent": False}
    tasks = [{"ansible.builtin.ping": {}}, {PROBE: given, "delegate_to": "localhost"}]
    played = scene.run(json.dumps([{"hosts": "all", "gather_facts": False, "tasks": tasks}]))
    for name, (_variables, _facts, words) in hosts.items():
        assert words in played.refusal(name), played.output
    assert played.done() == {name for name, (_variables, _facts, words) in hosts.items() if not words}, played.output
    assert not was_visited(thief)
