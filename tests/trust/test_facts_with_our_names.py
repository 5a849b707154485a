# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts with the names of all variables of the roles, from every step of every playbook: other hosts get the same
requests as on an honest estate, and no others. A user has written these plays with our roles: our playbooks
forget all facts first."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from support.compromised.estate import OTHER_SECRET, PASSWORD, Estate
from support.compromised.evil_facts import EVIL_DIRECTORY, evil_facts
from support.compromised.our_names import ON_HOSTS
from support.compromised.played_host import Asked, PlayedHost
from support.compromised.trust_scene import Played

NAMES = [path.stem for path in ON_HOSTS if path.stem != "sync"]
BEFORE = "- hosts: all\n  gather_facts: false\n  tasks: [{name: Look at the hosts, ansible.builtin.ping: {}}]\n"
BEFORE_THE_ROLE, MOST_STEPS = 2, 3
CLIENT, SERVER = "other-client", "files3"
SECRETS = (OTHER_SECRET, f"{PASSWORD} at files1")


ON_THE_CONTROLLER = {"revoke_keys": {"key_revocation_list"}}
"""Modules that a playbook runs on the controller."""

HELD_UP = {
    "open_account": "account: is not open on server1",
    "deploy_exchange": "facts of files1: must be cleared before this task",
}
"""Playbooks that end early: jobs start after all servers, until the missed server is retired, and the tasks of the
collection that read transfers demand a play without facts."""


def asked_of(host: PlayedHost) -> set[str]:
    """Return the requests to a host, without the parts that differ from run to run."""
    return {_lasting(asked) for asked in host.asked}


def _lasting(asked: Asked) -> str:
    volatile = ("_", "src", "list", "version")  # copies in a temporary directory; the time of a ledger
    arguments = {name: _ordered(value) for name, value in asked.arguments.items() if not name.startswith(volatile)}
    return json.dumps([asked.module, arguments, asked.content], sort_keys=True)


def _ordered(value: object) -> object:
    """Return a list of texts in one order: sets of Jinja have none."""
    return sorted(value) if isinstance(value, list) and all(isinstance(each, str) for each in value) else value


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Estate]:
    """Return an estate after a playbook ran there and every host was honest; run once."""

    @functools.cache
    def run(name: str) -> Estate:
        estate = Estate(tmp_path_factory.mktemp(name), clients=[CLIENT], servers=[SERVER])
        played = estate.playbook(name)
        assert played.status == 0, played.output
        return estate

    return run


def compromised(modules: list[str], kind: str) -> dict[str, int]:
    """Return hosts by name, each with the number of the answer that brings the facts.

    Two answers come before the role: one to an earlier play, and the facts that the play gathers.
    """
    later = range(BEFORE_THE_ROLE + 1, BEFORE_THE_ROLE + len(modules) + 1, max(1, -(-len(modules) // MOST_STEPS)))
    return {f"{kind}{number}": number for number in (1, BEFORE_THE_ROLE, *later)} if modules else {}


@pytest.mark.parametrize("name", NAMES)
def test_other_hosts_are_asked_for_nothing_else(name: str, honest: Callable[[str], Estate], tmp_path: Path) -> None:
    before = honest(name)
    clients = compromised(before.hosts[CLIENT].modules, "client")
    servers = compromised(before.hosts[SERVER].modules, "server")
    estate = Estate(tmp_path, clients=[CLIENT, *clients], servers=[SERVER, *servers])
    estate.with_local()
    for host, number in {**clients, **servers}.items():
        estate.hosts[host].answer(result={"ansible_facts": evil_facts()}, at=number)
    played = estate.playbook(name, gather_facts=True, before=BEFORE, guarded=False)

    for host in ("client", CLIENT, "files1", "files2", SERVER):
        further = asked_of(estate.hosts[host]) - asked_of(before.hosts[host])
        assert {each for each in further if not _about(each)} == set(), host
    for host in (estate.vault, estate.hosts["localhost"]):
        assert set(host.modules) <= {"ping", "setup"} | ON_THE_CONTROLLER.get(name, set())
    for host in (*clients, *servers):
        assert [secret for secret in SECRETS if secret in estate.hosts[host].sent] == [], host
    assert estate.touched() == []
    assert HELD_UP.get(name, "") in played.output
    assert name in HELD_UP or not {"client", CLIENT, "files1", "files2", SERVER} & played.failed(), played.output
    if name != "deploy_exchange":  # the play that finds job hosts forgets their facts instead
        _refused(estate, played, [host for host, number in {**clients, **servers}.items() if number <= BEFORE_THE_ROLE])
    print(f"{len(clients) + len(servers)} hosts, {len(evil_facts())} facts each")


def _refused(estate: Estate, played: Played, hosts: list[str]) -> None:
    """Assert that the roles sent no request to these hosts, and that the play gives the reason."""
    assert set(hosts) <= played.failed(), played.output
    for host in hosts:
        assert set(estate.hosts[host].modules) <= {"ping", "setup"}, host
        # Ansible validates the arguments of the role first.
        assert f"facts of {host}: " in played.output or "argument_errors" in played.refusal(host), played.output


def _about(asked: str) -> bool:
    """Return whether a host got a request that the controller's own variables make about a compromised host."""
    module, arguments, _content = json.loads(asked)
    text = json.dumps(arguments)
    if EVIL_DIRECTORY in text:
        return False
    if module == "account_keys":
        return arguments["holder"].startswith("client")
    of_servers = ("host_key_pin", "secure_sync", "sync_job", "tls_policy")
    return module in ("ping", "setup") or (module in of_servers and "server" in text)
