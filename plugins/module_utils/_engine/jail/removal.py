# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remove a jail: keys first, then its sessions, then the archive, and the data last."""

from __future__ import annotations

import os
import pwd
import signal
import time
from contextlib import suppress
from typing import List, Optional

from ..errors import Locked, Refused
from ..system.changes import Changes
from ..system.mount_table import mounts_below
from ..system.os_errors import from_os_error
from ..system.root_owned_path import closing, open_directory
from .archive import archive_tree
from .descent import remove_below
from .request import ARCHIVE, Jail

__all__ = ["remove_jail", "remove_keys"]

_PATIENCE = 30.0
_PAUSE = 0.05


def remove_keys(jail: Jail, changes: Changes, *, parent: Optional[int], shown: str) -> None:
    """Remove the file of keys, even if it is a link."""
    if parent is None or not os.access(jail.name, os.F_OK, dir_fd=parent, follow_symlinks=False):
        return
    if changes.record(shown, "authorized keys", "missing"):
        os.unlink(jail.name, dir_fd=parent)


def remove_jail(jail: Jail, changes: Changes, *, base: int, shown: str, archives: Optional[int], archive: str) -> None:
    """Remove the tree of a jail whose account is gone.

    shown: its path
    archives: the open directory of archives
    archive: path of the new archive
    Raises Refused, Locked, and the errors of the archive: the data are then unchanged.
    """
    tree = open_directory(jail.name, shown, parent=base)
    if tree is None:
        return
    with closing(tree):
        kept = jail.removal == ARCHIVE
        if not changes.record(shown, "jail", "in " + archive if kept else "deleted"):
            return
        _refuse_used(jail, shown)
        _end_sessions(shown)
        if kept and archives is not None:
            archive_tree(tree, os.path.basename(archive), changes.note, parent=archives)
            changes.archived(archive)
        try:
            remove_below(tree)
            os.rmdir(jail.name, dir_fd=base)
        except OSError as error:
            raise from_os_error(error, path=shown.encode()) from error


def _refuse_used(jail: Jail, shown: str) -> None:
    with suppress(KeyError):
        pwd.getpwnam(jail.name)
        raise Refused("account: %s still exists" % jail.name, cure="Remove it first, so that it cannot log in.")
    mounted = mounts_below(shown)
    if mounted:
        raise Refused("%s is a mount point in the jail" % mounted[0], cure="Unmount it first.")


def _end_sessions(shown: str) -> None:
    """Kill the processes that have the jail as their root, until none is left."""
    deadline = time.monotonic() + _PATIENCE
    while _inmates(shown):
        for process in _inmates(shown):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        if time.monotonic() > deadline:
            raise Locked("processes in %s do not end: %s" % (shown, _inmates(shown)))
        time.sleep(_PAUSE)


def _inmates(shown: str) -> List[int]:
    found = []
    for entry in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError):
            root = os.readlink("/proc/%s/root" % entry)
            if root == shown or root.startswith(shown + "/"):
                found.append(int(entry))
    return found
