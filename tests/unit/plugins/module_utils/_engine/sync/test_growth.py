# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A partner that sends twice as much makes twice the work, and not four times: the processor time of whole runs in
memory, of trees with many entries of each kind. Deeply nested entries are counted by the bytes of their paths.

This is no benchmark: a run over four times as many entries may need six times the time, and a square needs sixteen.
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.content.quarantine import Quarantine
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ConnectionLost,
    PermissionDenied,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import (
    DropBoxRequest,
    FileLimits,
    PartialFiles,
    Receipting,
    Signing,
)
from support.scenes.sealed_pair import SealedPair
from support.scenes.set_sender import SetSender
from support.scenes.sync_pair import SyncPair
from support.servers.ssh_keys import key
from support.trees.memory_disk import MemoryDisk
from support.trees.memory_transport import MemoryTransport
from support.trees.tree_spec import File, Link

Run = Callable[[], object]
MOST = 6.25
"""Two doublings of 2.5."""
LEAST = 0.01
"""Seconds that the smaller run counts at least."""
ATTEMPTS = 4


def files(number: int, prefix: bytes = b"f", content: bytes = b"") -> dict[bytes, Any]:
    return {b"%s%06d" % (prefix, each): content or b"%d" % each for each in range(number)}


def spread(number: int, *names: bytes) -> dict[bytes, Any]:
    """Return a tree with these names in each of some directories."""
    return {b"d%06d/%s" % (each, name): b"1" for each in range(number) for name in names}


def chain(depth: int, name: bytes) -> dict[bytes, Any]:
    return {b"/".join([name] * depth) + b"/f": b"1"}


def folds(source: dict[bytes, Any], there: dict[bytes, Any], **options: Any) -> SyncPair:
    disk = MemoryDisk(fold=bytes.lower)
    return SyncPair(source, MemoryTransport(there, disk=disk), delete=True, **options)


def failing(number: int, operation: str, error: Exception) -> SyncPair:
    pair = SyncPair(files(number), {})
    pair.peer.faults.fail(operation, None, error)
    return pair


def box(number: int, *, push: bool = True, source: dict[bytes, Any] | None = None, **options: Any) -> SyncPair:
    return SyncPair(source or files(number), {}, push=push, drop_box=DropBoxRequest(**options))


def attested(number: int) -> SyncPair:
    pair = SyncPair(files(number), {})
    receipts = Receipting(pair.state_dir + b"-receipts", Signing(private_key_file=str(key("receipts").path)), "a", "1")
    pair.options["receipts"] = receipts
    return pair


MARKED = {"marker": b"{name}.done", "marker_for": "file"}
SCENES: dict[str, tuple[int, Callable[[int], Any]]] = {
    "new": (500, lambda n: SyncPair(files(n), {})),
    "same": (1500, lambda n: SyncPair(files(n), files(n))),
    "one digest": (500, lambda n: SyncPair(files(n, content=b"x" * 9), {})),
    "one digest at both ends": (400, lambda n: SyncPair(files(n, content=b"x"), files(n, b"g", b"x"), delete=True)),
    "moved": (400, lambda n: SyncPair(files(n), files(n, b"g"), delete=True)),
    "removed": (1000, lambda n: SyncPair({b"a": b"1"}, files(n), delete=True)),
    "to the trash": (1000, lambda n: SyncPair({b"a": b"1"}, files(n), delete=True, trash=b"trash")),
    "excluded": (500, lambda n: SyncPair({**files(n), **files(n, b"x")}, files(n, b"x"), exclude=("x*",), delete=True)),
    "excluded at the destination": (
        500,
        lambda n: SyncPair({b"a": b"1"}, spread(n, b"x"), exclude=("x",), delete=True),
    ),
    "not included": (500, lambda n: SyncPair({**files(n), **spread(n, b"x")}, {}, include=("f*",))),
    "too young": (500, lambda n: SyncPair(files(n), files(n, b"g"), limits=FileLimits(max_size=3), delete=True)),
    "directories": (400, lambda n: SyncPair(spread(n, b"f"), {})),
    "removed directories": (500, lambda n: SyncPair({b"a": b"1"}, spread(n, b"f"), delete=True)),
    "directories for files": (300, lambda n: SyncPair(files(n, b"d"), spread(n, b"f"), delete=True)),
    "links": (800, lambda n: SyncPair({path: Link(b"f") for path in files(n)}, {}, links="copy")),
    "modes": (500, lambda n: SyncPair({path: File(b"1", mode=0o600) for path in files(n)}, files(n, content=b"1"))),
    "partial": (500, lambda n: SyncPair(files(n), {}, partial=PartialFiles(min_size=1))),
    "delivered once": (500, lambda n: box(n, deliver_once=True)),
    "archived": (400, lambda n: box(n, push=False, after_transfer="archive", archive=b"done")),
    "marked": (400, lambda n: box(n, **MARKED)),
    "marked directories": (200, lambda n: box(n, source=spread(n, b"f"), marker=b".done", marker_for="directory")),
    "markers to fetch": (400, lambda n: box(n, push=False, source={**files(n), **spread_markers(n)}, **MARKED)),
    "without markers": (1500, lambda n: box(n, push=False, **MARKED)),
    "other case": (60, lambda n: folds(spread(n, b"f"), spread(n, b"F"))),
    "other case beside excluded entries": (
        150,
        lambda n: folds(spread(n, b"f"), {**spread(n, b"F"), **files(60 * n, b"z/x")}, exclude=("x*",)),
    ),
    "two names for one": (400, lambda n: folds(spread(n, b"f", b"F"), {})),
    "refused": (300, lambda n: failing(n, "upload", PermissionDenied("refused"))),
    "unproven": (200, lambda n: failing(n, "digest", PermissionDenied("refused"))),
    "lost sessions": (100, lambda n: failing(n, "upload", ConnectionLost("lost"))),
    "signed set": (400, lambda n: SetSender(files(n), {})),
    "sealed": (150, lambda n: SealedPair(files(n), {})),
    "receipt": (400, attested),
}
NESTED: dict[str, tuple[int, Callable[[int], Any]]] = {
    "nested": (100, lambda n: SyncPair(chain(n, b"d"), {})),
    "removed": (100, lambda n: SyncPair({b"a": b"1"}, chain(n, b"d"), delete=True)),
    "other case": (60, lambda n: folds(chain(n, b"d"), chain(n, b"D"))),
}


def spread_markers(number: int) -> dict[bytes, Any]:
    return {path + b".done": b"" for path in files(number)}


def processor_time(run: Run) -> float:
    gc.collect()
    before = time.process_time()
    run()
    return time.process_time() - before


def require_growth(number: int, scene: Callable[[int], Run], most: float = MOST) -> None:
    """Raise AssertionError if four times the number takes too much more, each time it is measured."""
    seen: list[float] = []
    while not seen or seen[-1] >= most:
        assert len(seen) < ATTEMPTS, f"4 x {number} entries take {seen} times as long"
        few = processor_time(scene(number))
        seen.append(processor_time(scene(4 * number)) / max(few, LEAST))


@pytest.mark.parametrize("again", [False, True], ids=["first", "again"])
@pytest.mark.parametrize("name", SCENES)
def test_twice_the_entries_make_twice_the_work(name: str, again: bool) -> None:
    number, scene = SCENES[name]

    def prepared(entries: int) -> Run:
        pair = scene(entries)
        if again:
            pair.run()
        return pair.run

    require_growth(number * (2 if again else 1), prepared)


@pytest.mark.parametrize("name", NESTED)
def test_twice_the_depth_makes_four_times_the_work(name: str) -> None:
    """The bytes of the paths grow with the square of the depth, so do the requests for each part of a path."""
    number, scene = NESTED[name]
    require_growth(number, lambda depth: scene(depth).run, MOST**2)


@pytest.mark.parametrize("known", [False, True], ids=["new", "known"])
@pytest.mark.parametrize("contents", ["one", "many"])
def test_the_quarantine(tmp_path: Path, contents: str, known: bool) -> None:
    places = iter(range(1000))

    def prepared(number: int) -> Run:
        room = Quarantine(os.fsencode(tmp_path / str(next(places))), 1 << 40, bool)
        room.begin()
        run = Refusals(room, number, one=contents == "one")
        if known:
            run()
        return run

    require_growth(200, prepared)


class Refusals:
    """Many refused files of one content, or of many."""

    def __init__(self, room: Quarantine, number: int, *, one: bool) -> None:
        self._room, self._contents = room, [b"%d" % (0 if one else each) for each in range(number)]

    def __call__(self) -> None:
        for number, content in enumerate(self._contents):
            finding = {"path": str(number), "source": "partner", "reason": "refused"}
            file = MemoryTransport({b"a": content}).open_source(RelPath(b"a"))
            self._room.keep(file, sha256(content).digest(), finding)
