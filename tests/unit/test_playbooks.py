# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbooks that change or observe many hosts: a host that never answers does not hold up the others for ever. And
modules of playbooks get their options over standard input."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PATTERNS = ("audit", "incident_drill", "propose_revocation", "revoke_*", "rotate_*")
PLAYBOOKS = sorted(path for name in PATTERNS for path in (ROOT / "playbooks").glob(f"{name}.yml"))
ROLES = ("certificate_rotation", "client_key_rotation", "host_key_rotation", "password_rotation")
ON_THE_CONTROLLER = ("localhost",)
OURS = "secure.ftp_synchronize."


@pytest.mark.parametrize("path", PLAYBOOKS, ids=lambda path: path.stem)
def test_each_play_on_hosts_has_a_time_limit(path: Path) -> None:
    plays = [
        play for play in yaml.safe_load(path.read_text()) if play.get("hosts", "localhost") not in ON_THE_CONTROLLER
    ]
    assert [play["name"] for play in plays if "timeout" not in play] == []


@pytest.mark.parametrize("role", ROLES)
def test_each_loop_over_other_hosts_has_a_time_limit(role: str) -> None:
    tasks = [task for path in sorted((ROOT / "roles" / role / "tasks").rglob("*.yml")) for task in _tasks(path)]
    loops = [task for task in tasks if "loop" in task and task.get("delegate_to", "localhost") != "localhost"]
    limited = f"{{{{ __{role}_patience }}}}"
    assert [task["name"] for task in loops if task.get("timeout") != limited] == []


@pytest.mark.parametrize("name", ["main", "jobs"])
def test_each_task_on_the_hosts_of_an_account_has_a_time_limit(name: str) -> None:
    tasks = _tasks(ROOT / f"roles/account_access/tasks/{name}.yml")
    assert [task["name"] for task in tasks if "ignore_errors" in task and "timeout" not in task] == []


@pytest.mark.parametrize("path", sorted((ROOT / "playbooks").glob("*.yml")), ids=lambda path: path.stem)
def test_no_module_with_options_of_the_user_lies_in_a_temporary_file(path: Path) -> None:
    """Ansible writes modules with their options, such as passphrases, into files unless pipelining is on. The roles
    turn it on themselves. role_options is no module."""
    bare = []
    for play in yaml.safe_load(path.read_text()):
        tasks = [*play.get("tasks", []), *play.get("pre_tasks", [])]
        for task in tasks:  # grows
            tasks += [*task.get("block", []), *task.get("always", [])]
            ours = {name.removeprefix(OURS) for name in task if name.startswith(OURS)} - {"role_options"}
            if ours and not any(each.get("vars", {}).get("ansible_pipelining") for each in (play, task)):
                bare.append(task["name"])
    assert bare == []


def _tasks(path: Path) -> list[dict[str, object]]:
    return [task for task in yaml.safe_load(path.read_text()) if isinstance(task, dict)]
