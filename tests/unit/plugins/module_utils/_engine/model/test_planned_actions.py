# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The actions of a plan in order, most of them made on demand."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.on_demand import (
    FileStores,
    PlannedActions,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.plan import (
    CREATE_DIRECTORY,
    EXTRA,
    MISSING,
    PUBLISH,
    Plan,
    Remove,
    Write,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import ROOT, RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    DIRECTORY,
    FILE,
    Attributes,
    Entry,
)

ENTRY = Entry(FILE, 1, 1, 0o644)
NAMES = (b"a", b"d/b", b"d/c", b"z")
DIRECTORY_MADE = Write(RelPath(b"d"), CREATE_DIRECTORY, MISSING, Entry(DIRECTORY, 0, 0, 0o755), None)
GONE = Remove(RelPath(b"e"), EXTRA, ENTRY)
ROOT_MADE = Write(ROOT, CREATE_DIRECTORY, MISSING, Entry(DIRECTORY, 0, 0, 0o755), None)
PUBLISHED = Write(RelPath(b".sets/1"), PUBLISH, MISSING, ENTRY, None)


def actions() -> PlannedActions:
    paths = [RelPath(name) for name in NAMES]
    stores = FileStores(dict.fromkeys(paths, ENTRY), {}, lambda wanted, present: Attributes(wanted.mode, None))
    for path in paths:
        stores.add(path, MISSING)
    return PlannedActions(stores, (DIRECTORY_MADE, GONE))


def paths_of(plan: Plan) -> list[bytes]:
    return [action.path for action in plan.actions]


def test_actions_are_sorted_by_path() -> None:
    plan = Plan(actions())
    assert paths_of(plan) == [b"a", b"d", b"d/b", b"d/c", b"e", b"z"]
    assert plan == Plan(tuple(plan.actions))
    assert len(plan.actions) == 6
    assert plan.actions


def test_keys_need_no_actions() -> None:
    def refused(_wanted: Entry, _present: Entry | None) -> Attributes:
        raise AssertionError

    plan = Plan(actions()).with_actions((ROOT_MADE,), (PUBLISHED, GONE))
    expected = [(action.path, action.action) for action in plan.actions]
    plan.stores._attributes = refused
    assert list(plan.actions.keys()) == expected


def test_more_actions_come_first_and_last() -> None:
    plan = Plan(actions()).with_actions(last=(PUBLISHED,)).with_actions(last=(GONE,)).with_actions(first=(ROOT_MADE,))
    assert paths_of(plan) == [b"", b"a", b"d", b"d/b", b"d/c", b"e", b"z", b".sets/1", b"e"]
    plain = Plan((DIRECTORY_MADE,)).with_actions((ROOT_MADE,), (PUBLISHED,))
    assert paths_of(plain) == [b"", b"d", b".sets/1"]


def test_a_plan_tells_its_stores_from_the_others() -> None:
    plan = Plan(actions())
    assert plan.stores is not None
    assert plan.stores.paths == list(NAMES)
    assert plan.others == (DIRECTORY_MADE, GONE)
    plain = Plan((DIRECTORY_MADE,))
    assert (plain.stores, plain.others) == (None, plain.actions)
