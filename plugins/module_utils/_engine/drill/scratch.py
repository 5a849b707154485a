# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scratch: the private directory of a drill, from its opening to its removal.

    SCRATCH/.restore_drill    the marker
    SCRATCH/tree              the restored tree
    SCRATCH/state             state of the pull, of a cold drill

It must be missing, or empty with mode 0700 and owned by the user of the task. It is locked by flock(2). If it has a
marker, a drill was killed in it, or waits for its checks. A marker counts only with the directory that the drill noted
next to its records: inode and a random value. The number of a device is not noted, as it may change at each boot. Such
a directory may have no other entries either.

    RECORDS/.scratch-HASH     of the path of the directory

The marker is there from before the first contact until after the record is written. So a drill that was killed shows by
its marker, and the next drill writes the missing record. The marker of another directory, or of another host, does not
count. It has no other secret and no names of files.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import secrets
import stat
from typing import Any, Dict, Iterator, NamedTuple, Optional

from ..errors import Locked, NoSpace, OperationFailed, UnsafePath
from ..model.display import display
from ..system.descent import remove_below
from ..system.durable_files import LEFT_BEHIND, replace, unlink
from ..system.os_errors import room_words
from ..system.root_owned_path import closing

MARKER = ".restore_drill"
_NEW = MARKER + LEFT_BEHIND
_TREE, _STATE = "tree", "state"
_OF_THE_DISK = "lost+found"
_OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
FORMAT = 2
LARGEST = 1 << 20
"""Bytes of a marker."""


class Scratch:
    """A locked scratch directory.

    path: resolved
    descriptor: of the directory
    records: directory of the records
    made: whether this drill, or the killed drill before, made it
    leftover: the marker that was found
    """

    def __init__(self, path: bytes, descriptor: int, records: bytes, *, made: bool) -> None:
        self.path = path
        self._descriptor = descriptor
        self._noted = os.path.join(records, b".scratch-" + hashlib.sha256(path).hexdigest()[:32].encode())
        self._secret = _secret_of(self._noted, descriptor)
        self.leftover = _marker(descriptor, self._secret) if self._secret else None
        self.made = made or (self.leftover is not None and self.leftover.made)
        _require_empty(path, descriptor, self.leftover)

    @property
    def tree(self) -> bytes:
        """Return the path of the restored tree."""
        return os.path.join(self.path, os.fsencode(_TREE))

    @property
    def state(self) -> bytes:
        """Return the path of the state of a cold drill."""
        return os.path.join(self.path, os.fsencode(_STATE))

    def note(self, marker: Marker) -> None:
        """Write the marker. Raises OperationFailed."""
        if not self._secret:
            self._note_directory()
        content = format_marker(marker, self._secret)
        with _explained(self.path):
            replace(MARKER, content, directory=self._descriptor, settle=lambda file: None, temporary=_NEW)

    def _note_directory(self) -> None:
        secret, status = secrets.token_hex(16), os.fstat(self._descriptor)
        noted = {"inode": status.st_ino, "secret": secret}
        above, name = os.path.split(os.fsdecode(self._noted))
        content = json.dumps(noted).encode("ascii")
        with _explained(self._noted), closing(os.open(above, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)) as directory:
            replace(name, content, directory=directory, settle=lambda file: None, temporary=name + LEFT_BEHIND)
        self._secret = secret

    def require_room(self, size: int) -> None:
        """Raise NoSpace if so many bytes do not fit."""
        found = os.fstatvfs(self._descriptor)
        free = found.f_bavail * found.f_frsize
        if free < size:
            words = room_words(free, found.f_blocks * found.f_frsize)
            raise NoSpace(
                f"scratch: the set has {size} bytes, and {words}",
                cure="Free space there, set scratch to a larger file system, or restore a sample.",
            )

    def empty(self) -> None:
        """Remove the entries of the drill but the marker. Raises OperationFailed."""
        with _explained(self.path):
            for name in {_TREE, _STATE, _NEW}.intersection(os.listdir(self._descriptor)):
                _remove(name, self._descriptor)

    def clean(self) -> None:
        """Remove everything, the marker last; also the directory if the drill made it. Raises OperationFailed."""
        self.empty()
        with _explained(self.path):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(MARKER, dir_fd=self._descriptor)
            if self.made:
                os.rmdir(self.path)
            unlink(os.fsdecode(self._noted))


@contextlib.contextmanager
def opened(path: bytes, records: bytes, *, make: bool = True) -> Iterator[Scratch]:
    """Open and lock the directory; make it if it is missing. path: resolved. records: directory of the records. Raises
    UnsafePath, Locked, OperationFailed."""
    made = False
    with contextlib.ExitStack() as stack:
        with _explained(path):
            if make:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(path, 0o700)
                    made = True
            descriptor = os.open(path, _OPEN)
        stack.callback(os.close, descriptor)
        _require_private(path, descriptor)
        _lock(path, descriptor)
        yield Scratch(path, descriptor, records, made=made)


def require_usable(path: bytes, records: bytes) -> Optional[Marker]:
    """Check an existing directory as `opened` does, without a lock; return the marker that a drill left."""
    if not os.path.lexists(path):
        return None
    with contextlib.ExitStack() as stack:
        with _explained(path):
            descriptor = os.open(path, _OPEN)
        stack.callback(os.close, descriptor)
        _require_private(path, descriptor)
        return Scratch(path, descriptor, records, made=False).leftover


def _require_private(path: bytes, descriptor: int) -> None:
    status = os.fstat(descriptor)
    mode = stat.S_IMODE(status.st_mode)
    if status.st_uid != os.geteuid() or mode != 0o700:
        raise UnsafePath(
            f"scratch: {display(path)} belongs to uid {status.st_uid} and has mode {mode:04o}",
            cure="Set scratch to a directory that is missing, or that belongs to the user of the task with mode 0700.",
        )


def _lock(path: bytes, descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Locked(
            f"scratch: another drill uses {display(path)}", cure="Wait for its end, or set another scratch."
        ) from None
    except OSError as error:
        raise OperationFailed(
            f"scratch: {display(path)} cannot be locked: {error.strerror}",
            cure="Set scratch to a file system with locks (flock).",
        ) from None


def _require_empty(path: bytes, descriptor: int, leftover: Optional[Marker]) -> None:
    allowed = {_OF_THE_DISK, _NEW} if leftover is None else {_OF_THE_DISK, _NEW, MARKER, _TREE, _STATE}
    names = set(os.listdir(descriptor)) - allowed
    if names == {MARKER} or (leftover is None and MARKER in names and names <= {MARKER, _TREE, _STATE}):
        raise UnsafePath(
            f"scratch: {display(path)} has a marker, and no drill with these receipts was in this directory",
            cure="Set another scratch for each job. If no drill uses the directory, check its content, and empty it.",
        )
    if names:
        raise UnsafePath(
            f"scratch: {display(path)} is not empty: it has {display(os.fsencode(min(names - {MARKER})))}",
            cure="Set scratch to a missing or empty directory.",
        )


def _secret_of(noted: bytes, descriptor: int) -> str:
    """Return the random value of the drill that was in this very directory; empty if none was."""
    try:
        found = json.loads(_own_content(os.open(noted, _READ)))
        status = os.fstat(descriptor)
        if found["inode"] == status.st_ino and isinstance(found["secret"], str):
            return str(found["secret"])
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        pass
    return ""


def _marker(descriptor: int, secret: str) -> Optional[Marker]:
    try:
        return parse_marker(_own_content(os.open(MARKER, _READ, dir_fd=descriptor)), secret)
    except OSError:
        return None


def _own_content(file: int) -> bytes:
    """Return the content of a file, if it is a file of this user's."""
    with os.fdopen(file, "rb") as stream:
        status = os.fstat(file)
        own = stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid()
        return stream.read(LARGEST) if own else b""


def _remove(name: str, parent: int) -> None:
    """Remove an entry with all below it. No link is followed; a directory that this user may not enter is opened."""
    if not stat.S_ISDIR(os.lstat(name, dir_fd=parent).st_mode):
        os.unlink(name, dir_fd=parent)
        return
    with closing(_entered(name, parent)) as directory:
        remove_below(directory, opened=_entered)
    os.rmdir(name, dir_fd=parent)


def _entered(name: str, parent: int) -> int:
    """Open a directory. Only one that this user may not read gets its mode by name, which would follow a link."""
    try:
        directory = os.open(name, _OPEN, dir_fd=parent)
    except PermissionError:
        os.chmod(name, 0o700, dir_fd=parent)
        directory = os.open(name, _OPEN, dir_fd=parent)
    os.fchmod(directory, 0o700)
    return directory


@contextlib.contextmanager
def _explained(path: bytes) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NoSpace(f"scratch: {display(path)}: {error.strerror}", cure="Free space there.") from None
        raise OperationFailed(
            f"scratch: {display(path)}: {error.strerror or error}",
            cure="Let the user of the task write there, and check the file system.",
        ) from None


class Waiting(NamedTuple):
    """A restored tree that waits for the checks of the operator.

    host: boot of a machine
    at: seconds on its monotonic clock
    since: seconds since 1970
    """

    host: str
    at: float
    since: int


class Marker(NamedTuple):
    """A drill under way.

    fields: the values of its record so far
    phase: the last phase that began
    made: whether the drill made the scratch directory
    """

    fields: Dict[str, Any]
    phase: str
    made: bool
    waiting: Optional[Waiting] = None


def format_marker(marker: Marker, secret: str) -> bytes:
    """Return the content of the file. secret: the random value"""
    waiting = None if marker.waiting is None else marker.waiting._asdict()
    return json.dumps({"format": FORMAT, "secret": secret, **marker._asdict(), "waiting": waiting}).encode("ascii")


def parse_marker(content: bytes, secret: str) -> Optional[Marker]:
    """Return a marker; None if the content is none, or has another random value."""
    try:
        found = json.loads(content)
        if (found.pop("format"), found.pop("secret")) != (FORMAT, secret):
            return None
        if not isinstance(found["fields"]["job"], str):
            return None
        waiting = found.pop("waiting")
        return Marker(**found, waiting=None if waiting is None else Waiting(**waiting))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
