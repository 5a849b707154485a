# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changed blocks: large files here whose first blocks show that their content is not the content at the server.

The blocks of the file at the server are recorded (`block_record`). One block with another checksum is enough, so that
the rest of the file is read only once, while it is sent. Equal blocks prove nothing: the file is hashed as a whole
then.
"""

from __future__ import annotations

from typing import Iterable, Set

from ..errors import SyncError
from ..integrity.block_digests import RecordedBlocks
from ..model.blocks import checksum, checksum_at
from ..model.relpath import RelPath
from ..model.tree import Digests, Tree
from ..transport.base import LocalSide, SourceFile
from .block_record import BlockRecord
from .groups import LARGE
from .record import Record

_SHARE = 8
"""Of a file that is equal at both ends, an eighth is read twice at most."""
_MOST_BYTES = 256 << 20


def differing(record: Record, local: LocalSide, tree: Tree, known: Digests, paths: Iterable[RelPath]) -> Set[RelPath]:
    """Return the large files of `paths` that are seen to differ. known: the digests of the files at the server."""
    blocks, found = BlockRecord(record), set()
    for path in paths:
        size = tree[path].size
        recorded = blocks.find(path) if size >= LARGE else None
        if recorded is None or (recorded.size, recorded.digest) != (size, known.get(path)):
            continue
        if _differs(local, path, recorded):
            found.add(path)
    return found


def _differs(local: LocalSide, path: RelPath, recorded: RecordedBlocks) -> bool:
    try:
        file = local.open_source(path)
    except SyncError:
        return False  # It is tried again when the file is hashed, and reported then.
    try:
        return _another_block(file, recorded)
    except SyncError:
        return False
    finally:
        file.close()


def _another_block(file: SourceFile, recorded: RecordedBlocks) -> bool:
    """Return whether one of the first blocks is another."""
    known = recorded.blocks
    for number in range(min(recorded.size // _SHARE, _MOST_BYTES) // known.block):
        data = file.read(known.block)
        if len(data) < known.block:
            return False
        if checksum(data, strong=known.strong) != checksum_at(known, number):
            return True
    return False
