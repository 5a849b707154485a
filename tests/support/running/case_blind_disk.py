# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real file system that ignores case, by FUSE: exFAT, which keeps the case of a name, or NTFS as lowntfs-3g shows it
with ignore_case, in lower case. Both refuse some characters. MODELESS is NTFS that refuses to set modes. Root only.

with case_blind_disk(EXFAT, owner=Account().uid) as disk, Sshd(disk) as server: ...
"""

from __future__ import annotations

__all__ = ["EXFAT", "MODELESS", "NTFS", "case_blind_disk", "mounted"]

import gc
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .patience import HANG_SECONDS
from .processes import end, spawn
from .scratch import scratch

EXFAT, NTFS, MODELESS = "exfat", "ntfs", "modeless"
_SIZE = 64 << 20
_MAKE_NTFS = ("mkntfs", "-F", "-Q")
_MAKE = {EXFAT: ("mkfs.exfat",), NTFS: _MAKE_NTFS, MODELESS: _MAKE_NTFS}
_SERVE = {
    EXFAT: ("mount.exfat-fuse", "-d", "-o", "uid={0},gid={0}"),
    NTFS: ("lowntfs-3g", "-o", "uid={0},gid={0},no_detach,ignore_case,windows_names"),
    MODELESS: ("lowntfs-3g", "-o", "uid={0},gid={0},no_detach,no_def_opts,allow_other"),
}


@contextmanager
def case_blind_disk(kind: str, *, owner: int = 0) -> Iterator[Path]:
    """Yield a directory on a file system of its own. owner: the account of all its files, which may change them."""
    place = scratch("disk")
    image, disk = place / "image", place / "files"
    place.chmod(0o755)
    disk.mkdir()
    with open(image, "wb") as file:
        file.truncate(_SIZE)
    _run(*_MAKE[kind], str(image))
    device = _run("losetup", "--find", "--show", str(image))
    command = [*(word.format(owner) for word in _SERVE[kind]), device, str(disk)]
    serving = spawn(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + HANG_SECONDS
        while not disk.is_mount():
            assert serving.poll() is None, f"{command} ended"
            assert time.monotonic() < deadline, f"{kind} is not mounted"
            time.sleep(0.01)
        yield disk
        gc.collect()  # Runs that ended in this process close their directories.
        _run("umount", str(disk))
    finally:
        end(serving)  # The mount namespaces of other servers may have the file system still.
        subprocess.run(["umount", "--lazy", str(disk)], check=False, capture_output=True)
        _run("losetup", "--detach", device)
        image.unlink()
        disk.rmdir()
        place.rmdir()


@contextmanager
def mounted(disk: Path, place: Path) -> Iterator[None]:
    """Have this file system at another place too, which is made."""
    place.mkdir(parents=True)
    _run("mount", "--bind", str(disk), str(place))
    try:
        yield
    finally:
        _run("umount", "--lazy", str(place))


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
