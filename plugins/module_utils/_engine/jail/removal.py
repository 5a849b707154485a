# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remove a jail: keys first, then its sessions, then the archive, and the data last.

Programs of the host may write to the jail meanwhile. So it is first moved to a name that they do not know, in the same
directory, and only unchanged entries of the archive are removed. The rest stays there and is reported. The next run
finds it by its name, as it finds a jail that an interrupted run has moved.
"""

from __future__ import annotations

import os
import pwd
import re
import signal
import stat
import time
from contextlib import ExitStack, contextmanager, suppress
from typing import Iterator, List, Optional

from ..errors import Locked, Refused
from ..system.changes import Changes
from ..system.descent import remove_below
from ..system.mount_table import mounted_on, mounts_below
from ..system.os_errors import from_os_error
from ..system.root_owned_path import closing, open_directory
from .archive import Archived, archive_tree
from .request import ARCHIVE, Jail

_PATIENCE = 30.0
_PAUSE = 0.05
_MOVED = ".%s.removed"
_MOVED_NAME = r"\.%s-[0-9]{8}T[0-9]{6}Z\.removed\Z"
_NAMED = 5
_LOOK = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC


def moved_jails(name: str, base: int) -> List[str]:
    pattern = re.compile(_MOVED_NAME % re.escape(name))
    return sorted(each for each in os.listdir(base) if pattern.match(each))


def remove_keys(jail: Jail, changes: Changes, *, parent: Optional[int], shown: str) -> None:
    """Remove the file of keys, even if it is a link."""
    if parent is None or not os.access(jail.name, os.F_OK, dir_fd=parent, follow_symlinks=False):
        return
    if changes.record(shown, "authorized keys", "missing"):
        os.unlink(jail.name, dir_fd=parent)


def remove_jail(jail: Jail, changes: Changes, *, base: int, shown: str, archives: Optional[int], archive: str) -> None:
    """Remove the tree of a jail whose account is gone.

    shown: its path; it may have been moved by an earlier run
    archives: the open directory of archives
    archive: path of the new archive
    Raises Refused, Locked, and the errors of the archive: the data are then unchanged.
    """
    above, name = os.path.split(shown)
    tree = open_directory(name, shown, parent=base)
    if tree is None:
        return
    with closing(tree):
        kept = jail.removal == ARCHIVE
        if not changes.record(shown, "jail", "in " + archive if kept else "deleted"):
            return
        _refuse_used(jail, shown)
        moved = name if name != jail.name else _MOVED % os.path.basename(archive).partition(".")[0]
        archived = Archived()
        with _moved(name, moved, base, tree):
            _end_sessions(tree, os.path.join(above, moved))
            _refuse_used(jail, os.path.join(above, moved))
            if kept and archives is not None:
                archived = archive_tree(tree, os.path.basename(archive), changes.note, parent=archives)
                changes.archived(archive)
        try:
            left = remove_below(tree, archived.remove) if kept else remove_below(tree)
            if not left:
                os.rmdir(moved, dir_fd=base)
        except OSError as error:
            raise from_os_error(error, path=os.path.join(above, moved).encode()) from error
        if left:
            changes.note(_left_words(os.path.join(above, moved), left))


@contextmanager
def _moved(name: str, moved: str, base: int, tree: int) -> Iterator[None]:
    """Move the jail out of reach; after an error, move it back."""
    mode = stat.S_IMODE(os.fstat(tree).st_mode)
    try:
        os.rename(name, moved, src_dir_fd=base, dst_dir_fd=base)
    except OSError as error:
        raise from_os_error(error, path=name.encode()) from error
    try:
        os.fchmod(tree, 0o700)
        yield
    except BaseException:
        os.fchmod(tree, mode)
        with suppress(OSError):  # a program has made the directory again
            os.rename(moved, name, src_dir_fd=base, dst_dir_fd=base)
        raise


def _left_words(place: str, left: List[str]) -> str:
    """left: children first"""
    entries = [path for path in left if not any(other.startswith(path + "/") for other in left)]
    more = f", ... ({len(entries)} in all)" if len(entries) > _NAMED else ""
    kept = ", ".join(entries[:_NAMED]) + more
    return f"{place}: entries that changed while the jail was archived, or are open for writing, were kept: {kept}"


def _refuse_used(jail: Jail, shown: str) -> None:
    with suppress(KeyError):
        pwd.getpwnam(jail.name)
        raise Refused(f"account: {jail.name} still exists", cure="Remove it first, so that it cannot log in.")
    mounted = [*([shown] if mounted_on(shown) else []), *mounts_below(shown)]
    if mounted:
        raise Refused(f"{mounted[0]} is a mount point in the jail", cure="Unmount it first.")


def _end_sessions(tree: int, shown: str) -> None:
    """Kill the processes that have the jail as their root, until none is left."""
    deadline = time.monotonic() + _PATIENCE
    while _inmates(tree):
        for process in _inmates(tree):
            _kill(process, tree)
        if time.monotonic() > deadline:
            raise Locked(f"processes in {shown} do not end: {_inmates(tree)}")
        time.sleep(_PAUSE)


def _kill(process: int, tree: int) -> None:
    """Kill by a descriptor: the number may have gone to another process."""
    with suppress(OSError), closing(os.pidfd_open(process)) as descriptor:
        if process in _inmates(tree):
            signal.pidfd_send_signal(descriptor, signal.SIGKILL)


def _inmates(tree: int) -> List[int]:
    """Return the processes whose root is in the tree. A path does not show that: containers have the same paths."""
    return [int(entry) for entry in filter(str.isdigit, os.listdir("/proc")) if _is_in(tree, f"/proc/{entry}/root")]


def _is_in(tree: int, path: str) -> bool:
    with suppress(OSError), ExitStack() as stack:
        found, below = stack.enter_context(closing(os.open(path, _LOOK))), None
        while below is None or not os.path.sameopenfile(found, below):
            if os.path.sameopenfile(found, tree):
                return True
            below, found = found, stack.enter_context(closing(os.open("..", _LOOK, dir_fd=found)))
    return False
