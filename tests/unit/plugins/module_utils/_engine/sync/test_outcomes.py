# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The outcome of each action, and the counts."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    NoSpace,
    OperationFailed,
    PermissionDenied,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.on_demand import (
    FileStores,
    PlannedActions,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.plan import (
    CREATE_DIRECTORY,
    KIND,
    MISSING,
    SET_ATTRIBUTES,
    STORE,
    Plan,
    Remove,
    Write,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.report import Outcome
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import FILE, Attributes, Entry
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.outcomes import Outcomes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.proof import Proven
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Staged, Transfer

ENTRY = Entry(FILE, 1, 1, 0o644)


def action(path: bytes, kind: str = STORE) -> Write:
    return Write(RelPath(path), kind, MISSING, ENTRY, ENTRY)


def planned_files(outcomes: Outcomes, *names: bytes) -> Plan:
    """Return a plan that stores these files; `outcomes` are of its run."""
    paths = [RelPath(name) for name in names]
    stores = FileStores(dict.fromkeys(paths, ENTRY), {}, lambda wanted, present: Attributes())
    for path in paths:
        stores.add(path, MISSING)
    outcomes.stored.planned = stores
    return Plan(PlannedActions(stores, ()))


def store(outcomes: Outcomes, planned: Write) -> None:
    transfer = Transfer(planned.path, planned.path, planned.path, planned.wanted, planned.attributes)
    outcomes.stored[planned.path] = Proven(Staged(transfer, planned.wanted.size), b"1" * 32, None, "read_back")
    outcomes.succeed(planned, "read_back")


def test_outcomes_come_in_the_order_of_the_plan() -> None:
    outcomes = Outcomes()
    planned = Plan((action(b"a"), action(b"b"), action(b"c")))
    outcomes.succeed(planned.actions[2], "read_back")
    outcomes.succeed(planned.actions[0])
    assert [(outcome.action.path, outcome.proof) for outcome in outcomes.in_order_of(planned)] == [
        (b"a", None),
        (b"c", "read_back"),
    ]
    assert outcomes.stats["files_stored"] == 2
    assert outcomes.clean


def test_files_that_were_stored_as_planned_need_no_outcome_of_their_own() -> None:
    outcomes = Outcomes()
    planned = planned_files(outcomes, b"a", b"b", b"c")
    assert outcomes.nothing_done
    for each in tuple(planned.actions)[1:]:
        store(outcomes, each)
    assert outcomes.by_item == {}
    assert not outcomes.nothing_done
    expected = [Outcome(each, "read_back") for each in planned.actions[1:]]
    assert list(outcomes.in_order_of(planned)) == list(outcomes.every()) == expected
    assert outcomes.stats["files_stored"] == 2


def test_a_stored_file_that_fails_after_all() -> None:
    outcomes = Outcomes()
    planned = planned_files(outcomes, b"a", b"b")
    for each in planned.actions:
        store(outcomes, each)
    outcomes.fail(planned.actions[0], NoSpace("full"))
    assert outcomes.stats["files_stored"] == 1
    assert [outcome.error is None for outcome in outcomes.in_order_of(planned)] == [False, True]
    assert {outcome.action.path: outcome.error is None for outcome in outcomes.every()} == {b"a": False, b"b": True}


def test_a_file_that_was_stored_after_all_has_not_failed() -> None:
    outcomes = Outcomes()
    planned = planned_files(outcomes, b"a")
    outcomes.fail(planned.actions[0], NoSpace("full"))
    store(outcomes, planned.actions[0])
    assert list(outcomes.in_order_of(planned)) == [Outcome(planned.actions[0], "read_back")]
    assert list(outcomes.every()) == [Outcome(planned.actions[0], "read_back")]
    assert outcomes.stats["files_stored"] == 1


def test_files_that_were_stored_as_planned_come_before_other_outcomes() -> None:
    outcomes, changed = Outcomes(), action(b"a", SET_ATTRIBUTES)
    planned = planned_files(outcomes, b"b")
    outcomes.succeed(changed)
    store(outcomes, planned.actions[0])
    assert [outcome.action.path for outcome in outcomes.every()] == [b"b", b"a"]


def test_a_path_may_be_removed_and_made_anew() -> None:
    outcomes = Outcomes()
    planned = Plan((Remove(RelPath(b"a"), KIND, ENTRY), action(b"a", CREATE_DIRECTORY)))
    for each in planned.actions:
        outcomes.succeed(each)
    assert [outcome.action for outcome in outcomes.in_order_of(planned)] == list(planned.actions)
    assert (outcomes.stats["removed"], outcomes.stats["directories_created"]) == (1, 1)


def test_a_failure_names_the_final_path_and_takes_a_success_back() -> None:
    outcomes, stored = Outcomes(), action(b"d/a")
    outcomes.succeed(stored)
    cause = NoSpace("full", path=b"d/.secure_sync-0.tmp", cure="Make room.")
    outcomes.fail(stored, cause)
    (outcome,) = outcomes.in_order_of(Plan((stored,)))
    assert (type(outcome.error), outcome.error.path, outcome.error.cure) == (NoSpace, b"d/a", "Make room.")
    assert outcome.error.__cause__ is cause
    assert outcomes.stats["files_stored"] == 0
    assert not outcomes.clean


def test_a_problem_beside_the_actions_is_not_clean_either() -> None:
    outcomes = Outcomes()
    outcomes.problems.append(OperationFailed("unlisted"))
    assert not outcomes.clean


def test_what_belongs_below_a_directory_that_was_not_made_fails_with_it() -> None:
    outcomes = Outcomes()
    outcomes.unmade(action(b"d", CREATE_DIRECTORY), PermissionDenied("no"))
    below, beside = action(b"d/e/f"), action(b"de")
    assert not outcomes.possible(below)
    assert outcomes.possible(beside)
    assert outcomes.by_item[below.path, STORE].error.code == "operation_failed"


def test_what_was_in_vain_is_skipped() -> None:
    outcomes, done = Outcomes(), action(b"a", SET_ATTRIBUTES)
    outcomes.succeed(done)
    outcomes.withdraw(done, "not kept")
    assert outcomes.by_item == {}
    assert outcomes.stats["attributes_set"] == 0
    assert outcomes.withdrawn == [(b"a", "not kept")]
    assert outcomes.clean


def test_a_note_is_told_once() -> None:
    outcomes = Outcomes()
    outcomes.note("slow")
    outcomes.note("slow")
    assert outcomes.notes == ["slow"]
