# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The size of a sealed file, once its head is written.

An age file (c2sp.org/age) is a header of text lines, whose last line begins with "---", a nonce of 16 bytes, and the
content in chunks of 64 KiB, each with a tag of 16 bytes. An empty file has one empty chunk. The length of the header
depends on the recipients and on stanzas that a library adds at random.
"""

from __future__ import annotations

from typing import Optional

HEAD_LIMIT = 1 << 20
"""Bytes of the longest head that is looked at."""

_VERSION = b"age-encryption.org/v1\n"
_NONCE = _TAG = 16
_CHUNK = 64 << 10


def sealed_size(head: bytes, size: int) -> Optional[int]:
    """Return the size of the sealed form of `size` bytes. head: its first bytes. None if they do not show it."""
    mac = head.find(b"\n---") + 1
    end = head.find(b"\n", mac) + 1
    if not (head.startswith(_VERSION) and mac and end):
        return None
    chunks = max(1, -(-size // _CHUNK))
    return end + _NONCE + size + chunks * _TAG
