# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether renames follow links is tested once, and leaves nothing behind.

The consequences are tested on a real ProFTPD.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.outcomes import Outcomes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.progress import Progress
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.removal import LinkMoves
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.roots import Sides
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.stage_names import StageNames
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Done, Rename
from support.trees.memory_transport import MemoryTransport


class Following(MemoryTransport):
    """A rename moves the target of a link; every link of this test points to a name next to it."""

    renames = 0

    def rename(self, moves: Sequence[Rename]) -> Iterator[Done]:
        self.renames += len(moves)
        targets = {path: entry.target for page in self.scan(read_links=True) for path, entry in page.entries}
        return super().rename([move._replace(stage=move.stage.__class__(targets[move.stage])) for move in moves])


def made(destination: MemoryTransport, *, push: bool = True) -> tuple[LinkMoves, StageNames, Outcomes]:
    names, outcomes = StageNames(b"/root", "0" * 16), Outcomes()
    ends = (MemoryTransport({}), destination)
    sides = Sides(push, *(ends if push else ends[::-1]), Progress())
    return LinkMoves(sides, names, outcomes), names, outcomes


def test_where_the_link_itself_moves() -> None:
    peer = MemoryTransport({})
    moves, names, outcomes = made(peer)
    assert moves.safe
    assert (peer.snapshot(), names.open, outcomes.notes) == ({}, set(), [])


def test_where_the_target_moves() -> None:
    peer = Following({})
    moves, names, outcomes = made(peer)
    assert not moves.safe
    assert not moves.safe
    assert peer.renames == 1
    assert (peer.snapshot(), names.open) == ({}, set())
    assert ["follow symbolic links" in note for note in outcomes.notes] == [True]


def test_a_local_destination_is_not_asked() -> None:
    here = Following({})
    assert made(here, push=False)[0].safe
    assert here.renames == 0
