# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folded form of a name, by which names are found that may be the same for a server or a file system."""

from __future__ import annotations

from unicodedata import normalize

_REFUSED = bytes((*range(1, 10), *range(11, 32), 127)) + b'\\:*?"<>|'
REPLACED = bytes.maketrans(_REFUSED, b"_" * len(_REFUSED))
"""Maps the characters that some ends replace by others. Not the end of a line."""
_PICTURES = dict.fromkeys(range(0x2400, 0x2422), "_")
"""Of control characters: rclone shows these for them."""


def folded(name: bytes) -> bytes:
    """Return a form that is equal for all names that are the same for some server or file system: without regard to
    case, also of the Turkish i, to Unicode forms, to blanks and dots at the end, and to characters that are replaced
    where a file system refuses them."""
    lower = name.lower()
    if not lower.isascii():
        text = normalize("NFKD", name.decode("utf-8", "surrogateescape")).upper().casefold().translate(_PICTURES)
        lower = text.replace("i\u0307", "i").encode("utf-8", "surrogateescape")
    lower = lower.translate(REPLACED)
    return lower.rstrip(b" .") or lower
