# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roots that share a directory."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.overlap import (
    inside_destination,
    looks_overlapping,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.progress import Progress
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.sides import Sides
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.stage_names import StageNames
from support.trees.memory_transport import MemoryTransport

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
