# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processor time and memory of the child processes."""

from __future__ import annotations

__all__ = ["memory_of_children", "used_by_children"]

import os
import resource
from pathlib import Path


def used_by_children() -> float:
    """Return the processor seconds of all children that have ended, and of their own."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def memory_of_children() -> float:
    """Return the memory of all descendants of this process in MiB. Shared pages count once: proc(5), PSS."""
    parents = {pid: parent for pid in _processes() if (parent := _parent(pid)) is not None}
    kib = sum(_pss(pid) for pid in parents if _descends(pid, parents))
    return kib / 1024


def _processes() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdecimal()]


def _parent(pid: int) -> int | None:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return None


def _descends(pid: int, parents: dict[int, int]) -> bool:
    above = parents.get(pid)
    while above:
        if above == os.getpid():
            return True
        above = parents.get(above)
    return False


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
