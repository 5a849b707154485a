# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of a large file on several sessions.

The sessions are simulated, because the test needs each order of events; real servers are in
tests/integration/test_ftps_large_files.py.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ConnectionLost,
    ItemError,
    OperationFailed,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import FILE, Attributes, Entry
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import StageFile, Transfer
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.download import (
    Part,
    StripedFetch,
    worth_striping,
)
from support.running.patience import HANG_SECONDS
from support.trees.memory_transport import MemoryTransport

SIZE = 1001
PATH = RelPath(b"large")
TRANSFER = Transfer(PATH, PATH, RelPath(b"stage"), Entry(FILE, SIZE, 0, 0o644), Attributes())


class Lane:
    """A stand-in for a lane and its session."""

    def __init__(self) -> None:
        self.session = self
        self.closed = False
        self.logins = 0

    def log_in(self) -> None:
        self.closed = False
        self.logins += 1


class Run:
    """A stand-in for a run with pending results."""

    def check(self) -> None:
        pass


class Scene:
    """One striped file over two sessions; `fetch` is the action of each part."""

    def __init__(self, fetch: Callable[..., None]) -> None:
        self.sink = MemoryTransport({})
        self.concluded: list[tuple[StageFile | None, ItemError | None]] = []
        self.run = Run()
        self.halfway: dict[RelPath, StripedFetch] = {}
        self.striped = StripedFetch(TRANSFER, self.sink, fetch, self._conclude, 2, self.halfway)
        self.first, self.second = self.striped.jobs(2)

    def _conclude(self, _lane: Any, _run: Any, fetch: StripedFetch) -> None:
        assert fetch.transfer == TRANSFER
        self.concluded.append((fetch.stage, fetch.error))


def stored(parts: list[Part], problem: dict[int, BaseException] | None = None) -> Callable[..., None]:
    """A fetch that records its parts, and fails at the part that begins at `problem`."""

    def fetch(_lane: Any, _transfer: Any, part: Part, open_stage: Any, check: Any) -> None:
        open_stage()
        parts.append(part)
        check()
        if problem and part.begin in problem:
            raise problem[part.begin]

    return fetch


def test_the_parts_are_the_whole_file() -> None:
    parts: list[Part] = []
    scene = Scene(stored(parts))
    scene.first(Lane(), scene.run)
    assert [part.begin for part in parts] == [0, *(part.end for part in parts[:-1])]
    assert (parts[-1].end, len(parts)) == (SIZE, 4)
    ((stage, error),) = scene.concluded
    assert stage is not None
    assert error is None
    assert scene.sink.open_files == 1  # to end by `conclude`


def test_who_comes_late_has_nothing_to_do() -> None:
    parts: list[Part] = []
    scene = Scene(stored(parts))
    scene.first(Lane(), scene.run)
    scene.second(Lane(), scene.run)
    assert len(parts) == 4
    assert len(scene.concluded) == 1


def test_two_share_the_parts_and_the_last_concludes() -> None:
    parts: list[Part] = []
    both = threading.Barrier(2)

    def fetch(_lane: Any, _transfer: Any, part: Part, open_stage: Any, _check: Any) -> None:
        open_stage()
        parts.append(part)
        both.wait(HANG_SECONDS)

    scene = Scene(fetch)
    other = threading.Thread(target=scene.second, args=(Lane(), scene.run))
    other.start()
    scene.first(Lane(), scene.run)
    other.join()
    assert max(part.end for part in parts) == SIZE
    assert len(set(parts)) == 4
    assert len(scene.concluded) == 1


def test_a_failed_part_ends_the_others_and_is_told_once() -> None:
    failure = OperationFailed("no part")
    begun, failed = threading.Event(), threading.Event()

    def fetch(_lane: Any, _transfer: Any, part: Part, open_stage: Any, check: Any) -> None:
        open_stage()
        if part.begin:
            begun.wait(HANG_SECONDS)
            failed.set()
            raise failure
        begun.set()
        failed.wait(HANG_SECONDS)
        while True:
            check()

    scene = Scene(fetch)
    other = threading.Thread(target=scene.first, args=(Lane(), scene.run), daemon=True)
    other.start()
    begun.wait(HANG_SECONDS)
    scene.second(Lane(), scene.run)
    other.join(HANG_SECONDS)
    assert not other.is_alive()
    ((stage, error),) = scene.concluded
    assert stage is not None
    assert error is failure


@pytest.mark.parametrize("problem", [ConnectionLost("gone"), KeyboardInterrupt()])
def test_the_next_session_fetches_the_rest(problem: BaseException) -> None:
    """The part that broke off, and those behind it; one session takes all of them."""
    parts: list[Part] = []
    problems = {SIZE // 4: problem}
    scene = Scene(stored(parts, problems))
    with pytest.raises(type(problem)):
        scene.first(Lane(), scene.run)
    scene.second(Lane(), scene.run)
    assert (scene.concluded, scene.halfway, scene.sink.open_files) == ([], {TRANSFER.stage: scene.striped}, 1)
    assert scene.striped.reached == SIZE // 4
    problems.clear()
    (again,) = scene.striped.jobs(1)
    again(Lane(), scene.run)
    assert [part.begin for part in parts] == [0, SIZE // 4, SIZE // 4, SIZE // 2, SIZE * 3 // 4]
    assert len(scene.concluded) == 1


def test_a_file_that_is_whole_is_concluded_in_the_next_session() -> None:
    parts: list[Part] = []
    scene = Scene(stored(parts))
    scene.first(Lane(), scene.run)
    (again,) = scene.striped.jobs(1)
    again(Lane(), scene.run)
    assert (len(parts), len(scene.concluded)) == (4, 2)


def test_the_end_of_the_file_is_seen_in_the_next_session() -> None:
    """All bytes came, but not the end: a server that ignored the offset has more to send."""
    parts: list[Part] = []

    def fetch(_lane: Any, _transfer: Any, part: Part, open_stage: Any, _check: Any) -> None:
        open_stage()
        parts.append(Part(part.begin, part.end))
        part.begin = part.end
        if part.end == SIZE and len(parts) == 4:
            raise ConnectionLost("lost")

    scene = Scene(fetch)
    with pytest.raises(ConnectionLost):
        scene.first(Lane(), scene.run)
    scene.striped.jobs(1)[0](Lane(), scene.run)
    assert (parts[-1].begin, parts[-1].end, len(parts)) == (SIZE - 1, SIZE, 5)
    assert len(scene.concluded) == 1


def test_a_file_that_is_given_up_is_closed() -> None:
    """Its stage stays: the caller removes it, or the next run continues it."""
    scene = Scene(stored([], {SIZE // 4: ConnectionLost("gone")}))
    with pytest.raises(ConnectionLost):
        scene.first(Lane(), scene.run)
    scene.striped.give_up()
    assert len(scene.sink.snapshot()) == 1
    assert scene.sink.open_files == 0


def test_the_stage_stays_until_the_last_has_left() -> None:
    """Otherwise one thread would write to a file that the other has closed."""
    inside, left = threading.Event(), threading.Event()
    seen: list[int] = []

    def fetch(_lane: Any, _transfer: Any, part: Part, open_stage: Any, check: Any) -> None:
        open_stage()
        if part.begin:
            inside.wait(HANG_SECONDS)
            raise ConnectionLost("gone")
        inside.set()
        left.wait(HANG_SECONDS)
        seen.append(scene.sink.open_files)
        check()

    scene = Scene(fetch)
    other = threading.Thread(target=scene.first, args=(Lane(), scene.run), daemon=True)
    other.start()
    inside.wait(HANG_SECONDS)
    with pytest.raises(ConnectionLost):
        scene.second(Lane(), scene.run)
    left.set()
    other.join(HANG_SECONDS)
    assert seen == [1]
    assert (list(scene.halfway), scene.concluded) == ([TRANSFER.stage], [])


def test_a_session_that_ended_with_a_part_logs_in_again() -> None:
    parts: list[Part] = []

    def fetch(lane: Any, _transfer: Any, part: Part, open_stage: Any, _check: Any) -> None:
        assert not lane.closed
        open_stage()
        parts.append(part)
        lane.closed = part.end < SIZE

    scene = Scene(fetch)
    lane = Lane()
    scene.first(lane, scene.run)
    assert lane.logins == 3
    assert len(parts) == 4


@pytest.mark.parametrize(
    ("sizes", "sessions", "expected"),
    [([64], 2, [64]), ([63], 2, []), ([64], 1, []), ([64, 64], 2, []), ([65, 64], 2, [65]), ([64, 64], 4, [64, 64])],
)
def test_what_is_more_than_a_share_is_striped(sizes: list[int], sessions: int, expected: list[int]) -> None:
    transfers = [TRANSFER._replace(entry=Entry(FILE, size << 20, 0, 0o644)) for size in sizes]
    assert [one.entry.size >> 20 for one in worth_striping(transfers, sessions)] == expected
