# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The endpoint of a task without `host` comes from the variables of its inventory host, on every ansible-core.

One real sshd plays the servers of many inventory hosts: each host reaches it by variables from another place.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.running.ansible_cores import CORES
from support.running.inventory_play import Crowd, InventoryPlay
from support.servers.sshd import Sshd

PROBE = "secure.ftp_synchronize.sftp_probe"
CANARY = "canary-51c7"
WRONG = {"ansible_port": 9, "ansible_user": "wrong", "ansible_ssh_private_key_file": "/wrong"}


@pytest.fixture(scope="module")
def gate() -> Iterator[Sshd]:
    with Sshd(name="gate", forwarding=True) as running:
        yield running


@pytest.fixture(scope="module")
def server() -> Iterator[Sshd]:
    with Sshd() as running:
        yield running


class Inventory:
    """Inventory hosts that all lead to one server; `by_...` names the place of the variables."""

    def __init__(self, server: Sshd, gate: Sshd, directory: Path, core: str = "") -> None:
        self.server, self.gate, self.directory = server, gate, directory
        directory.mkdir(exist_ok=True)
        self.known_hosts = directory / "known_hosts"
        self.known_hosts.write_text(server.known_hosts_line() + gate.known_hosts_line())
        self.whole = {
            "ansible_host": server.host,
            "ansible_port": server.port,
            "ansible_user": server.user,
            "ansible_ssh_private_key_file": str(server.key.path),
        }
        self.play = InventoryPlay(directory / "play", {}, {"ansible_password": CANARY}, core)

    def run(self, hosts: dict[str, dict[str, Any]], *options: str, task: Any = None, **keywords: Any) -> Crowd:
        """Probe the server from every host, delegated to the controller."""
        given = {PROBE: {"known_hosts_file": str(self.known_hosts), "ssh_agent": False}, "delegate_to": "localhost"}
        self.play.hosts = {
            name: {**variables, "ansible_python_interpreter": sys.executable} for name, variables in hosts.items()
        }
        return self.play.run({**given, **(task or {})}, *options, **keywords)

    def without(self, *names: str) -> dict[str, Any]:
        """Return the variables that lead to the server, except some."""
        return {name: value for name, value in self.whole.items() if name not in names}


@pytest.fixture
def inventory(server: Sshd, gate: Sshd, tmp_path: Path, request: pytest.FixtureRequest) -> Inventory:
    return Inventory(server, gate, tmp_path, getattr(request, "param", ""))


def vaulted(text: str, directory: Path) -> dict[str, str]:
    """Return a value that only the vault's password opens, as an inventory in JSON has it."""
    (directory / "vault").write_text("open sesame\n")
    command = [Path(sys.executable).with_name("ansible-vault"), "encrypt", "--vault-password-file", directory / "vault"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    return {"__ansible_vault": done.stdout}


@pytest.mark.parametrize("inventory", ["", *CORES], indirect=True)
def test_every_place_of_a_variable(inventory: Inventory, tmp_path: Path) -> None:
    server, gate = inventory.server, inventory.gate
    (tmp_path / "play/group_vars").mkdir(parents=True)
    (tmp_path / "play/group_vars/partners.yml").write_text(yaml.safe_dump({"port_of_all": server.port}))
    config = tmp_path / "config of partners"
    config.write_text(f"Host by_config\n  HostName {server.host}\n  HostKeyAlias [{server.host}]:{server.port}\n")
    hosts = {
        "by_host": inventory.whole,
        "by_group": {**inventory.whole, "ansible_port": "{{ port_of_all }}"},
        "by_template": {**inventory.whole, "address": [server.host], "ansible_host": "{{ address[0] }}"},
        "by_vault": {**inventory.whole, "ansible_user": vaulted(server.user, tmp_path)},
        "by_old_names": {
            name.replace("ansible_", "ansible_ssh_"): value
            for name, value in inventory.without("ansible_ssh_private_key_file").items()
        }
        | {"ansible_private_key_file": str(server.key.path), "ansible_host": "wrong.invalid"},
        "by_config": {**inventory.without("ansible_host"), "ansible_ssh_extra_args": f"-F '{config}'"},
        "by_jump": {**inventory.whole, "ansible_ssh_common_args": f"-o ProxyJump={gate.user}@{gate.host}:{gate.port}"},
        "omitted": {**inventory.whole, "ansible_ssh_common_args": "{{ omit }}", "ansible_ssh_host": ""},
        "in_reuse": {**inventory.whole, "ansible_ssh_args": "-C -o ControlMaster=auto -o controlpersist=60s"},
        "proxy_command": {**inventory.whole, "ansible_ssh_common_args": f"-o ProxyCommand='sshpass -p {CANARY} x'"},
        "undefined": {**inventory.whole, "ansible_port": "{{ nowhere }}"},
    }
    played = inventory.run(hosts, "--vault-password-file", str(tmp_path / "vault"), "-v")
    bad = {"proxy_command": "not_supported", "undefined": "invalid_request"}
    assert {host: played.code(host) for host in hosts} == {host: bad.get(host) for host in hosts}, played.output
    taken = played.results["by_host"]["from_inventory"]
    assert taken["port"] == {"value": server.port, "variable": "ansible_port"}
    assert set(taken) == {"host", "port", "username", "private_key_file"}
    by_jump = {"value": [f"{gate.user}@{gate.host}:{gate.port}"], "variable": "ansible_ssh_common_args"}
    assert played.results["by_jump"]["from_inventory"]["proxy_jump"] == by_jump
    assert played.results["by_config"]["from_inventory"]["host"] == {
        "value": "by_config",
        "variable": "inventory_hostname",
    }
    assert "-o ProxyCommand" in played.results["proxy_command"]["msg"]
    assert f"endpoint from the inventory: host {server.host} (ansible_host), port {server.port}" in played.output
    assert CANARY not in played.output
    assert "WARN" not in played.output, played.output


def test_the_task_wins_over_defaults_and_they_win_over_the_inventory(inventory: Inventory) -> None:
    server = inventory.server
    hosts = {"partner": {**inventory.whole, **WRONG}, "localhost": {**inventory.whole, "ansible_connection": "local"}}
    defaults = {"port": server.port, "private_key_file": "/wrong/default", "username": "default"}
    probe = {
        "private_key_file": str(server.key.path),
        "known_hosts_file": str(inventory.known_hosts),
        "ssh_agent": False,
    }
    played = inventory.run(
        hosts,
        "-e",
        f"ansible_ssh_user={server.user}",
        task={PROBE: probe},
        module_defaults={"group/secure.ftp_synchronize.endpoint": {**defaults, "username": "{{ omit }}"}},
    )
    assert played.results["partner"].get("peer"), played.results["partner"]
    assert set(played.results["partner"]["from_inventory"]) == {"host", "username"}
    assert played.code("localhost") == "invalid_request"
    assert played.results["localhost"]["msg"].startswith("host: is not set. Set host; or run the task for a host")


def test_the_connection_after_delegation_decides(inventory: Inventory) -> None:
    """Also without delegation; and a user of the command line belongs to other hosts."""
    hosts = {
        "local": {**inventory.whole, "ansible_connection": "local"},
        "no_user": {**inventory.without("ansible_user"), "ansible_connection": "local"},
        "another": {**inventory.whole, "ansible_connection": "community.none.such"},
    }
    played = inventory.run(hosts, "-u", "mallory", task={"delegate_to": "{{ inventory_hostname }}"})
    assert played.code("local") is None, played.output
    assert played.code("no_user") == "authentication_failed"
    assert "mallory" not in played.results["no_user"]["msg"]
    assert "from_inventory" not in played.results["another"]


def test_other_modules_and_protocols(inventory: Inventory, tmp_path: Path) -> None:
    server, name = inventory.server, "secure.ftp_synchronize"
    pin = {f"{name}.host_key_pin": {"path": str(tmp_path / "pins"), "fingerprints": server.fingerprints}}
    sync = {
        "known_hosts_file": str(inventory.known_hosts),
        "src": str(tmp_path),
        "dest": "/nowhere/x",
        "ssh_agent": False,
    }
    ftps = {"protocol": "ftps", "username": "x", "password": "x", "src": str(tmp_path), "dest": "x"}
    host = {"partner": {**inventory.whole, "ansible_python_interpreter": sys.executable}}
    play = InventoryPlay(tmp_path / "play", host)
    pinned = play.run({**pin, "delegate_to": "localhost"}).results["partner"]
    assert pinned["changed"]
    assert pinned["host"] == f"[{server.host}]:{server.port}"
    play.hosts["partner"]["ansible_ssh_common_args"] = "-W not:22"
    looped = {f"{name}.secure_sync": "{{ item }}", "loop": [sync, ftps], "delegate_to": "localhost"}
    over_ssh, over_tls = play.run(looped).results["partner"]["results"]
    assert over_ssh["error"]["code"] == "not_supported"
    assert over_tls["from_inventory"] == {"host": {"value": server.host, "variable": "ansible_host"}}
    assert over_tls["error"]["code"] == "connection_failed"
