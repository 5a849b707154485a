# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first cause of a failed run."""

from __future__ import annotations

from typing import Iterator

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ConnectionLost,
    NoSpace,
    PermissionDenied,
    SyncError,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.on_demand import OrderedOutcomes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.plan import Plan, Remove
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.report import Outcome, SyncReport
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import Entry

ACTION = Remove(RelPath(b"a"), "extra", Entry("file", 1, 0, 0o644))


def test_the_error_of_the_run_comes_first_then_items_then_problems() -> None:
    lost, denied, full = ConnectionLost("1"), PermissionDenied("2"), NoSpace("3")
    outcomes = (Outcome(ACTION), Outcome(ACTION, error=denied))
    assert SyncReport(Plan(), outcomes, (full,), lost).cause is lost
    assert SyncReport(Plan(), outcomes, (full,)).cause is denied
    assert SyncReport(Plan(), outcomes, (full,)).failures == (denied, full)
    assert SyncReport(Plan(), (Outcome(ACTION),), (full,)).cause is full
    assert SyncReport(Plan(), (Outcome(ACTION),)).cause is None


def test_the_first_cause_needs_no_further_errors() -> None:
    class Errors(OrderedOutcomes):
        def errors(self) -> Iterator[SyncError]:
            yield from (full, denied)
            raise AssertionError

    denied, full = PermissionDenied("1"), NoSpace("2")
    assert SyncReport(Plan(), Errors((), {}, {}.get), (denied,)).cause is full
