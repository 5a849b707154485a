# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing that a host returns chooses a file on the controller: the family of its system is looked up in a table."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from support.compromised.estate import OTHER_SECRET, PASSWORD, Estate
from support.compromised.our_names import ON_HOSTS, ROLES, roles_in

HOME = Path(__file__).parents[2] / "roles"
TABLES = {role: yaml.safe_load((HOME / role / "vars/main.yml").read_text()).get(f"__{role}_families") for role in ROLES}
BY_FAMILY = {role for role, table in TABLES.items() if table}
NAMES = [path.stem for path in ON_HOSTS if roles_in(path) & BY_FAMILY]


def plant(directory: Path, sentinel: Path) -> None:
    """Write a variables file as the attacker may have got one onto the controller: with templates."""
    directory.mkdir(parents=True)
    template = "{{ lookup('ansible.builtin.pipe', 'touch %s; echo canary-90ee') }}" % sentinel
    values = {f"__{role}_families": {"Debian": dict.fromkeys(TABLES[role]["Debian"], template)} for role in BY_FAMILY}
    (directory / "evil.yml").write_text(json.dumps(values))


def families(planted: Path) -> dict[str, str]:
    """Return the system family that each compromised server reports."""
    return {
        "absolute": str(planted / "evil"),
        "relative": "../" * 12 + str(planted / "evil").lstrip("/"),
        "other-role": "../../ftps_server/vars/main",
        "template": "{{ lookup('ansible.builtin.pipe', 'touch %s') }}" % (planted.parent / "sentinel"),
        "unknown": "Plan9",
        "nothing": "",
    }


@pytest.mark.parametrize(
    ("name", "gather_facts"),
    [*((name, False) for name in NAMES), ("harden_sftp_server", True), ("rotate_keys", True)],
)
def test_a_family_is_no_file(name: str, gather_facts: bool, tmp_path: Path) -> None:
    planted, sentinel = tmp_path / "planted", tmp_path / "sentinel"
    plant(planted, sentinel)
    cases = families(planted)
    estate = Estate(tmp_path / "estate", servers=list(cases))
    for server, family in zip(estate.servers[2:], cases.values(), strict=True):
        server.facts("setup", ansible_os_family=family)
        server.answer("host_system", {"system": {"id": family, "like": [family]}})
    played = estate.playbook(name, gather_facts=gather_facts)
    assert not sentinel.exists()
    assert "canary-90ee" not in estate.sent() + played.output
    assert OTHER_SECRET not in estate.sent()
    assert not {"files1", "files2"} & played.failed(), played.output
    assert PASSWORD not in played.output
    asked = set(cases) if "host_system" in estate.hosts["files1"].modules else set()
    assert played.failed() >= asked, played.output
    assert [case for case in asked if "Debian" not in played.refusal(case)] == [], played.output
    print(f"{len(asked)} families")
