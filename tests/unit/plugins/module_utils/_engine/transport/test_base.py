# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations of the contract that need no transport of their own."""

from __future__ import annotations

from contextlib import closing

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import PermissionDenied
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    FILE,
    LINK,
    Attributes,
    Entry,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import (
    Kept,
    Reached,
    Transfer,
    read_past,
)
from support.trees.memory_transport import MemoryTransport
from support.trees.tree_spec import Link

A = RelPath(b"a")


def test_one_entry_is_looked_at() -> None:
    side = MemoryTransport({b"a": b"content", b"link": Link(b"a")})
    found = side.entry_at(A)
    assert found is not None
    assert (found.kind, found.size) == (FILE, 7)
    assert side.entry_at(RelPath(b"missing")) is None
    link = side.entry_at(RelPath(b"link"))
    assert link is not None
    assert link.kind == LINK


def test_an_entry_that_cannot_be_seen_is_an_error() -> None:
    side = MemoryTransport({b"a": b"content"})
    side.faults.fail("look", A, PermissionDenied("Permission denied"))
    with pytest.raises(PermissionDenied):
        side.entry_at(A)


def test_parts_that_are_done_in_any_order_reach_as_far_as_there_is_no_gap() -> None:
    reached = Reached(10)
    reached.add(30, 5)
    assert (reached.size, reached.whole) == (10, False)
    reached.add(10, 10)
    assert (reached.size, reached.whole) == (20, False)
    reached.add(20, 10)
    assert (reached.size, reached.whole) == (35, True)
    reached.add(50, 1)
    assert (reached.go_back(), reached.whole) == (35, True)
    reached.add(10, 5)
    assert (reached.size, reached.whole) == (35, False)


@pytest.mark.parametrize(("kept", "begun"), [(Kept(), 0), (Kept(7), 7)])
def test_the_bytes_of_an_earlier_run(kept: Kept, begun: int) -> None:
    transfer = Transfer(A, A, A, Entry(FILE, 10, 0, 0o600), Attributes(), kept=kept)
    assert transfer.begun == begun
    assert kept.moved(A) == A
    kept.start_over()
    assert transfer.begun == 0


@pytest.mark.parametrize(
    ("size", "wanted", "sizes"),
    [(10, 10, [10]), (10, 4, [4]), (10, 20, [10]), (10, 0, []), ((1 << 20) + 5, (1 << 20) + 3, [1 << 20, 3])],
)
def test_bytes_are_passed_to_the_wanted_size(size: int, wanted: int, sizes: list[int]) -> None:
    side, found, pauses = MemoryTransport({b"a": bytes(size)}), [], []
    with closing(side.open_source(A)) as source:
        assert source.go_back(0) in (True, False)
        count = read_past(source, wanted, lambda view: found.append(bytes(view)), lambda: pauses.append(1))
    assert (count, [len(each) for each in found], len(pauses)) == (sum(sizes), sizes, len(sizes))


def test_a_side_shows_itself_and_is_always_ready() -> None:
    side = MemoryTransport({})
    assert (side.whole_tree is side, side.advance()) == (True, True)
