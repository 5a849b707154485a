# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide the mode and mtime of an entry at the destination.

FTP servers without MLSD and MFMT neither report nor set the mtimes of directories.
"""

from __future__ import annotations

from typing import NamedTuple, Optional, Tuple

from ..model import plan
from ..model.plan import PlanPolicy
from ..model.tree import DIRECTORY, PERMISSION_BITS, Attributes, Entry, Tree
from .compare import MtimeRange, representable

NEW_FILE_MODE = 0o644
NEW_DIRECTORY_MODE = 0o755
"""The modes of new entries if the source's modes are not preserved."""


class AttributeRules(NamedTuple):
    """The policy of a run and the mtimes that its destination can store."""

    policy: PlanPolicy
    capabilities: MtimeRange

    def of_file(self, wanted: Entry, replaced: Optional[Entry]) -> Attributes:
        """Return the attributes of stored content, with or without a `replaced` file: always a mode, since a stage has
        0600."""
        otherwise = NEW_FILE_MODE if replaced is None else replaced.mode & PERMISSION_BITS
        return Attributes(self._mode(wanted, otherwise), self.mtime(wanted))

    def of_directory(self, wanted: Entry) -> Attributes:
        return Attributes(self._mode(wanted, NEW_DIRECTORY_MODE), self.mtime(wanted))

    def mending(self, wanted: Entry, present: Entry) -> Optional[Tuple[str, Attributes]]:
        """Return the attributes to change on the existing entry, and the reason; None if nothing differs.

        Both are set on a directory, since other changes in it update its mtime.
        """
        mode, mtime, policy = self._mode(wanted, None), self.mtime(wanted), self.policy
        whole = wanted.kind == DIRECTORY
        mode_differs = mode is not None and policy.modes_kept and mode != present.mode & PERMISSION_BITS
        mtime_differs = mtime is not None and mtime != representable(present.mtime, self.capabilities)
        if whole:
            mode_differs = mode_differs and policy.directory_modes_kept
            mtime_differs = mtime_differs and policy.directory_mtimes_kept
        if not mode_differs and not mtime_differs:
            return None
        attributes = Attributes(mode if mode_differs or whole else None, mtime if mtime_differs or whole else None)
        return plan.MODE if mode_differs else plan.MTIME, attributes

    def mtime(self, wanted: Entry) -> Optional[int]:
        """Return the mtime to set, as the destination can store it; None if mtimes are not preserved."""
        return representable(wanted.mtime, self.capabilities) if self.policy.preserve_mtime else None

    def _mode(self, wanted: Entry, otherwise: Optional[int]) -> Optional[int]:
        return wanted.mode & PERMISSION_BITS if self.policy.preserve_mode else otherwise


def compares_directory_times(reported: Optional[bool], *, push: bool) -> bool:
    """Return whether the mtimes of directories count. A peer that announces them and was not tried reports them on a
    pull; on a push they may be refused."""
    return bool(reported) if push else reported is not False


def even_directory_times(unknowing: Tree, knowing: Tree) -> None:
    """Let directories that both trees have show the `knowing` tree's mtime in both."""
    for path, entry in unknowing.items():
        if entry.kind == DIRECTORY:
            known = knowing.get(path)
            if known is not None and known.kind == DIRECTORY:
                unknowing[path] = entry._replace(mtime=known.mtime)
