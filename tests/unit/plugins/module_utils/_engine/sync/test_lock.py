# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run at a time, and stale locks that recover without two runs holding a lock at the same time."""

from __future__ import annotations

import os
import subprocess
import time
from contextlib import suppress

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    Locked,
    NoSpace,
    PermissionDenied,
    ProofFailed,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.lock import (
    GUARD_NAME,
    LOCK_NAME,
    Lock,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.lock_holder import LockHolder
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.stage_names import StageNames
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.small_files import GUARD
from support.running.patience import HANG_SECONDS
from support.scenes.sync_pair import SyncPair, codes
from support.trees.memory_transport import MemoryTransport
from support.trees.tree_spec import SECOND, Directory

RUN = "0123456789abcdef"
OTHER = "fedcba9876543210"


def make_lock(side: MemoryTransport, run_id: str = RUN, **changed: object) -> Lock:
    holder = LockHolder.here(run_id)._replace(**changed)
    return Lock(side, holder, StageNames(side.root, run_id), side.touch_every)


def dead_pid() -> int:
    child = subprocess.Popen(["true"])
    child.wait()
    return child.pid


def test_taken_touched_and_given_back() -> None:
    side = MemoryTransport({})
    lock = make_lock(side)
    lock.acquire()
    assert LockHolder.parse(side.snapshot()[LOCK_NAME].content).run_id == RUN
    assert side.snapshot()[LOCK_NAME].mode == 0o600
    side.disk.tick(20 * SECOND)
    lock.confirm()
    assert side.touches == 1
    lock.release()
    assert side.snapshot() == {}
    lock.release()


def test_a_second_run_is_refused_and_told_whom_to_wait_for() -> None:
    side = MemoryTransport({})
    first = make_lock(side)
    first.acquire()
    second = make_lock(side, OTHER)
    with pytest.raises(Locked) as caught:
        second.acquire()
    second.release()
    assert RUN in caught.value.message
    assert str(os.getpid()) in caught.value.message
    assert caught.value.cure
    first.confirm()
    assert list(side.snapshot()) == [LOCK_NAME]


@pytest.mark.parametrize(
    "changed",
    [{"pid": dead_pid()}, {"start": "1"}, {"run_id": "abcd"}],
    ids=["process gone", "pid reused", "our own, ended"],
)
def test_a_dead_run_of_this_host_is_stale_at_once(changed: dict) -> None:
    side = MemoryTransport({LOCK_NAME: LockHolder.here(OTHER)._replace(**changed).text()})
    side.node(LOCK_NAME).mtime = side.disk.now
    lock = make_lock(side)
    lock.acquire()
    lock.confirm()
    assert list(side.snapshot()) == [LOCK_NAME]


HIDDEN = LockHolder.here(OTHER)._replace(pid=2**33)
"""A process that is there or not: this host does not show it."""


@pytest.mark.parametrize(
    "content", [LockHolder(OTHER, "0" * 16, "elsewhere", 1, "1").text(), HIDDEN.text(), b"", b"half a lo"]
)
@pytest.mark.parametrize("age", [0, 59, 61, 10**6])
def test_another_host_s_lock_is_judged_by_the_servers_clock(content: bytes, age: int) -> None:
    side = MemoryTransport({LOCK_NAME: content})
    side.node(LOCK_NAME).mtime = side.disk.now - age * SECOND
    lock = make_lock(side)
    if age > 60:
        lock.acquire()
        lock.confirm()
    else:
        with pytest.raises(Locked):
            lock.acquire()
        assert side.snapshot()[LOCK_NAME].content == content
    assert list(side.snapshot()) == [LOCK_NAME]


def test_a_lock_that_came_alive_between_the_look_and_the_rename_is_put_back() -> None:
    content = LockHolder(OTHER, "0" * 16, "elsewhere", 1, "1").text()
    side = MemoryTransport({LOCK_NAME: content})
    node = side.node(LOCK_NAME)
    node.mtime = side.disk.now - 100 * SECOND

    def wake(operation: str, path: bytes) -> None:
        if operation == "rename" and path != LOCK_NAME:
            node.mtime = side.disk.now

    side.faults.on_operation = wake
    with pytest.raises(Locked):
        make_lock(side).acquire()
    assert {path: found.content for path, found in side.snapshot().items()} == {LOCK_NAME: content}


def test_two_runs_that_find_one_stale_lock() -> None:
    """Another run takes over the stale lock at each operation of this run in turn: they never both hold it."""
    points = 0
    while True:
        side = MemoryTransport({LOCK_NAME: LockHolder.here("abcd").text()})
        ours, theirs = make_lock(side), make_lock(side, OTHER)
        count, held = 0, []

        def meanwhile(_operation: str, _path: bytes) -> None:
            nonlocal count
            count += 1
            if count == points + 1:  # noqa: B023
                side.faults.on_operation = None  # noqa: B023
                try:
                    theirs.acquire()  # noqa: B023
                    held.append(theirs)  # noqa: B023
                except Locked:
                    pass

        side.faults.on_operation = meanwhile
        try:
            ours.acquire()
            held.append(ours)
        except Locked:
            pass
        if count <= points:
            break
        holding = []
        for lock in held:
            try:
                lock.confirm()
                holding.append(lock)
            except Locked:
                pass
        assert len(holding) == 1, points
        ours.release()
        theirs.release()
        assert [path for path in side.snapshot() if path == LOCK_NAME] == []
        points += 1
    assert points > 8
    print("%d points" % points)


def test_a_lock_that_was_taken_over_is_noticed_and_not_removed() -> None:
    side = MemoryTransport({})
    lock = make_lock(side)
    lock.acquire()
    side.node(LOCK_NAME).content[:] = LockHolder.here(OTHER).text()
    with pytest.raises(Locked):
        lock.confirm()
    lock.release()
    assert list(side.snapshot()) == [LOCK_NAME]


def test_what_was_taken_over_a_moment_ago_is_not_given_back() -> None:
    side = MemoryTransport({})
    lock = make_lock(side)
    lock.acquire()
    lock.confirm()
    side.node(LOCK_NAME).content[:] = LockHolder.here(OTHER).text()
    with pytest.raises(Locked):
        lock.release()
    assert list(side.snapshot()) == [LOCK_NAME]


def test_a_lock_that_was_taken_over_while_the_machine_slept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sleep is a mock: time.monotonic stands still in it, and no running machine shows that."""
    side = MemoryTransport({})
    lock = make_lock(side)
    lock.acquire()
    lock.confirm()
    side.node(LOCK_NAME).content[:] = LockHolder.here(OTHER).text()
    lock.confirm_if_old()
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 120)
    with pytest.raises(Locked):
        lock.confirm_if_old()


@pytest.mark.parametrize("content", [b"", b"\0" * 80, LockHolder.here(RUN).text()[:-2]], ids=["empty", "zeros", "cut"])
def test_a_lock_that_the_server_damaged_is_removed_by_its_holder(content: bytes) -> None:
    side = MemoryTransport({})
    lock = make_lock(side)
    lock.acquire()
    side.node(LOCK_NAME).content[:] = content
    with pytest.raises(ProofFailed):
        lock.release()
    assert side.snapshot() == {}
    make_lock(side, OTHER).acquire()


def test_a_damaged_lock_that_another_run_could_have_made_meanwhile_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    side = MemoryTransport({})
    lock = make_lock(side)
    lock.acquire()
    side.node(LOCK_NAME).content[:] = b""
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 60)
    with pytest.raises(Locked):
        lock.release()
    assert list(side.snapshot()) == [LOCK_NAME]


@pytest.mark.parametrize("error", [PermissionDenied("no"), NoSpace("full")])
def test_a_lock_that_cannot_be_made(error: Exception) -> None:
    side = MemoryTransport({})
    side.faults.fail("create_file", None, error)
    with pytest.raises(type(error)) as caught:
        make_lock(side).acquire()
    assert "lock file .secure_sync.lock" in caught.value.message
    assert caught.value.path == LOCK_NAME
    assert caught.value.cure


class HalfRenaming(MemoryTransport):
    """A server that gives a file its new name, and then fails to remove the old name."""

    def rename_new(self, old: RelPath, new: RelPath) -> None:
        self.create_file(new, self.read_file(old))
        raise PermissionDenied("no", path=old)


def test_a_lock_whose_two_names_a_lost_session_left_is_ours() -> None:
    """OpenSSH's server renames by a link: killed before it removes the old name, it leaves both names."""
    side = MemoryTransport({})
    renamed = side.rename_new

    def twice(old: RelPath, new: RelPath) -> None:
        side.create_file(new, side.read_file(old))
        renamed(old, new)

    side.rename_new = twice
    lock = make_lock(side)
    lock.acquire()
    assert list(side.snapshot()) == [LOCK_NAME]
    lock.confirm()
    lock.release()
    assert side.snapshot() == {}


def test_a_lock_that_was_half_made_is_given_back() -> None:
    side = HalfRenaming({})
    lock = make_lock(side)
    with pytest.raises(PermissionDenied):
        lock.acquire()
    assert LOCK_NAME in side.snapshot()
    lock.release()
    assert LOCK_NAME not in side.snapshot()


@pytest.mark.parametrize("push", [True, False])
def test_whole_runs(push: bool) -> None:
    pair = SyncPair({b"a": b"1"}, {}, push=push)
    pair.destination.fill({LOCK_NAME: LockHolder(OTHER, "0" * 16, "elsewhere", 1, "1").text()})
    pair.destination.node(LOCK_NAME).mtime = pair.destination.disk.now
    assert codes(pair.run()) == {"locked"}
    assert list(pair.destination.snapshot()) == [LOCK_NAME]
    assert codes(pair.run(check_mode=True)) == set()
    assert codes(pair.run(lock=False)) == set()
    pair.destination.disk.tick(100 * SECOND)
    assert codes(pair.run()) == set()
    assert pair.destination.snapshot() == pair.source.snapshot()


def test_a_lock_file_in_the_source_or_below_is_never_touched() -> None:
    pair = SyncPair(
        {b"d/" + LOCK_NAME: b"theirs", b"d/a": b"1"}, {b"e/" + LOCK_NAME: b"theirs", b"e/x": b"2"}, delete=True
    )
    report = pair.run()
    assert codes(report) == set()
    assert [skipped.path for skipped in report.plan.skipped] == [b"d/" + LOCK_NAME]
    assert sorted(pair.destination.snapshot()) == [b"d", b"d/a", b"e", b"e/" + LOCK_NAME]


@pytest.mark.parametrize("push", [True, False])
def test_a_run_whose_lock_is_taken_over_ends_before_it_changes_more(
    push: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = SyncPair({b"a": b"1"}, {b"a": b"0", b"x": b"2"}, push=push, delete=True)
    monkeypatch.setattr(f"{Lock.__module__}.CONFIRM_AFTER", -1.0)

    def take_over(operation: str, _path: bytes) -> None:
        if operation == "rename":
            pair.destination.node(LOCK_NAME).content[:] = LockHolder.here(OTHER).text()

    pair.destination.faults.on_operation = take_over
    report = pair.run()
    assert report.error.code == "locked"
    assert [outcome.action.action for outcome in report.outcomes] == ["store"]
    assert sorted(pair.destination.snapshot()) == [LOCK_NAME, b"a", b"x"]


def test_the_guard_is_the_one_of_runs_over_ftps() -> None:
    assert GUARD_NAME == GUARD


@pytest.mark.parametrize("age", [0, 59])
def test_who_may_be_replaced_waits_and_looks_again(age: int) -> None:
    """A run over FTPS saw no lock, and renames its own over this run's lock."""
    side = MemoryTransport({GUARD_NAME: Directory()})
    side.node(GUARD_NAME).mtime = side.disk.now - age * SECOND
    looks = 0

    def finish(operation: str, path: bytes) -> None:
        nonlocal looks
        looks += operation == "look" and path == GUARD_NAME
        if looks == 3 and side.node(GUARD_NAME) is not None:
            looks += 1
            side.node(LOCK_NAME).content = bytearray(LockHolder(OTHER, "0" * 16, "elsewhere", 1, "1").text())
            for done in side.remove_directories([RelPath(GUARD_NAME)]):
                assert done.error is None

    side.faults.on_operation = finish
    lock = make_lock(side)
    lock.acquire()
    assert looks > 3
    with pytest.raises(Locked, match="same moment"):
        lock.confirm_if_old()
    lock.release()
    assert OTHER.encode() in side.snapshot()[LOCK_NAME].content


def test_a_guard_that_was_left_behind_is_not_waited_for() -> None:
    side = MemoryTransport({GUARD_NAME: Directory()})
    side.node(GUARD_NAME).mtime = side.disk.now - 61 * SECOND
    lock = make_lock(side)
    began = time.monotonic()
    lock.acquire()
    assert time.monotonic() - began < HANG_SECONDS
    lock.confirm_if_old()
    lock.release()


def unremovable(content: bytes) -> MemoryTransport:
    side = MemoryTransport({LOCK_NAME: content})
    side.node(LOCK_NAME).mtime = side.disk.now - 100 * SECOND
    side.faults.fail("remove_files", None, PermissionDenied("no"))
    return side


def test_a_stale_lock_that_cannot_be_removed_is_replaced() -> None:
    side = unremovable(LockHolder(OTHER, "0" * 16, "elsewhere", 1, "1").text())
    lock = make_lock(side)
    lock.acquire()
    lock.confirm()
    assert list(side.snapshot()) == [LOCK_NAME]
    with pytest.raises(PermissionDenied, match="the next run takes it over"):
        lock.release()
    assert side.disk.now - side.snapshot()[LOCK_NAME].mtime > 60 * SECOND, "stale for any other host"


def test_a_run_that_waits_leaves_one_file_that_cannot_be_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    side = unremovable(LockHolder(OTHER, "0" * 16, "elsewhere", 1, "1").text())
    side.node(LOCK_NAME).mtime = side.disk.now
    lock, start = make_lock(side), time.monotonic()
    for seconds in (0, 15, 30, 45):
        monkeypatch.setattr(time, "monotonic", lambda now=start + seconds: now)
        with pytest.raises(Locked):
            lock.acquire()
        assert len(side.snapshot()) == 2
    monkeypatch.setattr(time, "monotonic", lambda: start + 61)
    lock.acquire()
    lock.confirm()
    assert list(side.snapshot()) == [LOCK_NAME]


def test_a_lock_that_came_alive_is_not_replaced() -> None:
    side = unremovable(LockHolder(OTHER, "0" * 16, "elsewhere", 1, "1").text())
    node = side.node(LOCK_NAME)

    def wake(operation: str, _path: bytes) -> None:
        if operation == "read_file":
            node.mtime = side.disk.now

    side.faults.on_operation = wake
    with pytest.raises(Locked):
        make_lock(side).acquire()
    assert LockHolder.parse(side.snapshot()[LOCK_NAME].content).run_id == OTHER


def test_two_runs_that_replace_one_stale_lock() -> None:
    """Another run takes over and confirms the stale lock at each operation of this run in turn: it is alone then."""
    points = 0
    while True:
        side = unremovable(LockHolder(OTHER, "0" * 16, "elsewhere", 1, "1").text())
        ours, theirs = make_lock(side, "1" * 16), make_lock(side, "2" * 16)
        count, confirmed = 0, False

        def meanwhile(_operation: str, _path: bytes) -> None:
            nonlocal count, confirmed
            count += 1
            if count == points + 1:  # noqa: B023
                side.faults.on_operation = None  # noqa: B023
                with suppress(Locked):
                    theirs.acquire()  # noqa: B023
                    theirs.confirm()  # noqa: B023
                    confirmed = True

        side.faults.on_operation = meanwhile
        with suppress(Locked):
            ours.acquire()
            ours.confirm()
            assert not confirmed, points
        if count <= points:
            break
        points += 1
    assert points > 8
