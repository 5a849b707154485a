# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Outcomes in the plan's order, most of them made on demand."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import NoSpace
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.on_demand import (
    FileStores,
    OrderedOutcomes,
    PlannedActions,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.plan import (
    EXTRA,
    MISSING,
    MOVE,
    STORE,
    Action,
    Plan,
    Remove,
    Write,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.report import Outcome, SyncReport
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import FILE, Attributes, Entry

ENTRY = Entry(FILE, 1, 1, 0o644)
A, B, C, D = (Write(RelPath(name), STORE, MISSING, ENTRY, None) for name in (b"a", b"b", b"c", b"d"))
MOVED = D._replace(action=MOVE)
GONE = Remove(RelPath(b"e"), EXTRA, ENTRY)
FULL = NoSpace("full")


def of(by_item: list[Outcome], more: tuple[Action, ...] = ()) -> OrderedOutcomes:
    named = {(each.action.path, each.action.action): each for each in by_item}
    return OrderedOutcomes(((A, B, C, MOVED), more), named, {A.path: "read_back", B.path: "none"}.get)


def test_stored_files_and_others() -> None:
    failed, instead, removed = Outcome(C, None, FULL), Outcome(D, "read_back"), Outcome(GONE)
    found = of([removed, instead, failed], (GONE,))
    assert found == (Outcome(A, "read_back"), Outcome(B, "none"), failed, instead, removed)
    assert list(found.errors()) == [FULL]
    assert SyncReport(Plan(), outcomes=found).failures == (FULL,)


def test_a_file_that_failed_after_all_is_not_stored() -> None:
    assert of([Outcome(A, None, FULL)])[0] == Outcome(A, None, FULL)


def test_errors_come_in_order_and_need_no_actions() -> None:
    def refused(_wanted: Entry, _present: Entry | None) -> Attributes:
        raise AssertionError

    paths = [A.path, C.path]
    stores = FileStores(dict.fromkeys(paths, ENTRY), {}, refused)
    for path in paths:
        stores.add(path, MISSING)
    errors = [NoSpace(name) for name in ("a", "b", "c", "d, instead", "e")]
    by_item = [Outcome(action, None, error) for action, error in zip((A, B, C, D, GONE), errors, strict=True)]
    named = {(each.action.path, each.action.action): each for each in reversed(by_item)}
    found = OrderedOutcomes((PlannedActions(stores, (B, MOVED)), (GONE,)), named, {}.get)
    assert list(found.errors()) == errors
    assert SyncReport(Plan(), outcomes=found).cause is errors[0]


def test_a_file_that_was_moved_has_no_error_of_its_store() -> None:
    assert list(of([Outcome(MOVED, "recorded"), Outcome(D, None, FULL)]).errors()) == []


def test_no_error_needs_no_look_at_the_actions() -> None:
    def refused(_path: RelPath) -> str:
        raise AssertionError

    found = OrderedOutcomes(((A,),), {}, refused)
    assert SyncReport(Plan(), outcomes=found).failures == ()
