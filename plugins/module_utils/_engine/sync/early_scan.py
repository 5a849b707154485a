# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""EarlyScan: the scan of this host's side, begun while the login at the peer goes on.

On a pull that is the destination's, and the run has no lock yet. So it counts only if no other run can have been at
work there since: a run makes its lock in the root and removes it, which the root's mtime shows (where that was old
enough to show it, on file systems that count whole seconds), and one that was at work before is known by its lock.
"""

from __future__ import annotations

import time
from typing import Callable

from ..model.relpath import RelPath
from ..transport.base import LocalSide
from .collector import collector_at_rest
from .lock import LOCK_NAME
from .record import is_settled
from .scan import SideScan

_LONGEST = 5.0
"""Seconds, after which the peer ought to be looked after."""
_ENDED = object()
_LOCK = RelPath(LOCK_NAME)


class EarlyScan:
    """scan: of `local`, continued by the caller that needs its rest. `local` has a root."""

    def __init__(self, local: LocalSide, scan: SideScan) -> None:
        self._local = local
        self._root = local.root_entry()
        self.scan = scan

    def advance(self, ready: Callable[[], bool]) -> None:
        """Go on until something else is ready, or for so long that it ought to be looked after."""
        deadline = time.monotonic() + _LONGEST
        with collector_at_rest():
            while not ready() and time.monotonic() < deadline and next(self.scan.steps, _ENDED) is not _ENDED:
                pass

    def still_counts(self) -> bool:
        """Return whether no other run has changed anything here since. To be asked just before the lock is taken."""
        found, root = self.scan.result, self._root
        if root is None or _LOCK in found.tree or _LOCK in found.locks:
            return False
        return is_settled(root.mtime, self.scan.started) and self._local.root_entry() == root
