# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts that carry out a plan work on the same outcomes, in a run of any kind."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.execution import Execution
from support.scenes.sync_pair import SyncPair, done


@pytest.fixture
def executions(monkeypatch: pytest.MonkeyPatch) -> list[Execution]:
    """All that are put together in a test."""
    made: list[Execution] = []
    run = Execution.run

    def noted(execution: Execution, *args: object, **options: object) -> None:
        made.append(execution)
        run(execution, *args, **options)

    monkeypatch.setattr(Execution, "run", noted)
    return made


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_files_removals_and_the_trash(executions: list[Execution], push: bool) -> None:
    pair = SyncPair({b"new": b"1"}, {b"old": b"2"}, push=push)
    report = pair.run(delete=True, trash=b".trash")
    assert done(report) == [(b"new", "store"), (b"old", "remove")]
    assert pair.destination.snapshot()[b".trash/old"].content == b"2"
    assert len(executions) == 1


def test_nothing_is_put_together_for_a_run_without_work(executions: list[Execution]) -> None:
    pair = SyncPair({b"a": b"1"}, {})
    pair.run()
    executions.clear()
    assert done(pair.run()) == []
    assert executions == []
