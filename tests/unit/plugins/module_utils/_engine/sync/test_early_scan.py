# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scan of this host's side during the login: the part that counts once there is a lock."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.planning.filters import Filters
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.lock import LOCK_NAME
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.scan import EarlyScan, SideScan
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.selection import SideSelection
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import LocalSide
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.local.transport import (
    LocalTransport,
)
from support.scenes.sync_pair import SyncPair
from support.trees.memory_transport import MemoryTransport

TREE = {b"a": b"1", b"d/b": b"2"}


def early(side: LocalSide) -> EarlyScan:
    selection = SideSelection(Filters((), ()), None)
    return EarlyScan(side, SideScan(side, selection, is_stage=lambda path: False, read_links=False))


def after(steps: int) -> Callable[[], bool]:
    """Ready from the call on that comes after so many."""
    left = iter(range(steps))
    return lambda: next(left, None) is None


@pytest.mark.parametrize(("steps", "listed"), [(0, []), (1, [b""]), (9, [b"", b"d"])])
def test_it_goes_on_until_the_peer_is_ready(steps: int, listed: list[bytes]) -> None:
    side = MemoryTransport(TREE)
    scan = early(side)
    scan.advance(after(steps))
    assert side.faults.asked("scan") == listed
    assert scan.still_counts()


def test_it_does_not_count_where_another_run_holds_the_lock() -> None:
    side = MemoryTransport({**TREE, LOCK_NAME: b"another's"})
    scan = early(side)
    scan.advance(after(9))
    assert not scan.still_counts()


def test_it_does_not_count_once_a_lock_was_there() -> None:
    side = MemoryTransport(TREE)
    scan = early(side)
    scan.advance(after(9))
    side.create_file(RelPath(LOCK_NAME), b"another's")
    assert all(done.error is None for done in side.remove_files([RelPath(LOCK_NAME)]))
    assert not scan.still_counts()


@pytest.mark.parametrize(
    ("seconds", "counts"), [(100, True), (3, True), (0.005, False), (0, False), (-60, False)], ids=str
)
def test_a_real_root_counts_if_its_mtime_was_old_enough_to_change(tmp_path: Path, seconds: float, counts: bool) -> None:
    (tmp_path / "d").mkdir()
    changed = time.time_ns() - int(seconds * 1e9)
    os.utime(tmp_path, ns=(changed, changed))
    scan = early(LocalTransport(os.fsencode(tmp_path)))
    scan.advance(after(9))
    assert scan.still_counts() is counts


def test_a_real_root_shows_that_a_lock_was_there(tmp_path: Path) -> None:
    os.utime(tmp_path, (1_700_000_000, 1_700_000_000))
    scan = early(LocalTransport(os.fsencode(tmp_path)))
    assert scan.still_counts()
    lock = tmp_path / os.fsdecode(LOCK_NAME)
    lock.touch()
    lock.unlink()
    assert not scan.still_counts()


class _LoggingIn(MemoryTransport):
    """A peer whose login lasts for some steps of a scan, and then for the action `meanwhile`."""

    def __init__(self, tree: dict[bytes, bytes], meanwhile: Callable[[], None]) -> None:
        super().__init__(tree)
        self._calls = iter((lambda: None, lambda: None, meanwhile))

    def ready(self) -> bool:
        act = next(self._calls, None)
        if act is not None:
            act()
        return act is None


def test_what_another_pull_stored_during_the_login_is_seen() -> None:
    destination = MemoryTransport(TREE)
    other = SyncPair({**TREE, b"d/theirs": b"3"}, destination, push=False)

    def meanwhile() -> None:
        assert other.run().stats["files_stored"] == 1

    pair = SyncPair(_LoggingIn(TREE, meanwhile), destination, push=False)
    report = pair.run(delete=True)
    assert report.error is None
    assert [(action.path, action.action) for action in report.plan.actions] == [(b"d/theirs", "remove")]
    assert destination.snapshot() == pair.source.snapshot()
