# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Detect a full file system, with statvfs@openssh.com."""

from __future__ import annotations

from struct import Struct

from ...errors import NoSpace, SyncError
from ...model.buffer import Buffer
from ...system.free_space import room_words

__all__ = ["no_space"]

_STATVFS = Struct(">11Q")
"""f_bsize, f_frsize, f_blocks, f_bfree, f_bavail, f_files, f_ffree, f_favail, f_fsid, f_flag, f_namemax."""


def no_space(statvfs: Buffer, error: SyncError, size: int) -> SyncError:
    """NoSpace where the server's file system has no inodes left for this user, or fewer blocks than a file of `size`
    bytes, whose failed stage is removed by now, takes; else `error` itself."""
    if len(statvfs) < _STATVFS.size:
        return error
    _bsize, frsize, blocks, _bfree, available, files, _ffree, inodes = _STATVFS.unpack_from(statvfs)[:8]
    if blocks and available * frsize < max(size, 65536):
        text = "the server's file system is full: %s; the file has %d bytes" % (
            room_words(available * frsize, blocks * frsize),
            size,
        )
        return NoSpace(text, path=error.path, cure="Free space on the server.")
    if files and not inodes:
        text = "the server's file system has no free inodes, of %d" % files
        return NoSpace(text, path=error.path, cure="Remove files on the server.")
    return error
