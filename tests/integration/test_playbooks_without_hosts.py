# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbooks whose success is taken for a proof fail if they reach no host: a missing or empty group, a wrong name, and
a limit without their hosts. For the playbooks for incidents, see test_revocation_without_hosts.py.

The host is at a port without a listener: a run that reaches it fails too, with another output.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.hosts.host_play import NOWHERE
from support.running.playbook_process import Outcome, controller, finished, playbook_process

DIRECTORY = Path(__file__).parents[2] / "playbooks"
PART = "secure.ftp_synchronize.parts.check_hosts"
OTHER = {"other": {"ansible_connection": "local"}}
PLAYBOOKS = {
    path.stem: path.read_text()
    for path in sorted(DIRECTORY.glob("*.yml"))
    if f"import_playbook: {PART}" in path.read_text()
}
PATTERN = re.compile(r"(\w+) \| default\('(\w+)'")
WITHOUT = {
    "inventory-empty": ({}, ()),
    "group-missing": ({"others": OTHER}, ()),
    "group-empty": ({"others": OTHER, "GROUP": {}}, ()),
    "pattern-typo": ({"others": OTHER, "GROUP": {"files1": NOWHERE}}, ("-e", "OPTION=filez")),
    "limit": ({"others": OTHER, "GROUP": {"files1": NOWHERE}}, ("--limit", "others")),
}
REACHED: list[tuple[str, ...]] = [
    (),
    ("--limit", "files1"),
    ("--limit", "files1,others"),
    ("-e", '{"OPTION": ["files1"]}'),
    ("-e", "OPTION=files1:!others"),
]


def run(directory: Path, playbook: str, groups: dict[str, Any], *words: str) -> Outcome:
    """Run a playbook of the collection, or a file. GROUP, OPTION: its default group and the name of its option."""
    option, group = PATTERN.search(PLAYBOOKS[Path(playbook).stem]).groups()
    named = {name.replace("GROUP", group): {"hosts": hosts} for name, hosts in groups.items()}
    (directory / "hosts.json").write_text(json.dumps({"all": {"children": named}}))
    with playbook_process(
        directory,
        *(playbook if playbook.endswith(".yml") else f"secure.ftp_synchronize.{playbook}", "-i", "hosts.json"),
        *(word.replace("OPTION", option) for word in words),
        environment=controller(directory / "home"),
    ) as process:
        return finished(process)


def plays(output: str) -> list[str]:
    return re.findall(r"^PLAY \[(.*)\]", output, re.MULTILINE)


def main_play(playbook: str) -> str:
    """Return the name of the play that does the work."""
    return yaml.safe_load(PLAYBOOKS[playbook])[-1]["name"]


def test_the_playbooks_are_found() -> None:
    assert {"verify_ftps_server", "verify_jails", "verify_sftp_server"} <= set(PLAYBOOKS)
    assert {"exchange", "require_mfa", "restore_drill_overdue"} <= set(PLAYBOOKS)


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_the_pattern_of_the_check_is_the_pattern_of_the_play(playbook: str) -> None:
    entries = yaml.safe_load(PLAYBOOKS[playbook])
    checks = [entry["vars"] for entry in entries if entry.get("ansible.builtin.import_playbook") == PART]
    assert entries[: len(checks)] == [entry for entry in entries if "ansible.builtin.import_playbook" in entry]
    assert {check["checked_hosts"] for check in checks} == {entry["hosts"] for entry in entries if "hosts" in entry}
    for check in checks:
        assert check["checked_option"] == PATTERN.search(check["checked_hosts"])[1]


@pytest.mark.parametrize("case", WITHOUT)
@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_a_run_without_hosts_fails(tmp_path: Path, playbook: str, case: str) -> None:
    groups, words = WITHOUT[case]
    done = run(tmp_path, playbook, groups, *words)
    assert done.status == 2, done.output
    assert "o host was reached" in " ".join(done.output.split()), done.output
    assert main_play(playbook) not in plays(done.output)


@pytest.mark.parametrize("words", REACHED, ids=" ".join)
@pytest.mark.parametrize("playbook", ["verify_jails", "exchange"])
def test_a_run_with_a_host_begins(tmp_path: Path, playbook: str, words: tuple[str, ...]) -> None:
    done = run(tmp_path, playbook, {"others": OTHER, "GROUP": {"files1": NOWHERE}}, *words)
    assert main_play(playbook) in plays(done.output), done.output
    assert "o host was reached" not in " ".join(done.output.split())
    assert "WARN" not in done.output


def test_a_scenario_of_molecule_names_its_hosts(tmp_path: Path) -> None:
    """The variables of an import reach both plays. Molecule's hosts are in no group of the collection."""
    entry = {"ansible.builtin.import_playbook": "secure.ftp_synchronize.verify_jails"}
    verify, groups = tmp_path / "verify_jails.yml", {"molecule": {"files1": NOWHERE}}
    verify.write_text(json.dumps([entry]))
    done = run(tmp_path, str(verify), groups)
    assert done.status == 2, done.output
    assert "jail_hosts: sftp_servers matches no host of the inventory" in " ".join(done.output.split()), done.output
    verify.write_text(json.dumps([{**entry, "vars": {"jail_hosts": "all"}}]))
    done = run(tmp_path, str(verify), groups)
    assert main_play("verify_jails") in plays(done.output), done.output
