# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules that keep a compromised host from anything but itself, held against the text of all roles, so that new ones are
covered: facts have none of our names, and hosts that a role delegates to give only answers that cannot hold facts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.fact_guard import (
    FactsRefused,
    require_no_own_names,
)
from support.compromised.our_names import ROLES, names_of

ROOT = Path(__file__).parents[2]
OWN = "secure.ftp_synchronize."
NESTED = ("block", "rescue", "always")


@pytest.mark.parametrize("role", ROLES)
def test_a_fact_with_the_name_of_any_variable_is_refused(role: str) -> None:
    names = names_of(role)
    assert len(names) > 20
    for name in names:
        with pytest.raises(FactsRefused, match=f"facts of files1: .*{name}"):
            require_no_own_names("files1", {"os_family": "Debian", name: ""})


def tasks_in(path: Path) -> Iterator[dict[str, Any]]:
    """Give the tasks of a file, and those inside its blocks."""
    yield from _flat(yaml.safe_load(path.read_text()) or [], {})


def _flat(tasks: list[dict[str, Any]], outer: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for task in tasks:
        inherited = {key: task[key] for key in ("delegate_to",) if key in task}
        for part in NESTED:
            yield from _flat(task.get(part, []), {**outer, **inherited})
        if "block" not in task:
            yield {**outer, **task}


FILES = sorted((ROOT / "roles").glob("*/tasks/**/*.yml"))


def test_hosts_that_a_role_delegates_to_run_our_modules_alone() -> None:
    delegated = [(path, task) for path in FILES for task in tasks_in(path) if "delegate_to" in task]
    elsewhere = [(path, task) for path, task in delegated if task["delegate_to"] != "localhost"]
    assert elsewhere
    assert [(path.name, task["name"]) for path, task in elsewhere if not any(key.startswith(OWN) for key in task)] == []
    assert [path.name for path, task in delegated if "delegate_facts" in task] == []
