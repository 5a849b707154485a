# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look up one entry of one side by its path."""

from __future__ import annotations

from typing import Optional

from ..model.relpath import RelPath
from ..model.tree import Entry
from ..transport.base import Transport

__all__ = ["present"]


def present(side: Transport, path: RelPath) -> Optional[Entry]:
    """Return the entry, links not followed; None if there is none. Raises the error with which it could not be seen."""
    for _path, entry, error in side.look([path]):
        if error is not None:
            raise error
        return entry
    return None
