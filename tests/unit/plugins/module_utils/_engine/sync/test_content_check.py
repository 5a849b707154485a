# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The check of content in the steps of a run. tests/integration has whole runs with a real clamd."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import ScannerUnavailable
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.content_check import (
    PREVIEW,
    ContentChecking,
)

GONE = ScannerUnavailable("gone")


class Check:
    """Counts the calls of a ContentCheck."""

    def __init__(self) -> None:
        self.stats = {"files_checked": 2, "files_refused": 1, "files_unchecked": 0}
        self.scanner = {"scanner": "ClamAV", "signatures": None}
        self.calls: list[str] = []
        self.unavailable: ScannerUnavailable | None = None

    def __getattr__(self, name: str) -> Any:
        return lambda: self.calls.append(name)


def feature(check: Check, *, push: bool = True, check_mode: bool = False) -> ContentChecking:
    sides, request = SimpleNamespace(push=push), SimpleNamespace(check_mode=check_mode)
    return ContentChecking(SimpleNamespace(request=request, opened=SimpleNamespace(sides=sides)), check)  # type: ignore[arg-type]


def test_the_scanner_begins_and_nothing_is_moved_without_it() -> None:
    check = Check()
    run = feature(check)
    run.begin(None)
    assert (check.calls, run.relocates) == (["begin"], False)


def test_check_mode_calls_no_scanner() -> None:
    check = Check()
    run = feature(check, check_mode=True)
    run.begin(None)
    assert (check.calls, run.notes) == ([], [PREVIEW])


@pytest.mark.parametrize("step", ["before_step", "before_removals", "finish"])
def test_a_scanner_that_is_gone_ends_the_run_at_each_step(step: str) -> None:
    check = Check()
    run = feature(check)
    getattr(run, step)()
    check.unavailable = GONE
    with pytest.raises(ScannerUnavailable):
        getattr(run, step)()


def test_a_push_sends_files_whole() -> None:
    assert [feature(Check(), push=push).takes_blocks for push in (True, False)] == [False, True]


def test_the_report() -> None:
    check = Check()
    run = feature(check)
    run.ended()
    assert run.stats == check.stats
    assert run.content_check == {**check.scanner, "checked": 2, "refused": 1, "unchecked": 0}
