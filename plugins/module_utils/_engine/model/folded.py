# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folded form of a name, by which names are found that may be the same for a server or a file system."""

from __future__ import annotations

from unicodedata import normalize

__all__ = ["folded"]


def folded(name: bytes) -> bytes:
    """Return a form that is equal for all names that are the same for some file system: without regard to case, also
    of the Turkish i, to Unicode forms, and to blanks and dots at the end."""
    lower = name.lower()
    if not lower.isascii():
        text = normalize("NFKD", name.decode("utf-8", "surrogateescape")).upper().casefold()
        lower = text.replace("i\u0307", "i").encode("utf-8", "surrogateescape")
    return lower.rstrip(b" .") or lower
