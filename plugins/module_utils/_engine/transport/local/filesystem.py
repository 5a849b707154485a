# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Local file systems whose change times and inode numbers do not distinguish the states of a file."""

from __future__ import annotations

import os
from typing import Optional

_MOUNTS = "/proc/self/mountinfo"
_WITHOUT = ("9p", "cifs", "exfat", "fuse", "fuseblk", "msdos", "smb3", "smbfs", "vfat")
"""They take the change time from another clock, invent it, or number inodes again at each mount."""


def no_stamps(root: bytes, *, mounts: str = _MOUNTS) -> str:
    """Return why change times and inode numbers below `root` do not count, as a note; "" if they do."""
    try:
        kind = _kind_of(os.stat(root).st_dev, mounts)
    except OSError:
        return ""
    if kind is None or (kind not in _WITHOUT and not kind.startswith("fuse.")):
        return ""
    return "this host's file system (%s) does not keep change times: only size and time show that a file changed" % kind


def _kind_of(device: int, mounts: str) -> Optional[str]:
    """Return the type of the file system on `device`. See proc_pid_mountinfo(5)."""
    wanted = "%d:%d" % (os.major(device), os.minor(device))
    with open(mounts, encoding="utf-8", errors="surrogateescape") as lines:
        for line in lines:
            fields = line.split(" ")
            if len(fields) > 8 and fields[2] == wanted and "-" in fields:
                return fields[fields.index("-") + 1]
    return None
