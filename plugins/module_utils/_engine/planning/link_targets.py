# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the target of a symbolic link leads, judged by its text alone."""

from __future__ import annotations

from ..model.relpath import RelPath

__all__ = ["stays_inside"]


def stays_inside(link: RelPath, target: bytes) -> bool:
    """Return whether a link at `link` (relative to the root) with this target can only lead to places below the root.

    ".." is accepted at the head of the target only, where it climbs real directories of the tree. Behind a name it
    could climb from wherever that name, itself a link, leads to: "up/../.." with up -> ".." leaves a root that its
    text stays in.
    """
    if not target or target.startswith(b"/"):
        return False
    parts = [part for part in target.split(b"/") if part not in (b"", b".")]
    climbs = 0
    while climbs < len(parts) and parts[climbs] == b"..":
        climbs += 1
    return climbs < link.depth and b".." not in parts[climbs:]
