# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A compromised host returns a fact under every name that a plugin, playbook or role on the controller may read. The
value is the address of the attacker. The controller's token goes to its own OpenBao alone, and every host gets the
requests of an honest run."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.compromised.estate import ACCOUNT, PASSWORD, Estate
from support.compromised.evil_facts import evil_facts
from support.compromised.plugin_names import playbook_names, plugin_names
from support.compromised.trust_scene import Played
from support.running.ansible_cores import CORES
from support.running.examples import ROOT
from support.running.other_collections import with_collection
from support.servers.openbao import OpenBao

HASHI_VAULT = "community.hashi_vault"
CANARY = "canary-2f6b"
LOOK_UP = "{{ lookup('community.hashi_vault.vault_kv2_get', 'partner', engine_mount_point='secret').secret.password }}"
PING = {"name": "Look at the hosts", "ansible.builtin.ping": {}}
PLAY = {"hosts": "evil", "gather_facts": False}
SCAN = {"secure.ftp_synchronize.secret_scan": {"paths": ["/srv"], "known_from": ["x_password"]}}
ROLE = {"secure.ftp_synchronize.role_options": {"role": "ftps_server"}, "register": "x"}
OWN = {
    "x_password": LOOK_UP,
    "ftps_server_ca_passphrase": LOOK_UP,
    "audit_accounts": [LOOK_UP],
    "audit_refused": [LOOK_UP],
    "exchange_password": LOOK_UP,
    "exchange_known_hosts_file": "/etc/ssh/partners",
    "exchange_transfers": [{"name": "orders", "src": "/srv/outbox", "dest": "inbox", "username": "us"}],
    "exchange_job_host": "client",
    "exchange_schedule": "daily",
    "exchange_defaults": {"max_delete": "7%", "exclude": [LOOK_UP]},
    "exchange_receipts": {"path": "/var/lib/receipts", "private_key_file": "/etc/ssh/receipts"},
    "exchange_receipts_verify": {"principal": "x", "allowed_signers": [LOOK_UP]},
}
EXTRA = {
    "exchange_hosts": "evil",
    "audit_path": "/nonexistent",
    "audit_attacks": True,
    "audit_scan_allowed": True,
}


def facts(address: str) -> dict[str, Any]:
    """Return a fact for every name, of a value that passes validation. Names of connections would end the run early."""
    options = yaml.safe_load((ROOT / "playbooks/vars/exchange.yml").read_text())["exchange__options"]
    refused = {name for name, option in options.items() if option["type"] != "str" or "choices" in option}
    moved: list[dict[str, Any]] = [{"name": "first", "direction": "push", "src": f"/etc/{address}", "dest": address}]
    moved.append({**moved[0], "name": "second", "dest": "elsewhere"})
    defaults = {"exchange_defaults": {"exclude": [address], "proof": "none"}}
    own = {
        **defaults,
        "exchange_transfers": moved,
        "exchange_receipts": {"path": f"/{address}"},
        "audit_accounts": [address],
    }
    every = dict.fromkeys((_without_ours() | playbook_names()) - refused, address)
    return {**evil_facts(), **every, "ansible_hashi_vault_validate_certs": False, **own, "x_password": address}


@pytest.fixture(scope="module")
def bao(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenBao]:
    with OpenBao(tmp_path_factory.mktemp("bao")) as running:
        running.write("partner", {"password": CANARY})
        running.write("ftps/evil/partner", {"password": CANARY})
        yield running


class Attacked(Estate):
    """An estate with the server `evil`. thief: where the attacker listens."""

    def __init__(self, directory: Path, bao: OpenBao, core: str = "", **environment: str) -> None:
        given = {**bao.environment, **environment}
        super().__init__(
            directory, core, servers=["evil"], environment=given, collections=[with_collection(HASHI_VAULT)]
        )
        newest = {"chain": {"newest": None}}
        self.with_local().answer("secure_sync", {"changed": False}).answer("receipt_verify", newest)
        self.client.answer("receipt_verify", newest)
        own = {name: value for name, value in OWN.items() if not name.startswith("ftps_server_")}
        self.hosts["evil"].set(**own, password_rotation_manager="openbao", password_rotation_mount="secret")

    def requests(self) -> dict[str, list[str]]:
        """Return the requests to every host, sorted, without the parts that differ from run to run."""
        return {
            name: sorted(json.dumps([each.module, _lasting(each.arguments)], sort_keys=True) for each in host.asked)
            for name, host in self.hosts.items()
        }


def _lasting(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if not name.startswith(("_", "src", "state_dir"))}


@contextlib.contextmanager
def thief() -> Iterator[socket.socket]:
    """A server of the attacker, which nothing may connect to."""
    with socket.create_server(("127.0.0.2", 0)) as listening:
        listening.settimeout(0)
        yield listening
        with pytest.raises(BlockingIOError):
            listening.accept()


def address_of(listening: socket.socket) -> str:
    return "http://%s:%d" % listening.getsockname()


def test_names_are_found() -> None:
    assert {"ansible_hashi_vault_url", "ansible_hashi_vault_proxies", "ansible_control_path"} <= plugin_names().keys()
    assert {"exchange_transfers", "audit_accounts", "policy_retention", "partner_host"} <= playbook_names()


def played_by_user(estate: Attacked, task: Mapping[str, Any], *, gather_facts: bool) -> Played:
    """Run a task of a user's own play after the host had the occasion to lie."""
    before = {**PLAY, "tasks": [PING]}
    play = {**PLAY, "gather_facts": gather_facts, "vars": {"ansible_pipelining": True}, "tasks": [task]}
    return estate.run(json.dumps([before, play]))


@pytest.mark.parametrize("core", ["", *CORES])
def test_a_look_up_in_a_play_of_a_user(core: str, bao: OpenBao, tmp_path: Path) -> None:
    """Options of a role, and known secrets: names of our own are left out here, because a role refuses them."""
    with thief() as listening:
        estate = Attacked(tmp_path, bao, core)
        estate.hosts["evil"].set(ftps_server_ca_passphrase=LOOK_UP, ftps_server_names=["evil.example.com"])
        passing = {name: "x" if name == "os_family" else address_of(listening) for name in _without_ours()}
        for module in ("ping", "setup"):
            estate.hosts["evil"].facts(module, **passing)
        for gather_facts in (False, True):
            asserted = {"ansible.builtin.assert": {"that": f"x.options.ca_passphrase == '{CANARY}'"}}
            played = played_by_user(estate, {"block": [ROLE, asserted]}, gather_facts=gather_facts)
            assert played.status == 0, played.output
            played = played_by_user(estate, {**SCAN, "delegate_to": "localhost"}, gather_facts=gather_facts)
            known = [each.arguments["_known_variables"] for each in estate.hosts["localhost"].asked]
            assert known[-1] == {"x_password of evil": CANARY}, played.output
        print(f"{len(passing)} facts")


def _without_ours() -> set[str]:
    """Return the names of plugins that no guard refuses before options are evaluated, and that take any text."""
    from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.fact_guard import FactsRefused
    from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.fact_guard import require_no_own_names as guard

    found = set()
    for name in (name for name, of_type in plugin_names().items() if of_type in ("str", "string", "path")):
        with contextlib.suppress(FactsRefused):
            guard("evil", [name])
            found.add(name)
    assert "ansible_hashi_vault_url" in found
    return found


@pytest.mark.parametrize("guarded", [True, False])
def test_a_host_does_not_pass_for_another(guarded: bool, tmp_path: Path) -> None:
    """Ansible lets facts replace `inventory_hostname`: the host would get the passwords of files1."""
    estate = Estate(tmp_path, servers=["evil"])
    estate.hosts["evil"].set(password_rotation_accounts=[{"name": ACCOUNT}])
    estate.hosts["evil"].facts("ping", inventory_hostname="files1", group_names=["sftp_servers"])
    before = json.dumps([{**PLAY, "tasks": [PING]}])
    (tmp_path / "before.yml").write_text(before)
    earlier = f"- import_playbook: {tmp_path}/before.yml\n"
    played = estate.playbook("rotate_passwords", before=earlier, guarded=guarded, rotate_hosts="evil:files1")
    assert f"{PASSWORD} at files1" not in estate.hosts["evil"].sent
    assert f"{PASSWORD} at files1" in estate.hosts["files1"].sent, played.output
    assert guarded == (f"{PASSWORD} at evil" in estate.hosts["evil"].sent), played.output
    assert guarded or "must not name or place a host, and have group_names" in played.output, played.output


WAYS = {"an-earlier-play": "ping", "gathered": "setup", "cached": "ping", "not-injected": "ping"}
"""How the facts come to the controller, and the module that returns them."""
ASKED = {"exchange": "localhost", "exchange_report": "client", "audit": "localhost", "deploy_exchange": "client"}
PLAYBOOKS = [*ASKED, "rotate_passwords", "harden_ftps_server"]
"""Playbooks, and the host that each asks if it is not the host of the play."""


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", PLAYBOOKS)
def test_a_playbook_asks_what_it_asks_of_honest_hosts(name: str, way: str, bao: OpenBao, tmp_path: Path) -> None:
    environment = {"ANSIBLE_INJECT_FACT_VARS": str(way != "not-injected")}
    if way == "cached":
        cache = {"ANSIBLE_CACHE_PLUGIN": "jsonfile", "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(tmp_path / "cache")}
        environment |= cache
    earlier = [{**PLAY, "gather_facts": way == "gathered", "tasks": [] if way == "gathered" else [PING]}]
    ours = {"import_playbook": str(ROOT / f"playbooks/{name}.yml")}
    runs = {}
    with thief() as listening:
        for kind in ("honest", "evil"):
            estate = Attacked(tmp_path / kind, bao, **environment)
            if kind == "evil":
                lie = {"ansible_facts": facts(address_of(listening))}
                estate.hosts["evil"].answer(WAYS[way], lie, at=1)
            plays = [[*earlier, ours]] if way != "cached" else [earlier, [ours]]
            for play in plays:
                played = estate.run(json.dumps(play), **EXTRA)
            runs[kind] = estate.requests(), played.failed(), estate.touched()
            assert "facts_refused" not in played.output, played.output
            assert name == "audit" or played.status == 0, played.output
    for host, asked in runs["honest"][0].items():
        assert runs["evil"][0][host] == asked, host
    assert runs["evil"][1:] == runs["honest"][1:]
    assert runs["honest"][0][ASKED.get(name, "evil")]


@pytest.mark.parametrize("core", ["", *CORES])
def test_a_run_that_begins_at_a_later_task_is_refused(core: str, bao: OpenBao, tmp_path: Path) -> None:
    """Such a run does not clear the facts of an earlier run, which are in the cache."""
    cache = {"ANSIBLE_CACHE_PLUGIN": "jsonfile", "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(tmp_path / "cache")}
    estate = Attacked(tmp_path / "estate", bao, core, **cache)
    moved = [{"direction": "push", "src": "/etc/shadow", "dest": "x"}]
    read = {"options": {}, "texts": {"transfers": {"x": moved[0]}, "selected": ["x"], "columns": {}}}
    lie = {"exchange_transfers": moved, "exchange__read": read}
    estate.hosts["evil"].answer("ping", {"ansible_facts": lie}, at=1)
    estate.run(json.dumps([{**PLAY, "tasks": [PING]}]))
    ours = json.dumps([{"import_playbook": str(ROOT / "playbooks/exchange.yml")}])
    played = estate.run(ours, "--start-at-task", "Push and pull", **EXTRA)
    assert "facts of evil: must be cleared before this task, and there are exchange__read, " in played.output
    assert estate.hosts["localhost"].asked == []
    assert estate.run(ours, **EXTRA).status == 0
    assert [each.arguments["src"] for each in estate.hosts["localhost"].asked] == ["/srv/outbox"]
