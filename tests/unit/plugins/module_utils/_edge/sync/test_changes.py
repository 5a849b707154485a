# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The changes of a run, and their counts."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync.listing import (
    Change,
    Changes,
    Tally,
    size_of,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import NoSpace
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.plan import (
    Action,
    Plan,
    Remove,
    Write,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.report import Outcome, SyncReport
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import FILE, LINK, Entry

A = RelPath(b"a")
NEW, OLD, LINKED = Entry(FILE, 30, 0, 0o644), Entry(FILE, 5, 0, 0o600), Entry(LINK, 0, 0, 0o777, b"x")
STORED, GONE = Write(A, "store", "missing", NEW, None), Remove(A, "extra", OLD)
MOVED = Write(A, "move", "missing", NEW, None, origin=RelPath(b"b"))


def test_what_was_done_and_what_would_be() -> None:
    report = SyncReport(Plan((STORED, GONE)), (Outcome(STORED, "none"), Outcome(GONE, None, NoSpace("full"))))
    assert list(Changes(report, check_mode=False)) == [Change(STORED, "none")]
    assert list(Changes(report, check_mode=True)) == [Change(STORED), Change(GONE)]
    assert list(Changes(SyncReport(Plan((STORED,))), check_mode=False)) == []


def test_counts() -> None:
    changes = [Change(STORED, "read_back"), Change(STORED), Change(MOVED, "recorded"), Change(GONE)]
    found = Tally()
    assert list(found.counting(changes)) == changes
    assert found.actions == {"store": 2, "move": 1, "remove": 1}
    assert found.stored == 60
    assert found.proofs == {"read_back": 1, "none": 1, "recorded": 1}
    nothing = Tally()
    assert list(nothing.counting([])) == []
    assert (nothing.actions, nothing.stored, nothing.proofs) == ({}, 0, {})


def test_a_change_of_the_spelling_needs_no_proof() -> None:
    found = Tally()
    assert list(found.counting([Change(MOVED._replace(present=OLD))])) != []
    assert (found.actions, found.proofs) == ({"move": 1}, {})


def test_changes_are_counted_on_their_way() -> None:
    counts = Tally()
    changes = counts.counting([Change(STORED), Change(GONE)])
    assert counts.actions == {}
    assert list(changes) == [Change(STORED), Change(GONE)]
    assert counts.actions == {"store": 1, "remove": 1}


def test_sizes() -> None:
    actions: list[Action] = [
        GONE,
        Remove(A, "kind", LINKED),
        STORED,
        Write(A, "create_directory", "missing", NEW, None),
        Write(A, "set_attributes", "mode", NEW, OLD),
        Remove(A, "delivered", OLD, "delete_source"),
    ]
    assert [size_of(action) for action in actions] == [5, 0, 30, 0, 0, 5]
