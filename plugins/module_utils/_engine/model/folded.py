# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folded form of a name, by which names are found that may be the same for a server or a file system."""

from __future__ import annotations

from unicodedata import normalize

_REFUSED = bytes((*range(1, 10), *range(11, 32), 127)) + b'\\:*?"<>|'
REPLACED = bytes.maketrans(_REFUSED, b"_" * len(_REFUSED))
"""Maps the characters that some ends replace by others. Not the end of a line."""
_IGNORED = (0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810), *range(0x200B, 0x2010))
_IGNORED += (*range(0x202A, 0x202F), *range(0x2060, 0x2070), *range(0xFE00, 0xFE10), 0xFEFF, *range(0xFFF0, 0xFFF9))
_IGNORED += (*range(0x1BCA0, 0x1BCA4), *range(0x1D173, 0x1D17B), *range(0xE0000, 0xE1000))
"""Unicode's Default_Ignorable_Code_Point: ext4 with casefold and HFS+ leave them out when they compare names."""
# The pictures of control characters are the names that rclone gives them; servers in Java or JavaScript have U+FFFD for
# bytes that are not UTF-8.
_OTHERS = {**dict.fromkeys((*_REFUSED, *range(0x2400, 0x2422), 0xFFFD), "_"), **dict.fromkeys(_IGNORED, "")}


def folded(name: bytes) -> bytes:
    """Return a form that is equal for all names that are the same for some server or file system: without regard to
    case, also of the Turkish i, to Unicode forms, to characters without width, to blanks and dots at the end, to bytes
    that are not UTF-8, and to characters that are replaced where a file system refuses them."""
    lower = name.lower()
    if not lower.isascii():
        lower = folded_text(name.decode("utf-8", "replace")).encode()
    lower = lower.translate(REPLACED)
    return lower.rstrip(b" .") or lower


def folded_text(text: str) -> str:
    """Return the folded form of a part of a name, without regard to its end."""
    return normalize("NFKD", text).upper().casefold().translate(_OTHERS).replace("i\u0307", "i")
