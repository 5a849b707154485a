# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""File systems in memory: a file there is gone with the power."""

from __future__ import annotations

import os
from typing import Tuple

_KINDS = ("tmpfs", "ramfs")
_MOUNTS = "/proc/self/mountinfo"


def is_in_memory(path: str) -> bool:
    """Return whether a directory is in memory; False if that cannot be found out."""
    try:
        device = os.stat(path).st_dev
        with open(_MOUNTS, encoding="utf-8", errors="replace") as mounts:
            kinds = dict(map(_device_and_kind, mounts))
    except (OSError, ValueError, IndexError):
        return False
    return kinds.get("%d:%d" % (os.major(device), os.minor(device))) in _KINDS


def _device_and_kind(line: str) -> Tuple[str, str]:
    """Return device and kind of a line of proc_pid_mountinfo(5)."""
    before, _dash, after = line.partition(" - ")
    return before.split()[2], after.split()[0]
