# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Block record: the block digests of large files at the server, one small file each, kept with the record of digests.

They are valid for one content: for a file whose whole digest is known to be the recorded digest. The files of one pair
of trees take a bounded space; the files that were written first are removed first. A lost file costs only time.
"""

from __future__ import annotations

import hashlib
from typing import Iterable, Optional

from ..integrity.block_digests import RecordedBlocks, read_blocks, write_blocks
from ..integrity.digest import UnusableManifest
from ..model.relpath import RelPath
from .record import Record

_FORM = b"blocks-"
_MOST_BYTES = 64 << 20
"""Bytes for one pair of trees: enough for 128 GiB of files of up to 1 GiB."""


class BlockRecord:
    """The block digests that are kept with `record`."""

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
