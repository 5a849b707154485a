# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recorded digests are found alike, whether the record was read during a scan or afterwards."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    FILE,
    STAMP,
    Entry,
    Tree,
    known_alike,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.planning.filters import Filters
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.contents import Recall
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.progress import Progress
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.record import LOCAL, PEER, Record
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.scan import (
    Scanned,
    SideScan,
    scan_both,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.selection import SideSelection
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Page
from support.scenes.sync_pair import SyncPair
from support.trees.memory_transport import MemoryTransport
from support.trees.tree_spec import MTIME, SECOND, File

DIGEST = bytes(range(32))

PAIR = b"0123456789abcdef" * 4


def scan(side: MemoryTransport) -> SideScan:
    return SideScan(side, SideSelection(Filters((), ()), None), is_stage=lambda path: False, read_links=False)


@pytest.mark.parametrize("attached", ["before", "during"])
def test_files_that_are_as_they_were_recorded_are_known(tmp_path: Path, attached: str) -> None:
    record = Record(os.fsencode(tmp_path), PAIR, "0123456789abcdef")
    here = scan(MemoryTransport({b"a": b"1", b"b": b"2", b"d/c": b"3", b"d/x": b"4"}))
    there = scan(MemoryTransport({b"a": b"1", b"b": b"22", b"d/c": b"3", b"d/x": b"4"}))
    tree = listed({b"a": b"1", b"b": b"2", b"d/c": b"3", b"d/x": b"4"})
    record.save_tree(LOCAL, tree, dict.fromkeys(tree, DIGEST))
    record.save_tree(PEER, tree, {**dict.fromkeys(tree, DIGEST), RelPath(b"d/x"): DIGEST[::-1]})
    recall = Recall(record, stamped=False)
    if attached == "during":
        next(here.steps)
    recall.attach(here, there)
    scan_both(here, there, Progress())
    local, peer = recall.digests(here.result, there.result)
    assert dict(local) == {b"a": DIGEST, b"b": DIGEST, b"d/c": DIGEST, b"d/x": DIGEST}
    assert dict(peer) == {b"a": DIGEST, b"d/c": DIGEST, b"d/x": DIGEST[::-1]}, "b is larger now"
    assert known_alike(local, peer) == {b"a", b"d/c"}
    record.close()


def listed(files: dict) -> Tree:
    side = scan(MemoryTransport(files))
    scan_both(side, None, Progress())
    return side.result.tree


def test_stamps_of_known_files_stay_in_the_record(tmp_path: Path) -> None:
    record = Record(os.fsencode(tmp_path), PAIR, "0123456789abcdef")
    tree = {RelPath(name): Entry(FILE, 1, 5, 0o644) for name in (b"a", b"b")}
    stamps = {RelPath(b"a"): STAMP.pack(1, 2), RelPath(b"b"): STAMP.pack(3, 4)}
    record.save_tree(LOCAL, tree, dict.fromkeys(tree, DIGEST), stamps.get)
    now = {RelPath(b"a"): STAMP.pack(1, 2), RelPath(b"b"): STAMP.pack(3, 5)}
    here, there = scan(MemoryTransport({})), scan(MemoryTransport({}))
    here.result.tree = dict(tree)
    here.result.own_stamps.take(now)
    here.result.listed_alone[RelPath(b"")] = list(tree)
    recall = Recall(record, stamped=True)
    recall.attach(here, there)
    assert dict(here.result.stamps) == {b"b": now[RelPath(b"b")]}
    local, peer = recall.digests(here.result, there.result)
    assert (dict(local), dict(peer)) == ({b"a": DIGEST}, {})
    assert dict(here.result.stamps) == now
    assert [path in here.result.stamps for path in (b"a", b"b", b"c")] == [True, True, False]
    assert len(here.result.stamps) == 2
    record.close()


def test_a_file_that_changed_between_two_listings_is_not_known(tmp_path: Path) -> None:
    record = Record(os.fsencode(tmp_path), PAIR, "0123456789abcdef")
    tree = {RelPath(b"a"): Entry(FILE, 1, 5, 0o644)}
    record.save_tree(LOCAL, tree, {RelPath(b"a"): DIGEST})
    here, there = scan(MemoryTransport({})), scan(MemoryTransport({}))
    recall = Recall(record, stamped=False)
    for size, known in ((1, {b"a"}), (2, set())):
        here.result.tree = {RelPath(b"a"): Entry(FILE, size, 5, 0o644)}
        here.result.listed_alone[RelPath(b"")] = list(tree)
        recall.attach(here, there)
        assert here.result.known == known
    record.close()


def test_a_side_that_was_not_scanned_has_its_record_read_all_the_same(tmp_path: Path) -> None:
    record = Record(os.fsencode(tmp_path), PAIR, "0123456789abcdef")
    record.save_tree(PEER, {}, {})
    (tmp_path / (PAIR[:32].decode() + ".peer.tree")).write_bytes(b"cut")
    found = Recall(record, stamped=False).digests(Scanned(), Scanned())
    assert [dict(each) for each in found] == [{}, {}]
    assert len(record.notes) == 1
    record.close()


class Doubled(MemoryTransport):
    """A file system that lists a name twice in one page: first as it was before a change, as fuse and cifs may do."""

    former: Entry | None = None

    def scan(self, **options: Any) -> Iterator[Page]:
        for page in super().scan(**options):
            if self.former is not None and page.directory == b"":
                page = page._replace(entries=[(RelPath(b"a"), self.former), *page.entries])
            yield page


def test_the_last_entry_of_a_name_counts() -> None:
    source = Doubled({b"a": File(b"old", mtime=MTIME), b"b": b"x"})
    pair = SyncPair(source, {})
    pair.run()
    pair.run()
    source.discard(b"a")
    source.fill({b"a": File(b"new", mtime=MTIME + 9 * SECOND)})
    source.former = Entry(FILE, 3, MTIME, 0o644)
    pair.run()
    assert pair.destination.read_file(RelPath(b"a")) == b"new"


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
@pytest.mark.parametrize("size", [0, 100])
def test_a_record_that_is_cut_during_a_run_is_an_error_or_a_note(push: bool, size: int) -> None:
    tree = {b"d%d/f%d" % (above, number): b"%d" % (above * number) for above in range(5) for number in range(5)}
    pair = SyncPair(tree, {}, push=push)
    pair.run()
    pair.run()

    def cut(operation: str, path: bytes) -> None:
        if operation == "scan" and path == b"d3":
            for file in Path(os.fsdecode(pair.state_dir)).glob("*.tree"):
                os.truncate(file, size)

    pair.peer.faults.on_operation = cut
    pair.source.discard(b"d1/f1")
    pair.source.fill({b"d1/f1": b"changed"})
    ran = pair.run()
    assert ran.error is None or "cannot be read any more" in str(ran.error)
    pair.peer.faults.on_operation = None
    pair.run()
    assert pair.destination.read_file(RelPath(b"d1/f1")) == b"changed"
