# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ignore the mtimes of directories if a peer neither reports nor sets them (FTP servers without MLSD and MFMT).

They are not compared, so that a second run finds nothing to do.
"""

from __future__ import annotations

from ..model.tree import DIRECTORY, Tree
from ..transport.base import Capabilities

__all__ = ["compares_directory_times", "even_directory_times"]


def compares_directory_times(peer: Capabilities, *, push: bool) -> bool:
    """Return whether the mtimes of directories count. A peer that announces them and was not tried reports them on a
    pull; on a push they may be refused."""
    return bool(peer.directory_mtime) if push else peer.directory_mtime is not False


def even_directory_times(unknowing: Tree, knowing: Tree) -> None:
    """Let directories that both trees have show the `knowing` tree's mtime in both."""
    for path, entry in unknowing.items():
        if entry.kind == DIRECTORY:
            known = knowing.get(path)
            if known is not None and known.kind == DIRECTORY:
                unknowing[path] = entry._replace(mtime=known.mtime)
