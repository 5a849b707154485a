# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules that confine a compromised host, checked against the text of all roles, so that additions are covered: options
are read first, on the controller; facts have no names of the collection and choose no file; only answers that cannot
hold facts come from hosts that a role delegates to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.secure.ftp_synchronize.plugins.action.role_options import TOGETHER
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.fact_guard import (
    FactsRefused,
    require_no_own_names,
)
from support.compromised.our_names import ENTRY_POINTS, ROLES, names_of

ROOT = Path(__file__).parents[2]
OWN = "secure.ftp_synchronize."
NESTED = ("block", "rescue", "always")


@pytest.mark.parametrize("role", ROLES)
def test_a_fact_with_the_name_of_any_variable_is_refused(role: str) -> None:
    names = names_of(role)
    assert len(names) > 6
    for name in names:
        with pytest.raises(FactsRefused, match=f"facts of files1: .*{name}"):
            require_no_own_names("files1", {"os_family": "Debian", name: ""})


def tasks_in(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the tasks of a file, and those inside its blocks."""
    yield from _flat(yaml.safe_load(path.read_text()) or [], {})


def _flat(tasks: list[dict[str, Any]], outer: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for task in tasks:
        inherited = {key: task[key] for key in ("delegate_to",) if key in task}
        for part in NESTED:
            yield from _flat(task.get(part, []), {**outer, **inherited})
        if "block" not in task:
            yield {**outer, **task}


def first_task(role: str, entry: str) -> dict[str, Any]:
    """Return the first task that runs, through includes of task files."""
    path = ROOT / "roles" / role / "tasks" / f"{entry}.yml"
    task = next(tasks_in(path))
    while "ansible.builtin.include_tasks" in task:
        path = ROOT / "roles" / role / "tasks" / str(task["ansible.builtin.include_tasks"])
        task = next(tasks_in(path))
    return task


@pytest.mark.parametrize(("role", "entry"), ENTRY_POINTS)
def test_every_entry_point_begins_with_its_options(role: str, entry: str) -> None:
    assert first_task(role, entry).get(f"{OWN}role_options", {}).get("role") == role


def plays_of(path: Path) -> list[dict[str, Any]]:
    plays = yaml.safe_load(path.read_text().replace("!unsafe", ""))
    return [play for play in plays if "hosts" in play] if isinstance(plays, list) else []


GUARD = {"name": "Forget the facts of the hosts", "ansible.builtin.meta": "clear_facts"}
PLAYBOOKS = [path for path in sorted((ROOT / "playbooks").rglob("*.yml")) if plays_of(path)]


@pytest.mark.parametrize("path", PLAYBOOKS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_play_begins_without_facts(path: Path) -> None:
    """Ansible evaluates templates of a task, and passwords of a connection, with facts too."""
    for play in plays_of(path):
        if "roles" in play:
            assert play["pre_tasks"][0] == GUARD
        else:
            assert (play.get("pre_tasks") or play["tasks"])[0] == GUARD
        assert play["gather_facts"] is False


COMPARING = re.compile(r"run_once:|ansible_play_(?:hosts|batch)")


def compares_hosts(*places: Path) -> bool:
    return any(
        COMPARING.search(path.read_text())
        for place in places
        for path in [place, *place.rglob("*.yml")]
        if path.is_file()
    )


def test_roles_and_plays_that_compare_their_hosts_keep_them_at_the_same_step() -> None:
    """Whatever `strategy` the configuration of the controller has. A role refuses another strategy of its play."""
    roles = {role for role in ROLES if compares_hosts(ROOT / "roles" / role)}
    assert roles | {"exchange"} == set(TOGETHER)
    for path in PLAYBOOKS:
        for play in plays_of(path):
            text = json.dumps(play)
            named = {role for role in roles if re.search(rf"\b{OWN}{role}\b", text.replace(f"{OWN}role_options", ""))}
            own = [path.parent / name for name in play.get("vars_files", ())]
            if named or COMPARING.search(text.replace('"', "")) or compares_hosts(*own):
                assert play.get("strategy") == "linear", (path.name, play["name"])


HARMLESS = ("inventory_hostnames", "password", "template", "varnames")
"""Look-ups of ansible-core that no variable leads elsewhere."""


def test_look_ups_that_lead_elsewhere_are_evaluated_without_facts() -> None:
    evaluated = []
    for path in FILES:
        for task in tasks_in(path):
            text = str({key: task[key] for key in task if key != "vars" or f"{OWN}role_options" not in task})
            assert not LOOK_UP.search(text), (path, task["name"])
            evaluated += [task for each in task.get("vars", {}).values() if LOOK_UP.search(str(each))]
    assert len(evaluated) == 3
    others = [
        *(ROOT / "playbooks").rglob("*.yml"),
        *(ROOT / "roles").glob("*/vars/*.yml"),
        *(ROOT / "roles").rglob("*.j2"),
    ]
    assert [path for path in others if LOOK_UP.search(path.read_text())] == []


LOOK_UP = re.compile(r"(?:lookup|query|q)\(\s*'(?!ansible\.builtin\.(?:%s)')" % "|".join(HARMLESS))
INCLUDED = "ansible.builtin.include_vars"
SYSTEM = "secure.ftp_synchronize.host_system"
FILES = sorted((ROOT / "roles").glob("*/tasks/**/*.yml"))


ON_THE_CONTROLLER = ("assert", "debug", "fail", "import_", "include_", "meta", "set_fact", "wait_for_connection")


def test_a_role_asks_hosts_by_modules_whose_answers_are_examined() -> None:
    """wait_for_connection returns nothing from the host's answer."""
    named = [(path.name, key) for path in FILES for task in tasks_in(path) for key in task if "." in key]
    others = [(file, key) for file, key in named if not key.startswith(OWN)]
    assert len(others) < len(named)
    allowed = tuple("ansible.builtin." + name for name in ON_THE_CONTROLLER)
    assert [each for each in others if not each[1].startswith(allowed)] == []


def test_hosts_that_a_role_delegates_to_run_our_modules_alone() -> None:
    delegated = [(path, task) for path in FILES for task in tasks_in(path) if "delegate_to" in task]
    elsewhere = [(path, task) for path, task in delegated if task["delegate_to"] != "localhost"]
    assert elsewhere
    assert [(path.name, task["name"]) for path, task in elsewhere if not any(key.startswith(OWN) for key in task)] == []
    assert [path.name for path, task in delegated if "delegate_facts" in task] == []


def test_no_fact_chooses_a_file() -> None:
    """The values of a family come from a table in the variables of the role."""
    assert [path.name for path in FILES for task in tasks_in(path) if INCLUDED in task] == []
    asked = [task[SYSTEM] for path in FILES for task in tasks_in(path) if SYSTEM in task]
    named = [str(each["families"]) for each in asked if not {"packages", "directories", "texts"} & each.keys()]
    assert len(named) == 7
    assert [name for name in named if not re.fullmatch(r"{{ __\w+_families }}", name)] == []


def test_no_run_waits_without_limit_for_a_lock() -> None:
    """Every account that may read a directory may lock it, for as long as it likes; a run that hangs holds its own."""
    files = (path for room in ("plugins", "roles") for path in (ROOT / room).rglob("*"))
    paths = [path for path in files if path.suffix in {".py", ".j2"}]
    calls = re.compile(r"fcntl\.(?:flock|lockf)\([^)]*\)|^\s*flock .*", re.M)
    found = [call for path in paths for call in calls.findall(path.read_text())]
    assert len(found) > 8
    assert [call for call in found if not re.search(r"LOCK_NB|LOCK_UN| -w \d+ ", call)] == []
