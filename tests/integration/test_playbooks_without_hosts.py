# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every playbook fails if it reaches no host, and names a variable that is missing before it does anything.

A missing or empty group, a wrong name, and a limit without its hosts. The host is at a port without a listener: a run
that reaches it fails too, with another output. For the playbooks for incidents, see also
test_revocation_without_hosts.py.
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
PART = "secure.ftp_synchronize.parts."
OTHER = {"other": {"ansible_connection": "local"}}
PLAYBOOKS = {path.stem: yaml.safe_load(path.read_text()) for path in sorted(DIRECTORY.glob("*.yml"))}
OWN_CHECK = {"close_account", "open_account"}
"""Their role has the check: a limit to clients with jobs reaches them without a server."""
UNCHECKED = {"rotate_keys": {"{{ rotation_servers | default('sftp_servers') }}"}}
"""Servers of partners are not in the inventory; the clients are checked."""
PATTERN = re.compile(r"(\w+) \| default\('([\w:]+)'")
WITHOUT = {
    "inventory-empty": ({}, ()),
    "group-missing": ({"others": OTHER}, ()),
    "group-empty": ({"others": OTHER, "GROUP": {}}, ()),
    "pattern-typo": ({"others": OTHER, "GROUP": {"files1": NOWHERE}}, ("-e", "OPTION=filez")),
    "limit": ({"others": OTHER, "GROUP": {"files1": NOWHERE}}, ("--limit", "others")),
}
CASES = [
    *(("verify_jails", case) for case in WITHOUT),
    *(("audit", case) for case in WITHOUT if case != "pattern-typo"),
    ("build_sync_program", "limit"),
    *((name, "pattern-typo") for name in PLAYBOOKS if name not in {"verify_jails", "audit", "build_sync_program"}),
]
REACHED: list[tuple[str, ...]] = [
    (),
    ("--limit", "files1"),
    ("--limit", "files1,others"),
    ("-e", '{"OPTION": ["files1"]}'),
    ("-e", "OPTION=files1:!others"),
]
REQUIRED = re.compile(
    r"Not set for \w+: (\w+)|missing required arguments: (\w+)|(\w+): must be set|(dest|retry_job_name): "
)
WITHOUT_REQUIRED = {
    *("harden_ftps_server", "harden_sftp_server", "provision_jail", "rotate_certificates", "rotate_host_keys"),
    *("transfer_monitoring", "verify_ftps_server", "verify_jails", "verify_sftp_server", "propose_revocation"),
}
"""They need no variable, and try the host."""


def option_and_group(playbook: str) -> tuple[str, str]:
    """Return the name of the option of the checked hosts, and a group of its default."""
    found = None if playbook == "audit" else PATTERN.search(json.dumps(PLAYBOOKS[playbook]))
    option, groups = found.groups() if found else ("", "job_hosts")
    return option, "ours" if groups in {"all", "localhost"} else groups.partition(":")[0]


def run(directory: Path, playbook: str, groups: dict[str, Any], *words: str) -> Outcome:
    """Run a playbook of the collection, or a file. GROUP, OPTION: its default group and the name of its option."""
    option, group = option_and_group(Path(playbook).stem)
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
    return PLAYBOOKS[playbook][-1]["name"]


def words_of(pattern: str) -> set[str]:
    return {pattern} if "{{" in pattern else set(pattern.split(":"))


@pytest.mark.parametrize("playbook", sorted(PLAYBOOKS.keys() - OWN_CHECK))
def test_the_hosts_of_each_play_are_checked_before_all_else(playbook: str) -> None:
    entries = PLAYBOOKS[playbook]
    checks = [
        entry["vars"] for entry in entries if entry.get("ansible.builtin.import_playbook") == f"{PART}check_hosts"
    ]
    assert {entry.get("ansible.builtin.import_playbook") for entry in entries[: len(checks)]} == {f"{PART}check_hosts"}
    checked = {word for check in checks for word in words_of(check["checked_hosts"])}
    played = {word for entry in entries if "hosts" in entry for word in words_of(entry["hosts"])}
    assert checked | UNCHECKED.get(playbook, set()) == played
    for check in checks:
        option = PATTERN.search(check["checked_hosts"])
        assert check.get("checked_option") == (option and option[1])


@pytest.mark.parametrize(("playbook", "case"), CASES)
def test_a_run_without_hosts_fails(tmp_path: Path, playbook: str, case: str) -> None:
    groups, words = WITHOUT[case]
    done = run(tmp_path, playbook, groups, *words)
    assert done.status == 2, done.output
    assert "o host was reached" in " ".join(done.output.split()), done.output
    assert main_play(playbook) not in plays(done.output)


def test_an_audit_without_the_controller_measures_nothing(tmp_path: Path) -> None:
    done = run(tmp_path, "audit", {"GROUP": {"files1": NOWHERE}}, "--limit", "files1", "-e", "audit_path=report")
    assert done.status == 2, done.output
    assert "the limit of this run leaves out localhost. Correct --limit." in " ".join(done.output.split())
    assert set(plays(done.output)) == {"Check that a host is in this run"}


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_a_missing_variable_is_named_before_anything_is_done(tmp_path: Path, playbook: str) -> None:
    done = run(tmp_path, playbook, {"GROUP": {"files1": NOWHERE}, "job_hosts": {"files1": NOWHERE}})
    said = " ".join(done.output.split())
    assert "is undefined" not in said, done.output
    assert "is not defined" not in said, done.output
    tried = "UNREACHABLE!" in said or "files1 port 21: Name or service not known" in said
    assert tried == (playbook in WITHOUT_REQUIRED), done.output
    assert tried == (REQUIRED.search(said) is None), done.output
    assert done.status or playbook == "propose_revocation", done.output
    assert done.total("changed") == 0


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
