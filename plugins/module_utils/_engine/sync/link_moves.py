# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""LinkMoves: whether a rename at the destination moves a symbolic link itself, or its target.

rename(2) moves the link. ProFTPD's mod_sftp follows it, for both names: a renamed link stays, and its target is
moved; a file that is renamed over a link replaces the target of the link.
"""

from __future__ import annotations

from typing import Optional

from ..model.tree import LINK
from ..transport.base import Rename
from .outcomes import Outcomes
from .sides import Sides
from .stage_names import StageNames

NOTE = (
    "the server's renames follow symbolic links: links are replaced by removing and making them, not atomically, "
    "and are not kept in the trash"
)


class LinkMoves:
    """Tried once, on a file and a link of our own, when it is first asked: only runs that touch links pay for it."""

    def __init__(self, sides: Sides, names: StageNames, outcomes: Outcomes) -> None:
        self._sides = sides
        self._names = names
        self._outcomes = outcomes
        self._safe: Optional[bool] = None if sides.push else True

    @property
    def safe(self) -> bool:
        """Return whether links can be renamed and renamed over."""
        if self._safe is None:
            self._safe = self._try()
            if not self._safe:
                self._outcomes.note(NOTE)
        return self._safe

    def _try(self) -> bool:
        side = self._sides.destination
        file, link, moved = (self._names.in_root() for _number in range(3))
        side.create_file(file, b"")
        list(side.make_links([(link, file)]))
        list(side.rename([Rename(link, moved)]))
        found = [entry for _path, entry, _error in side.look([moved])]
        self._names.released(side.remove_files([moved, link, file]))
        return found[0] is not None and found[0].kind == LINK
