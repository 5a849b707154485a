# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roots that share a directory, and the file by which they are found."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    OverlappingRoots,
    PermissionDenied,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.planning.filters import Filters
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.lock import LOCK_NAME
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.lock_holder import LockHolder
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.overlap import (
    Marker,
    inside_destination,
    looks_overlapping,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.progress import Progress
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.roots import Opened, Sides
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.scan import (
    Scanned,
    SideScan,
    scan_both,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.selection import SideSelection
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.stage_names import StageNames
from support.trees.memory_disk import MemoryDisk
from support.trees.memory_transport import MemoryTransport

BOTH = pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
RUN = "0123456789abcdef"
HOLDER = LockHolder.here(RUN)


class Scene:
    """Two roots on one disk."""

    def __init__(self, source: bytes, destination: bytes, *, push: bool) -> None:
        disk = MemoryDisk()
        for root in (b"/m/one/sub", b"/m/two"):
            disk.fill(root, {b"f": root})
        self.source, self.destination = (MemoryTransport(disk=disk, root=root) for root in (source, destination))
        ends = (self.source, self.destination) if push else (self.destination, self.source)
        self.filters = Filters((), ())
        names = StageNames(destination, RUN)
        self.opened = Opened(Sides(push, *ends, Progress()), names, False, source, destination)

    def scanned(self, side: MemoryTransport) -> Scanned:
        scan = SideScan(side, SideSelection(self.filters, None), is_stage=lambda path: False, read_links=False)
        scan_both(scan, None, Progress())
        return scan.result

    def refuse(self, marker: Marker) -> None:
        marker.refuse_overlap(self.opened, self.scanned(self.source), self.scanned(self.destination))


@BOTH
@pytest.mark.parametrize("destination", [b"/m/one", b"/m/one/sub"])
def test_a_destination_that_is_the_source_or_lies_in_it(destination: bytes, push: bool) -> None:
    scene = Scene(b"/m/one", destination, push=push)
    before = scene.destination.snapshot()
    marker = Marker.temporary(scene.opened, HOLDER)
    with pytest.raises(OverlappingRoots):
        scene.refuse(marker)
    marker.remove()
    assert scene.destination.snapshot().keys() == before.keys()
    assert not scene.opened.names.open


@BOTH
def test_the_lock_is_the_marker_where_there_is_one(push: bool) -> None:
    scene = Scene(b"/m/one", b"/m/one/sub", push=push)
    scene.destination.fill({LOCK_NAME: HOLDER.text()})
    with pytest.raises(OverlappingRoots):
        scene.refuse(Marker.of_lock(HOLDER))
    assert LOCK_NAME in scene.destination.snapshot()


@BOTH
@pytest.mark.parametrize("locked", [True, False], ids=["lock", "temporary"])
def test_a_destination_of_which_the_filters_take_nothing(push: bool, locked: bool) -> None:
    scene = Scene(b"/m/one", b"/m/one/sub", push=push)
    scene.filters = Filters(("*.csv",), ())
    if locked:
        scene.destination.fill({LOCK_NAME: HOLDER.text()})
    marker = Marker.of_lock(HOLDER) if locked else Marker.temporary(scene.opened, HOLDER)
    with pytest.raises(OverlappingRoots):
        scene.refuse(marker)


@pytest.mark.parametrize("made", [True, False], ids=["made", "there"])
@BOTH
def test_a_destination_that_is_excluded_there(push: bool, made: bool) -> None:
    """The cure that the refusal names."""
    scene = Scene(b"/m/one", b"/m/one/sub", push=push)
    scene.opened = scene.opened._replace(destination_missing=made)
    scene.filters = Filters((), ("/sub/",))
    scene.destination.fill({LOCK_NAME: HOLDER.text()})
    scene.refuse(Marker.of_lock(HOLDER))


def test_a_destination_that_is_made_in_the_source_behind_its_scan() -> None:
    scene = Scene(b"/m/one", b"/m/one/new", push=True)
    source = scene.scanned(scene.source)
    scene.opened = scene.opened._replace(destination_missing=True)
    scene.destination.create_root()
    marker = Marker.temporary(scene.opened, HOLDER)
    with pytest.raises(OverlappingRoots):
        marker.refuse_overlap(scene.opened, source, Scanned())


@BOTH
def test_a_source_in_the_destination_is_known_by_what_it_holds(push: bool) -> None:
    scene = Scene(b"/m/one/sub", b"/m/one", push=push)
    before = scene.destination.snapshot()
    with pytest.raises(OverlappingRoots):
        scene.refuse(Marker.temporary(scene.opened, HOLDER))
    assert scene.destination.snapshot() == before, "its times too"


@BOTH
def test_roots_that_have_nothing_in_common(push: bool) -> None:
    scene = Scene(b"/m/two", b"/m/one", push=push)
    before = scene.destination.snapshot()
    scene.refuse(Marker.temporary(scene.opened, HOLDER))
    assert scene.destination.snapshot() == before
    assert not scene.opened.names.open


@BOTH
def test_another_run_s_lock_in_the_source_is_no_marker(push: bool) -> None:
    scene = Scene(b"/m/two", b"/m/one", push=push)
    scene.source.fill({LOCK_NAME: LockHolder.here("f" * 16).text()})
    scene.refuse(Marker.of_lock(HOLDER))


def test_a_root_where_nothing_can_be_made_needs_no_marker() -> None:
    scene = Scene(b"/m/two", b"/m/one", push=True)
    scene.destination.faults.fail("create_file", None, PermissionDenied("no"))
    marker = Marker.temporary(scene.opened, HOLDER)
    assert not scene.opened.names.open
    scene.refuse(marker)


# by name and by directory

MARKER = RelPath(b"marker")
ENDS = (Sides(True, MemoryTransport({}), MemoryTransport({}), Progress()), StageNames(b"/root", "0" * 16))


@pytest.mark.parametrize(
    ("one", "other", "overlapping"),
    [(b"/a", b"/a", True), (b"/a", b"/a/b", True), (b"/a/b", b"/a", True), (b"/a", b"/ab", False), (b"/", b"/x", True)],
)
def test_by_name(one: bytes, other: bytes, overlapping: bool) -> None:
    assert looks_overlapping(one, other) is overlapping


@pytest.mark.parametrize("depth", [1, 5])
def test_a_local_source_inside_the_destination(tmp_path: Path, depth: int) -> None:
    source = tmp_path.joinpath(*["d"] * depth)
    source.mkdir(parents=True)
    (tmp_path / "marker").write_bytes(b"ours")
    assert inside_destination(os.fsencode(source), MARKER, b"ours", *ENDS)
    assert not inside_destination(os.fsencode(source), MARKER, b"another's", *ENDS)
    assert not inside_destination(os.fsencode(tmp_path), MARKER, b"ours", *ENDS), "an equal root is found by the scan"


def test_a_fifo_or_link_of_that_name_is_no_marker(tmp_path: Path) -> None:
    (tmp_path / "d" / "e").mkdir(parents=True)
    (tmp_path / "real").write_bytes(b"ours")
    (tmp_path / "marker").symlink_to("real")
    os.mkfifo(tmp_path / "d" / "marker")
    assert not inside_destination(os.fsencode(tmp_path / "d" / "e"), MARKER, b"ours", *ENDS)
