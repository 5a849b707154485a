# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compromised servers in playbooks/audit.yml: a lie counts for the host that sent it, a host that was not asked is not
measured, and no answer or fact decides the scope."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.utc import utc
from support.compromised.trust_scene import TrustScene
from support.scenes.audit_site import HOSTILE, good_site

PLAYBOOK = f"- import_playbook: {Path(__file__).resolve().parents[2] / 'playbooks/audit.yml'}\n"
BEFORE = "- hosts: all\n  gather_facts: false\n  tasks: [{name: Look at the hosts, ansible.builtin.ping: {}}]\n"


class Audited(TrustScene):
    """Servers that are simulated; `honest` meets every control of SFTP servers."""

    def server(self, name: str) -> Any:
        named = {} if name == "left-out" else {"audit_accounts": ["partner"]}
        host = self.host(name, "sftp_servers", **named)
        return host.answer("audit_observe", {"changed": False, "observations": observations()})

    def audit(self, limit: str) -> None:
        path = str(self._directory / "reports")
        played = self.run(BEFORE + PLAYBOOK, "--limit", limit, audit_path=path, audit_fail_on="none")
        assert played.status == 0, played.output
        assert self.touched() == []

    def row(self, control: str) -> dict[str, Any]:
        data = json.loads((self._directory / "reports/latest/audit.json").read_text())
        return next(row for row in data["rows"] if row["control"] == control)


def observations(**values: Any) -> list[dict[str, Any]]:
    """Return the observations of a good host, made now. values: replace them."""
    seen = [each._asdict() for each in good_site().observations["files1"].values() if each.what != "tls"]
    return [{**each, "time": utc(time.time()), "value": values.get(each["what"], each["value"])} for each in seen]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Audited:
    directory = tmp_path_factory.mktemp("audit")
    cache = {"ANSIBLE_CACHE_PLUGIN": "jsonfile", "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(directory / "facts")}
    scene = Audited(directory, environment=cache)
    for name in ("honest", "facts", "verdicts", "keys", "forms", "deep", "others", "left-out", "cached"):
        scene.server(name)
    hosts = scene.hosts
    hosts["facts"].answer("ping", {"ansible_facts": {"audit_accounts": ["another"], "audit_path": "/evil"}})
    jails = [{"account": "partner", "path": "none", "parts": []}]
    lie = {"state": "pass", "rows": [{"control": "5.2", "state": "pass"}], "counts": {"fail": 0}}
    hosts["verdicts"].answer("audit_observe", {**lie, "observations": observations(jails=jails)})
    hosts["keys"].answer("audit_observe", {"unreachable": True, "add_host": {"host_name": "evil"}})
    wrong = observations(jails={"partner": HOSTILE}, sshd_settings=[[[[[[[[[[HOSTILE]]]]]]]]]], key_files=10**18 * 10)
    hosts["forms"].answer("audit_observe", {"observations": wrong})
    deep: list[Any] = []
    for _level in range(240):
        deep = [deep]
    hosts["deep"].answer("audit_observe", {"observations": observations(), "more": deep})
    about = [{**each, "host": "left-out"} for each in observations()]
    hosts["others"].answer("audit_observe", {"observations": about, "ansible_facts": {"x": 1}})
    hosts["cached"].answer("ping", {"ansible_facts": {"audit__observed": {"observations": observations()}}})
    scene.run(BEFORE, "--limit", "cached")
    scene.audit("localhost,all,!left-out,!cached")
    return scene


def test_each_lie_is_no_pass(scene: Audited) -> None:
    row = scene.row("5.2")
    assert (row["state"], [each["host"] for each in row["findings"]]) == ("fail", ["verdicts"])
    missing = {each["host"]: each["reason"] for each in row["missing"]}
    assert set(missing) == {"keys", "forms", "deep", "others", "left-out", "cached"}
    asked = {name: host.asked[-1].arguments.get("accounts") for name, host in scene.hosts.items() if host.asked}
    assert asked["facts"] == asked["honest"] == ["partner"]
    assert "must not hold add_host, unreachable" in missing["keys"]
    assert missing["forms"] == "jails: the value has an unexpected form"
    assert "has more than 30 levels" in missing["deep"]
    assert "must hold no facts" in missing["others"]


def test_a_host_that_the_limit_leaves_out_is_not_measured(scene: Audited) -> None:
    assert scene.hosts["left-out"].modules == []
    missing = {(each["host"], each["reason"]) for each in scene.row("6.2")["missing"]}
    assert ("left-out", "sshd_settings: it was not observed") in missing
    assert ("forms", "sshd_settings: the value is missing or too large") in missing
    assert "honest" not in {host for host, _reason in missing}


def test_a_cached_fact_does_not_stand_for_an_answer(scene: Audited) -> None:
    assert "audit_observe" not in scene.hosts["cached"].modules
    for control in ("5.2", "6.2"):
        missing = {each["host"]: each["reason"] for each in scene.row(control)["missing"]}
        assert "have audit__observed" in missing["cached"]


def test_facts_do_not_choose_the_server_of_the_tls_check(tmp_path: Path) -> None:
    scene = TrustScene(tmp_path)
    local = scene.host("localhost")
    for name in ("honest", "liar"):
        scene.host(name, "ftps_servers", audit_endpoint={"host": f"{name}.example.com"})
    facts = {"audit_endpoint": {"host": "victim.example.com", "port": 8443}, "audit_attacks": True}
    scene.hosts["liar"].answer("ping", {"ansible_facts": {**facts, "audit_scan_allowed": True}})
    played = scene.run(BEFORE + PLAYBOOK, audit_path=str(tmp_path / "reports"), audit_fail_on="none")
    asked = [each.arguments["endpoint"]["host"] for each in local.asked if each.module == "tls_policy"]
    assert sorted(asked) == ["honest.example.com", "liar.example.com"], played.output
    assert not any(each.arguments.get("marked_login") for each in local.asked)


def test_a_cached_fact_is_no_transfer_of_a_partner(tmp_path: Path) -> None:
    """The partner is left out by the limit, so that nothing clears its facts."""
    cache = {"ANSIBLE_CACHE_PLUGIN": "jsonfile", "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(tmp_path / "facts")}
    scene = Audited(tmp_path, environment=cache)
    (transfer,) = good_site().values()["transfers"]
    read = {"options": {}, "texts": {"flows": {"out": transfer}, "pinned": {}}}
    partner = scene.host("partner", "partners", exchange_transfers=[])
    partner.answer("ping", {"ansible_facts": {"exchange__read": read, "exchange__measured": {}}})
    scene.server("honest")
    scene.run(BEFORE, "--limit", "partner")
    scene.audit("localhost,honest")
    for control in ("1.1", "1.2", "4.1"):
        missing = [(each["host"], each["reason"]) for each in scene.row(control)["missing"]]
        assert missing == [("localhost", "transfers: partner: it was not observed")]
