# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The edge of secure_sync: warnings, the direction in words, and modules that are loaded only when they are needed."""

from __future__ import annotations

import sys

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import secure_sync
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.plan import Plan, Skipped, Write
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.report import Outcome, SyncReport
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import FILE, Entry

STORE = Write(RelPath(b"a"), "store", "missing", Entry(FILE, 5, 0, 0o644), None)


def task(warnings: list[str], *, direction: str = "push", diff: bool = False) -> Task:
    return Task({"direction": direction, "max_listed": 100}, diff=diff, warn=warnings.append)


def test_skipped_entries_and_notes_are_warnings() -> None:
    warnings: list[str] = []
    report = SyncReport(Plan(skipped=(Skipped(RelPath(b"p"), "fifo"),)), notes=("no atomic rename",))
    result = secure_sync.result(report, task(warnings))
    assert warnings == ["skipped 'p': fifo", "no atomic rename"]
    assert result["notes"] == ["no atomic rename"]


@pytest.mark.parametrize(("direction", "verb"), [("push", "pushed"), ("pull", "pulled")])
def test_the_direction_is_in_the_message(direction: str, verb: str) -> None:
    report = SyncReport(Plan((STORE,)), (Outcome(STORE, "none"),))
    assert secure_sync.result(report, task([], direction=direction))["msg"].startswith(f"{verb} 1 file (5 B) in ")


def test_what_a_run_does_not_need_is_not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    package = secure_sync.__name__.rpartition(".")[0]
    parts = [f"{package}.{name}" for name in ("diff", "remarks")]
    for name in parts:
        monkeypatch.delitem(sys.modules, name, raising=False)
    warnings: list[str] = []
    assert "diff" not in secure_sync.result(SyncReport(Plan((STORE,)), (Outcome(STORE),)), task(warnings))
    assert [name for name in parts if name in sys.modules] == warnings == []
