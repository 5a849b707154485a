# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""InPlaceStore: files are written under their final names at once, for servers that act on each upload.

There is no temporary name, nothing is read back, and the file may be gone right after its last byte. A file counts as
stored when the server has confirmed each write and the end of the file. A failure removes no file that was there
before: it has the new content then, as far as it arrived.
"""

from __future__ import annotations

from typing import List, Sequence

from ..errors import SyncError
from ..model.plan import Write
from ..model.relpath import RelPath
from ..model.tree import FILE
from ..transport.base import Staged, Transfer
from .store import Ready, Store


class InPlaceStore(Store):
    """See Store. Links are not made."""

    def _stage(self, actions: Sequence[Write]) -> List[Staged]:
        return super()._stage([action for action in actions if self._is_free(action)])

    def _is_free(self, action: Write) -> bool:
        """Remove a link or a special file that is in the place of the file: writing would follow it."""
        if action.present is None or action.present.kind == FILE:
            return True
        errors: List[SyncError] = [
            done.error for done in self._sides.destination.remove_files([action.path]) if done.error is not None
        ]
        for error in errors:
            self._outcomes.fail(action, error)
        return not errors

    def _transfer(self, action: Write) -> Transfer:
        return Transfer(action.path, action.path, action.path, action.wanted, action.attributes, in_place=True)

    def _set_late_modes(self, ready: List[Ready]) -> List[Ready]:
        return ready

    def _commit(self, ready: List[Ready]) -> None:
        for one in ready:
            self._renamed(one)

    def _discard(self, stages: Sequence[RelPath]) -> None:
        """Nothing is removed: the file has its final name."""
