# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of a host that may be compromised, and the output of its programs, in files of limited size.

Files are opened without trust in their paths: no link is followed, no pipe or device is opened, a file that grows is
read to the size that it had, and a directory without end is cut. Accounts own parts of these paths: a link of an
account to a file of root would bring that file into the evidence. Programs run for a limited time, without a shell.
"""

from __future__ import annotations

import glob
import os
import shutil
import stat
import subprocess
import tempfile
import threading
from contextlib import suppress
from typing import Dict, Iterator, List, NamedTuple, Optional, Protocol, Sequence

from ..system.root_owned_path import closing

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_MOST_ENTRIES = 5000
_DEEPEST = 8
_BLOCK = 1 << 18
_MOST_WORDS = 2000
_SECONDS = 600.0


class Found(NamedTuple):
    """An open regular file. The descriptor is closed after the next step of the iterator."""

    path: str
    descriptor: int
    status: os.stat_result

    def facts(self) -> Dict[str, object]:
        return _facts(self.path, self.status)


class Missed(NamedTuple):
    """Something that is not read."""

    path: str
    reason: str
    status: Optional[os.stat_result] = None

    def facts(self) -> Dict[str, object]:
        facts = _facts(self.path, self.status) if self.status else {"path": self.path}
        return {**facts, "reason": self.reason}


def files_below(pattern: str) -> Iterator[Found | Missed]:
    """Yield the files of a path, of a directory, or of a pattern of glob(3) in a directory of root; nothing if there is
    none."""
    for path in sorted(glob.glob(pattern)) if "*" in pattern else [pattern]:
        parent = _parent(path)
        if isinstance(parent, Missed):
            yield parent
        elif parent is not None:
            with closing(parent):
                yield from _entry(parent, path, [_MOST_ENTRIES], 0)


def _parent(path: str) -> int | Missed | None:
    """Open the directory of a path component by component; None if it does not exist."""
    current = os.open("/", _DIRECTORY)
    shown = ""
    for part in path.strip("/").split("/")[:-1]:
        shown += "/" + part
        try:
            following = os.open(part, _DIRECTORY, dir_fd=current)
        except FileNotFoundError:
            return None
        except OSError as error:
            return Missed(path, f"{shown} is a link or cannot be opened: {error.strerror}")
        finally:
            os.close(current)
        current = following
    return current


def _entry(parent: int, path: str, left: List[int], depth: int) -> Iterator[Found | Missed]:
    name = os.path.basename(path)
    try:
        status = os.stat(name, dir_fd=parent, follow_symlinks=False)
        left[0] -= 1
        if stat.S_ISDIR(status.st_mode):
            yield from _directory(parent, path, left, depth)
        elif stat.S_ISREG(status.st_mode):
            with closing(os.open(name, _FILE, dir_fd=parent)) as descriptor:
                yield _opened(path, descriptor)
        else:
            yield Missed(path, _kind(parent, name, status), status)
    except FileNotFoundError:
        return
    except OSError as error:
        yield Missed(path, f"cannot be read: {error.strerror}")


def _opened(path: str, descriptor: int) -> Found | Missed:
    status = os.fstat(descriptor)  # of the opened file; the name may have changed
    return Found(path, descriptor, status) if stat.S_ISREG(status.st_mode) else Missed(path, "changed", status)


def _directory(parent: int, path: str, left: List[int], depth: int) -> Iterator[Found | Missed]:
    with closing(os.open(os.path.basename(path), _DIRECTORY, dir_fd=parent)) as directory:
        for name in sorted(os.listdir(directory)):
            if left[0] <= 0 or depth >= _DEEPEST:
                yield Missed(path, "has more entries or levels than are read")
                return
            yield from _entry(directory, os.path.join(path, name), left, depth + 1)


def _kind(parent: int, name: str, status: os.stat_result) -> str:
    if stat.S_ISLNK(status.st_mode):
        with suppress(OSError):
            return f"link to {os.readlink(name, dir_fd=parent)[:1000]}"
    return "not a regular file"


def _facts(path: str, status: os.stat_result) -> Dict[str, object]:
    return {
        "path": path,
        "mode": f"{stat.S_IMODE(status.st_mode):04o}",
        "uid": status.st_uid,
        "gid": status.st_gid,
        "size": status.st_size,
        "mtime": int(status.st_mtime),
        "ctime": int(status.st_ctime),
        "links": status.st_nlink,
    }


class Output(Protocol):
    """Where the output goes."""

    def write(self, data: bytes) -> object: ...


class Ran(NamedTuple):
    """status: None if it is not installed. size: bytes of output. whole: False if it was ended for its time."""

    status: Optional[int]
    size: int = 0
    whole: bool = True
    words: str = ""


def run_into(output: Output, words: Sequence[str], *, seconds: float = _SECONDS) -> Ran:
    """Run a program, and write its output. Raises OSError of the output."""
    program = shutil.which(words[0], path=os.defpath + ":/usr/sbin:/sbin")
    if program is None:
        return Ran(None)
    with tempfile.TemporaryFile() as errors:
        # The engine knows no module, and so no run_command; pylint: disable-next=ansible-bad-function
        child = subprocess.Popen(
            [program, *words[1:]],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env={"PATH": os.defpath + ":/usr/sbin:/sbin", "LC_ALL": "C", "TZ": "UTC", "SYSTEMD_COLORS": "0"},
        )
        limit = threading.Timer(seconds, child.kill)
        limit.start()
        try:
            size = _copied(child, output)
        finally:
            limit.cancel()
            child.kill()
            status = child.wait()
        errors.seek(0)
        return Ran(status, size, status >= 0, errors.read(_MOST_WORDS).decode("utf-8", "replace"))


def _copied(child: subprocess.Popen[bytes], output: Output) -> int:
    size, source = 0, child.stdout
    if source is None:
        raise AssertionError("the program has no output")
    with source:
        for data in iter(lambda: source.read(_BLOCK), b""):
            size += len(data)
            output.write(data)
    child.wait()  # so that its own status counts
    return size
