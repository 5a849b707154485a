# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The header of a key revocation list (PROTOCOL.krl of OpenSSH), and the frame of its sections. Pure.

"SSHKRL\\n\\0" | uint32 1 | uint64 version | uint64 date | uint64 flags | string | string comment | sections
section: byte type | string

A file that was cut is found here, unless the cut is between two sections. Its signature shows that too.
"""

from __future__ import annotations

import struct
from typing import NamedTuple, Tuple

from ..errors import KrlDamaged
from ..model.utc import utc

MAGIC = b"SSHKRL\n\0"
_FIXED = struct.Struct(">8sIQQQ")
_LENGTH = struct.Struct(">I")


class KrlHeader(NamedTuple):
    """version: number of the list. date: seconds since 1970. comment: in our lists, digests of entries and history."""

    version: int
    date: int
    comment: str

    @property
    def words(self) -> str:
        return f"key revocation list, version {self.version} of {utc(self.date)}"


def read_header(content: bytes, name: str) -> KrlHeader:
    """Return the header of a whole list. name: for the error. Raises KrlDamaged."""
    try:
        magic, form, version, date, _flags = _FIXED.unpack_from(content)
        if magic != MAGIC or form != 1:
            raise ValueError("it is not a key revocation list")
        _reserved, position = _string(content, _FIXED.size)
        comment, position = _string(content, position)
        while position < len(content):
            _section, position = _string(content, position + 1)
    except (struct.error, ValueError) as error:
        fact = "is empty" if not content else f"is not a whole key revocation list: {error}"
        raise KrlDamaged(f"{name} {fact}", cure="Make the list again with key_revocation_list.") from None
    return KrlHeader(version, date, comment.decode("utf-8", "replace"))


def _string(content: bytes, position: int) -> Tuple[bytes, int]:
    """Return the string at a position, and the position behind it."""
    (length,) = _LENGTH.unpack_from(content, position)
    start, end = position + _LENGTH.size, position + _LENGTH.size + length
    if end > len(content):
        raise ValueError("it ends within a part")
    return content[start:end], end
