# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file system of its own that is soon full, or read-only. Root only.

with small_disk("size=1m") as disk, filled(disk, blocks=2): ...
"""

from __future__ import annotations

__all__ = ["filled", "remounted", "small_disk"]

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .scratch import scratch

_BALLAST = ".ballast"


@contextmanager
def small_disk(options: str) -> Iterator[Path]:
    """Yield a directory on a file system of its own. options: of tmpfs, such as size=4m or nr_inodes=12."""
    place = scratch("disk")
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"mode=755,{options}", "tmpfs", str(place)], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)
        place.rmdir()


def remounted(disk: Path, options: str) -> None:
    """Change the options, such as size=64m or ro."""
    subprocess.run(["mount", "-o", f"remount,{options}", "tmpfs", str(disk)], check=True)


@contextmanager
def filled(disk: Path, *, blocks: int | None = None, inodes: int | None = None) -> Iterator[None]:
    """Fill the file system but for so many blocks or inodes; make room again at the end."""
    ballast = disk / _BALLAST
    ballast.mkdir()
    try:
        fill(ballast, blocks=blocks, inodes=inodes)
        yield
    finally:
        for path in ballast.iterdir():
            path.unlink()
        ballast.rmdir()


def fill(ballast: Path, *, blocks: int | None, inodes: int | None) -> None:
    status = os.statvfs(ballast)
    if blocks is not None:
        with open(ballast / "blocks", "wb") as file:
            os.posix_fallocate(file.fileno(), 0, (status.f_bavail - blocks) * status.f_frsize)
    for number in range(0 if inodes is None else status.f_favail - inodes):
        (ballast / str(number)).touch()
