# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook audit on hosts that do not answer: the report is written."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.running.playbook_process import controller, finished, playbook_process

ROOT = Path(__file__).resolve().parents[2]
PLAYS = yaml.safe_load((ROOT / "playbooks/audit.yml").read_text())
SILENT = {"ansible_host": "127.0.0.1", "ansible_port": 1, "ansible_ssh_common_args": "-F none"}

TEXTS = {"attacked": ("true", "true"), "off": ("false", "true"), "foreign": ("true", "no"), "words": ("no", "yes")}
"""Values of audit_attacks and audit_scan_allowed, as -e and an inventory in INI form give them."""


def audited(directory: Path, inventory: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """Return the report of a run with this inventory, and the output of the run."""
    (directory / "inventory.yml").write_text(yaml.safe_dump(inventory))
    words = ("-i", "inventory.yml", str(ROOT / "playbooks/audit.yml"))
    with playbook_process(directory, *words, environment=controller(directory / "home")) as process:
        output = finished(process).output
    return json.loads((directory / "audits/latest/audit.json").read_text()), output


def test_the_inventory_of_the_page_gives_a_report(tmp_path: Path) -> None:
    (text,) = re.findall(r"```yaml\n# inventory.yml\n(.*?)```", (ROOT / "docs/audit.md").read_text(), re.S)
    inventory = yaml.safe_load(text)
    inventory["all"]["vars"].update(SILENT, audit_path=str(tmp_path / "audits"))
    inventory["all"]["hosts"] = {"localhost": {"ansible_connection": "local", "ansible_host": None}}
    inventory["sftp_servers"]["hosts"] = {
        "files1": {"chroot_jail_accounts": [{"name": "partner"}]},
        "files3": {"audit_accounts": ["other"]},
        "files4": None,
    }
    report, output = audited(tmp_path, inventory)
    assert sorted(report["hosts"]) == ["batch1", "files1", "files2", "files3", "files4", "localhost"], output
    assert report["counts"] == {"fail": 0, "not_measured": 27, "exempt": 0, "pass": 0}


PROBES = {
    "files1": [{"mark": "jail_probe-1"}, {"failed": True, "msg": "no login"}],
    "other": [{"mark": "jail_probe-2"}],
}


@pytest.mark.parametrize(
    ("attacked", "checked", "probes", "marks"),
    [
        ({}, {}, None, ["", ""]),
        ({"mark": "probe-1"}, {}, None, ["probe-1", ""]),
        ({}, {"mark": "tls_probe-1"}, None, ["", "tls_probe-1"]),
        ({"mark": "", "allowed": False}, {"failed": True, "msg": "no server"}, {}, ["", ""]),
        ({"mark": "probe-1"}, {"mark": "tls_probe-1"}, PROBES, ["probe-1", "tls_probe-1", "jail_probe-1", ""]),
    ],
)
def test_the_marks_that_a_host_is_asked_for(
    attacked: dict[str, Any],
    checked: dict[str, Any],
    probes: dict[str, Any] | None,
    marks: list[str],
    tmp_path: Path,
) -> None:
    """The own marks of the host alone; results of jail_probe are a fact of localhost, which no inventory names."""
    (observed,) = [each for each in PLAYS if each["name"] == "Observe the hosts"]
    shown = {"ansible.builtin.debug": {"msg": observed["tasks"][1]["secure.ftp_synchronize.audit_observe"]["marks"]}}
    facts = {"ansible.builtin.set_fact": {"audit_jail_probes": probes}}
    attack = {"ansible.builtin.set_fact": {"audit__ssh": attacked, "audit__tls": checked}}
    plays = [
        *([{"hosts": "localhost", "gather_facts": False, "tasks": [facts]}] if probes is not None else []),
        {"hosts": "files1", "gather_facts": False, "tasks": [attack, shown]},
    ]
    (tmp_path / "play.yml").write_text(yaml.safe_dump(plays))
    (tmp_path / "inventory.yml").write_text(yaml.safe_dump({"all": {"hosts": {"files1": SILENT}}}))
    with playbook_process(
        tmp_path, "-i", "inventory.yml", "play.yml", environment=controller(tmp_path / "home")
    ) as process:
        outcome = finished(process)
    (found,) = re.findall(r'"msg": (\[.*?\])', outcome.output, re.S)
    assert json.loads(found) == marks


def test_the_ftps_servers_are_checked_before_their_marks_are_sought() -> None:
    names = [each["name"] for each in PLAYS]
    assert names.index("Check the FTPS servers from the controller") < names.index("Observe the hosts")


@pytest.mark.parametrize("attacked", TEXTS)
def test_a_text_that_says_no_allows_no_marked_login(attacked: str, tmp_path: Path) -> None:
    (checked,) = [each for each in PLAYS if each["name"] == "Check the FTPS servers from the controller"]
    option = checked["tasks"][1]["secure.ftp_synchronize.tls_policy"]["marked_login"]
    play = {
        "hosts": "files1",
        "gather_facts": False,
        "vars": dict(zip(("audit_attacks", "audit_scan_allowed"), TEXTS[attacked], strict=True)),
        "tasks": [{"ansible.builtin.debug": {"msg": option}}],
    }
    (tmp_path / "play.yml").write_text(yaml.safe_dump([play]))
    (tmp_path / "inventory.yml").write_text(yaml.safe_dump({"all": {"hosts": {"files1": SILENT}}}))
    with playbook_process(
        tmp_path, "-i", "inventory.yml", "play.yml", environment=controller(tmp_path / "home")
    ) as process:
        outcome = finished(process)
    assert re.findall(r'"msg": (\w+)', outcome.output) == [str(attacked == "attacked").lower()]


def test_a_text_that_says_no_allows_no_attack(tmp_path: Path) -> None:
    hosts = {
        name: {"audit_attacks": attacks, "audit_scan_allowed": allowed} for name, (attacks, allowed) in TEXTS.items()
    }
    variables = {**SILENT, "audit_path": str(tmp_path / "audits")}
    report, output = audited(tmp_path, {"all": {"vars": variables}, "sftp_servers": {"hosts": hosts}})
    (row,) = (each for each in report["rows"] if each["control"] == "9.2")
    reasons = {host: [each["reason"] for each in row["missing"] if each["host"] == host] for host in TEXTS}
    refused = {
        host for host, words in reasons.items() if any("ssh_attacks: no attack was allowed" in each for each in words)
    }
    assert refused == set(TEXTS) - {"attacked"}, output


def test_a_host_that_never_answers_keeps_no_other_from_its_report(tmp_path: Path) -> None:
    silent = tmp_path / "silent"
    silent.write_text("#!/bin/sh\nexec sleep 300\n")
    silent.chmod(0o755)
    hosts = {
        "hostile": {"ansible_python_interpreter": str(silent), "audit_timeout": "2"},
        "honest": {"ansible_python_interpreter": sys.executable},
    }
    local = {"ansible_connection": "local", "ansible_become": False, "audit_path": str(tmp_path / "audits")}
    report, output = audited(tmp_path, {"all": {"vars": local}, "sftp_servers": {"hosts": hosts}})
    (row,) = (each for each in report["rows"] if each["control"] == "6.4")
    reasons = {each["host"]: each["reason"] for each in row["missing"]}
    assert sorted(report["hosts"]) == ["honest", "hostile", "localhost"]
    assert "Timed out" in reasons["hostile"], output
