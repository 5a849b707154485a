# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A compromised host returns facts with the answer of any module in the middle of a role, also of ansible-core's own.
Ansible would obey them in the next task, and be led to another host by `ansible_control_path`."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.compromised.estate import Estate
from support.compromised.obeyed import Sudo
from support.compromised.trust_scene import TrustScene
from support.running.actions import COLLECTION
from support.running.ansible_cores import CORES
from support.running.play import Play

ROOT = Path(__file__).parents[2]
# Playbooks whose roles use modules of ansible-core.
NAMES = ["harden_ftps_server", "provision_jail"]


def modules_of(name: str, directory: Path) -> list[str]:
    """Return the modules that an honest server is asked to run, each once."""
    estate = Estate(directory)
    played = estate.playbook(name)
    assert played.status == 0, played.output
    return list(dict.fromkeys(estate.servers[0].modules))


@pytest.mark.parametrize(
    ("name", "core"), [*((name, "") for name in NAMES), *(("provision_jail", core) for core in CORES)]
)
def test_they_are_not_obeyed(name: str, core: str, tmp_path: Path) -> None:
    modules, sudo = modules_of(name, tmp_path / "honest"), Sudo(tmp_path)
    hosts = {f"evil-{module.replace('_', '-')}": module for module in modules}
    estate = Estate(tmp_path / "estate", core, servers=list(hosts), environment=sudo.environment, become=True)
    for host, module in hosts.items():
        estate.hosts[host].facts(module, **sudo.facts)
    played = estate.playbook(name)
    assert sudo.ran
    assert not sudo.obeyed, played.output
    for host, module in hosts.items():
        # Facts that the setup module gathers are data, not variables.
        assert module == "setup" or f"answer of {host}: must hold no facts" in played.refusal(host), played.output
    assert {"files1", "files2"} <= played.done(), played.output
    print(f"{len(hosts)} modules")


def test_those_of_a_job_lead_no_later_task_elsewhere(tmp_path: Path) -> None:
    """Ansible itself fetches the answer of a task with `async`, and keeps its facts."""
    sudo = Sudo(tmp_path)
    scene = TrustScene(tmp_path / "scene", environment=sudo.environment, become=True)
    evil, honest = scene.host("evil"), scene.host("honest")
    for host in (evil, honest):
        job = {"ansible_job_id": "j1.1", "started": 1, "finished": 0, "results_file": "/x"}
        host.answer("async_wrapper", job).answer("async_status", {"ansible_job_id": "j1.1", "finished": 1})
    evil.facts("async_status", **sudo.facts)
    ours = "secure.ftp_synchronize.host_key_pin_info"
    tasks = [{ours: {"path": "/x"}, "async": 60, "poll": 1}, {ours: {"path": "/y"}}]
    played = scene.play(tasks)
    assert "async_status" in evil.modules, played.output
    assert evil.modules.count("host_key_pin_info") == 0
    assert "facts of evil: must not decide how it is reached" in played.refusal("evil"), played.output
    assert honest.modules.count("host_key_pin_info") == 1
    assert played.done() == {"honest"}, played.output
    assert sudo.ran
    assert not sudo.obeyed, played.output


@pytest.mark.parametrize("core", ["", *CORES])
def test_each_of_our_modules_runs_with_its_guard(core: str, tmp_path: Path) -> None:
    """Also those that share an action: a host that passes for another is refused before its module is sent."""
    modules = sorted(path.stem for path in (ROOT / "plugins/modules").glob("*.py"))
    passing = {"ansible.builtin.set_fact": {"inventory_hostname": "other", "cacheable": True}}
    named = [{f"{COLLECTION}.{name}": {}} for name in modules]
    ways = [{way: f"{COLLECTION}.account_keys"} for way in ("action", "local_action")]
    played = Play(tmp_path, core=core).run([passing, *named, *ways, {**named[1], "loop": ["x"]}])
    *results, looped = played.results[1:]
    refused = [result.get("error", {}).get("code") for result in (*results, *looped["results"])]
    expected = dict.fromkeys([*modules, *map(str, ways), "loop"], "facts_refused")
    assert dict(zip(expected, refused, strict=True)) == expected, played.output
    print(f"{len(modules)} modules")
