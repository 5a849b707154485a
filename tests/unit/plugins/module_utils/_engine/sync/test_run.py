# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run, up to its report."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ConnectionLost,
    InvalidPattern,
    NoSpace,
    TooManyDeletions,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import DeleteLimit
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.stage_names import StageNames
from support.scenes.sync_pair import SyncPair, codes, done
from support.trees.memory_disk import MemoryDisk
from support.trees.memory_transport import MemoryTransport


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


OVERLAP = "source and destination have overlapping paths: if they are on one machine, a real run refuses"


def test_check_mode_plans_the_same_and_writes_nothing() -> None:
    pair = SyncPair({b"a": b"1", b"d/b": b"2"}, {b"old": b"x"}, delete=True)
    before = pair.destination.snapshot()
    checked = pair.run(check_mode=True)
    assert pair.destination.snapshot() == before
    assert checked.outcomes == ()
    assert checked.plan == pair.run().plan


def test_overlapping_paths_are_a_note_in_check_mode() -> None:
    outer, inner = (MemoryTransport({b"a": b"1"}, disk=MemoryDisk(), root=root) for root in (b"/m", b"/m/in"))
    assert SyncPair(outer, inner).run(check_mode=True).notes == (OVERLAP,)
    assert OVERLAP not in SyncPair(outer, inner).run().notes


def test_leftovers_of_a_killed_run_are_removed_under_the_lock() -> None:
    pair = SyncPair({b"a": b"1"}, {b"a": b"1"})
    leftover = StageNames(pair.destination.root, "fedcba9876543210").in_root()
    pair.destination.fill({leftover: b"half"})
    pair.run(lock=False)
    assert leftover in pair.destination.snapshot()
    pair.run()
    assert pair.destination.snapshot() == pair.source.snapshot()


def test_one_failed_file_leaves_the_others_done_and_recorded() -> None:
    pair = SyncPair({b"a": b"1", b"b": b"2"}, {})
    pair.peer.faults.fail("upload", b"a", NoSpace("No space left on device"))
    report = pair.run()
    assert codes(report) == {"no_space"}
    assert done(report) == [(b"b", "store")]
    pair.peer.faults.forget()
    assert pair.run().proofs == {"server_hash": 0, "read_back": 1, "recorded": 1, "none": 0}


def test_a_lost_session_leaves_a_record_of_the_work_before() -> None:
    pair = SyncPair({b"a": b"1"}, {})
    pair.peer.faults.fail("sync_directories", b"", ConnectionLost("closed"))
    assert codes(pair.run(durable=True, retries=0)) == {"connection_lost"}
    pair.peer.faults.forget()
    assert pair.run().proofs["recorded"] == 1
