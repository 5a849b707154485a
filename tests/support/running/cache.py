# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A cache that all clones of a user share, for files that take long to create and depend only on their inputs.

    root = kept("rootfs", ["debian13", packages], make)     # make(path) runs once, in the first process

It is `secure_ftp_synchronize` below XDG_CACHE_HOME or ~/.cache, or `.cache/kept` in the clone if that directory cannot
be used. Each entry has a lock and, once it is complete, a marker whose time is the time of its last use. It imports
only the standard library, because scripts use it before the virtual environment exists."""

from __future__ import annotations

__all__ = ["clean", "find", "kept", "root"]

import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

LIMIT_BYTES = 8 << 30
"""Above this the entries that were used last the longest ago go, but none that was used in the last day."""
_SPARED_SECONDS = 24 * 3600.0
_OF_THE_CLONE = Path(__file__).resolve().parents[3] / ".cache" / "kept"


def kept(kind: str, ingredients: Sequence[object], make: Callable[[Path], None]) -> Path:
    """Return the directory that `make` makes of the ingredients; it is made where it stays. Change nothing in it."""
    target = _place(kind, ingredients)
    with _locked(target):
        if not _marker(target).exists():
            shutil.rmtree(target, ignore_errors=True)
            make(target)
            _marker(target).touch()
            _prune(target.parents[1])
        os.utime(_marker(target))
    return target


def find(kind: str, ingredients: Sequence[object]) -> Path | None:
    """Return the directory if it was made already."""
    target = _place(kind, ingredients)
    with _locked(target):
        if not _marker(target).exists():
            return None
        os.utime(_marker(target))
    return target


def root() -> Path:
    """Return the directory of the cache."""
    shared = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "secure_ftp_synchronize"
    place = shared if _is_ours(shared) else _OF_THE_CLONE
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    return place


def clean() -> None:
    """Remove the whole cache."""
    shutil.rmtree(root())


def _is_ours(place: Path) -> bool:
    """Return whether the cache can be used.

    Other users, such as the caller of `sudo`, could otherwise add files that root runs.
    """
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        return False
    return place.stat().st_uid == os.geteuid() and os.access(place, os.W_OK)


def _place(kind: str, ingredients: Sequence[object]) -> Path:
    directory = root() / kind
    directory.mkdir(exist_ok=True)
    return directory / hashlib.sha256(repr(list(ingredients)).encode()).hexdigest()[:16]


def _marker(target: Path) -> Path:
    return target.with_suffix(".whole")


@contextmanager
def _locked(target: Path, how: int = fcntl.LOCK_EX) -> Iterator[None]:
    with open(target.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, how)
        yield


def _size(directory: Path) -> int:
    """Return the bytes that a directory takes on the disk."""
    sizes = 0
    for path, _directories, files in os.walk(directory):
        for name in files:
            with suppress(FileNotFoundError):
                sizes += os.lstat(os.path.join(path, name)).st_blocks * 512
    return sizes


def _prune(place: Path) -> None:
    """Keep the cache below its limit."""
    entries = sorted(_entries(place))
    total = sum(size for _used, size, _target in entries)
    for used, size, target in entries:
        if total <= LIMIT_BYTES or used > time.time() - _SPARED_SECONDS:
            return
        _remove(target)
        total -= size


def _entries(place: Path) -> Iterator[tuple[float, int, Path]]:
    """Give when each entry was used last, its size and its directory."""
    for marker in place.glob("*/*.whole"):
        with suppress(FileNotFoundError):
            target = marker.with_suffix("")
            yield marker.stat().st_mtime, _size(target), target


def _remove(target: Path) -> None:
    """Remove an entry, unless another process has just come for it or removes it already."""
    with suppress(BlockingIOError), _locked(target, fcntl.LOCK_EX | fcntl.LOCK_NB):
        _marker(target).unlink(missing_ok=True)
        shutil.rmtree(target, ignore_errors=True)
