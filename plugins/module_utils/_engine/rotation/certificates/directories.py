# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Directories of keys: no component of their paths is a link, and no other account can put something in its place.

Once that is so, only root can change where the paths lead; files in them may then be named by their paths."""

from __future__ import annotations

import os

from ...system.root_owned_path import Walker


def require_private(*directories: str) -> None:
    """Raises UnsafePath, and NotFound; the last one need not be there."""
    walker = Walker(owner=os.geteuid(), shared=True)
    *needed, last = directories
    for path in needed:
        os.close(walker.open(path))
    found = walker.open_existing(last)
    if found is not None:
        os.close(found)
