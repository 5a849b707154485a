# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run, up to its report."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ConnectionLost,
    InvalidPattern,
    TooManyDeletions,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import DeleteLimit
from support.scenes.sync_pair import SyncPair, codes


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_a_refusal_ends_the_run_without_trace(push: bool) -> None:
    pair = SyncPair({b"a": b"1"}, {b"x": b"1", b"y": b"2"}, push=push, delete=True, max_delete=DeleteLimit(0, False))
    before = pair.destination.snapshot()
    assert isinstance(pair.run().error, TooManyDeletions)
    assert pair.destination.snapshot() == before


def test_the_end_of_a_failed_run_opens_no_new_session() -> None:
    pair = SyncPair({b"a": b"1"}, {b"x": b"1"}, delete=True, max_delete=DeleteLimit(0, False))
    pair.peer.faults.fail("remove_files", lambda path: True, ConnectionLost("closed"))
    assert isinstance(pair.run(retries=3).error, TooManyDeletions)
    assert pair.sleeps == []


def test_an_interruption_cleans_up_in_a_new_session() -> None:
    pair = SyncPair({b"a": b"1"}, {})
    renewed: list[bool] = []

    def interrupt(operation: str, _path: bytes) -> None:
        if operation == "upload":
            pair.peer.faults.on_operation = None
            raise KeyboardInterrupt

    reconnect = pair.peer.reconnect
    pair.peer.reconnect = lambda: renewed.append(True) or reconnect()  # type: ignore[method-assign,func-returns-value]
    pair.peer.faults.on_operation = interrupt
    assert pair.run().error.code == "interrupted"
    assert renewed == [True]
    assert pair.destination.snapshot() == {}


def test_an_invalid_request_is_refused_before_any_contact() -> None:
    pair = SyncPair({b"a": b"1"}, {})
    report = pair.run(exclude=("a//b",))
    assert isinstance(report.error, InvalidPattern)
    assert pair.opened == []
    assert codes(report) == {"invalid_pattern"}
