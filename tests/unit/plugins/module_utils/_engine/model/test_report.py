# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first cause of a failed run."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ConnectionLost,
    NoSpace,
    PermissionDenied,
)
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
