# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A known_hosts file as it counts now: ssh reads the file itself, and knows nothing of pins that end."""

from __future__ import annotations

from typing import Optional

from ..model.local_path import local_path
from .known_hosts import REVOKED, KnownHost, parse_line
from .validity import VALIDITY_MARK, validity_of

__all__ = ["counts", "view_of"]


def counts(entry: KnownHost, now: float) -> bool:
    """Return whether a line counts at `now` (seconds since 1970); a revocation always does."""
    return entry.marker == REVOKED or validity_of(entry.comment).counts(now)


def view_of(path: str, now: float) -> Optional[str]:
    """Return the valid lines; None if that is the whole file, or if it cannot be read, which ssh will report."""
    try:
        with open(local_path(path), encoding="utf-8", errors="surrogateescape", newline="\n") as file:
            text = file.read()
    except OSError:
        return None
    lines = text.split("\n")
    kept = [line for line in lines if _stays(line, now)] if VALIDITY_MARK in text else lines
    return None if len(kept) == len(lines) else "\n".join(kept)


def _stays(line: str, now: float) -> bool:
    entry = parse_line(line) if VALIDITY_MARK in line else None
    return entry is None or counts(entry, now)
