# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changed blocks: large files here whose first blocks show that their content is not the content at the server.

The blocks of the file at the server are recorded (BlockRecord). One block with another checksum is enough, so that
the rest of the file is read only once, while it is sent. Equal blocks prove nothing: the file is hashed as a whole
then.
"""

from __future__ import annotations

import hashlib
from typing import Iterable, Optional, Set

from ..errors import SyncError
from ..integrity.block_digests import RecordedBlocks, read_blocks, write_blocks
from ..integrity.digest import UnusableManifest
from ..model.blocks import checksum, checksum_at
from ..model.relpath import RelPath
from ..model.tree import Digests, Tree
from ..transport.base import LocalSide, SourceFile
from .groups import LARGE
from .record import Record

_SHARE = 8
"""Of a file that is equal at both ends, an eighth is read twice at most."""
_MOST_READ = 256 << 20
_FORM = b"blocks-"
_MOST_BYTES = 64 << 20
"""Bytes for one pair of trees: enough for 128 GiB of files of up to 1 GiB."""


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
    for number in range(min(recorded.size // _SHARE, _MOST_READ) // known.block):
        data = file.read(known.block)
        if len(data) < known.block:
            return False
        if checksum(data, strong=known.strong) != checksum_at(known, number):
            return True
    return False


class BlockRecord:
    """The block digests of large files at the server, one small file each, kept with the record of digests.

    They are valid for one content: for a file whose whole digest is known to be the recorded digest. The files of one
    pair of trees take a bounded space; the files that were written first are removed first. A lost file costs only
    time.
    """

    def __init__(self, record: Record, *, most: int = _MOST_BYTES) -> None:
        self._record = record
        self._most = most

    def find(self, path: RelPath) -> Optional[RecordedBlocks]:
        """Return the blocks of a file as they were recorded last; None if there are none."""
        try:
            data = self._record.load_text(_form(path))
            return read_blocks(data, self._name(path)) if data else None
        except UnusableManifest:
            return None

    def forget(self, paths: Iterable[RelPath]) -> None:
        """Remove the blocks of files that are about to be replaced."""
        self._record.forget_texts([_form(path) for path in paths])

    def keep(self, path: RelPath, recorded: RecordedBlocks) -> None:
        """Record the blocks of one file. An error costs only time."""
        try:
            self._record.save_text(_form(path), write_blocks(self._name(path), recorded))
        except (OSError, UnusableManifest):
            return

    def trim(self) -> None:
        """Remove the files that were written first, beyond the space for this pair of trees."""
        self._record.trim_texts(_FORM, self._most)

    def _name(self, path: RelPath) -> bytes:
        return self._record.about + b" " + path


def _form(path: RelPath) -> bytes:
    return _FORM + hashlib.sha256(path).hexdigest()[:32].encode()
