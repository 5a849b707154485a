# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deliveries: the files of a source that were delivered, kept in `state_dir`, each as a line of JSON.

    ["report.csv", 1200, 1764240000000000000, "9f2c...", "read_back"]   path, size, mtime in ns, SHA-256, proof
    ["report.csv"]                                                      forgotten: the file left the source

New lines are on the disk before more files are sent. An incomplete last line belongs to a killed run and does not
count. The file is locked while a run uses it: two runs at once would deliver twice.
"""

from __future__ import annotations

import fcntl
import json
import os
import stat
from contextlib import suppress
from typing import Dict, Iterable, List, Mapping, NamedTuple, Optional

from ..errors import Locked, OperationFailed, Refused, UnsafeName
from ..model.relpath import RelPath
from ..system.durable_files import replace

_SUFFIX = ".deliveries"
_FLAGS = os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_SUPERFLUOUS = 1000
"""Lines that no longer count, from which on the file is written again, if they are the most."""
_CURE = "Make state_dir writable for the user that runs the task, and for no other."


class Delivered(NamedTuple):
    """A delivered file as it was at the source. mtime: nanoseconds. digest: SHA-256. proof: see SyncReport."""

    size: int
    mtime: int
    digest: bytes
    proof: str


class Deliveries:
    """known: the delivered files. Close it at the end of the run.

    state_dir: see SyncRequest
    name: stands for the pair of trees, hexadecimal digits
    former: the name in a former version, which is used until there is a file of the new name
    only: the only file of the run, whose name at the destination the server can change
    """

    def __init__(self, state_dir: bytes, name: str, *, former: str = "", only: Optional[RelPath] = None) -> None:
        self.known: Dict[RelPath, Delivered] = {}
        self._state_dir = state_dir
        self._name = name + _SUFFIX
        self._former = former + _SUFFIX
        self._only = only
        self._lines = 0
        self._directory: Optional[int] = None
        self._file: Optional[int] = None

    def read(self) -> None:
        """Learn the known deliveries, and change nothing. Raises Refused, OperationFailed."""
        try:
            self._directory = os.open(self._state_dir, _DIRECTORY)
            if self._is_former():
                self._name = self._former
            self._open(os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            return
        except OSError as error:
            raise _failed("read", error) from None

    def claim(self) -> None:
        """Learn the known deliveries, and lock them until `close`. Raises Locked, Refused, OperationFailed."""
        try:
            os.makedirs(self._state_dir, 0o700, exist_ok=True)
            self._directory = os.open(self._state_dir, _DIRECTORY)
            if self._is_former():
                with suppress(FileNotFoundError):  # Another run was first.
                    os.rename(self._former, self._name, src_dir_fd=self._directory, dst_dir_fd=self._directory)
            self._open(_FLAGS | os.O_CREAT)
        except OSError as error:
            raise _failed("written", error) from None

    def _is_former(self) -> bool:
        """Return whether there is a record of the former name alone."""
        paths = [os.path.join(self._state_dir, os.fsencode(name)) for name in (self._name, self._former)]
        return list(map(os.path.lexists, paths)) == [False, True]

    def _open(self, flags: int) -> None:
        _require_private(os.fstat(self._directory))  # type: ignore[arg-type]  # it is open
        self._file = os.open(self._name, flags, 0o600, dir_fd=self._directory)
        _require_private(os.fstat(self._file))
        if flags & os.O_CREAT:
            self._lock(self._file)
        self._load(self._file)

    def _lock(self, file: int) -> None:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            present = os.stat(self._name, dir_fd=self._directory, follow_symlinks=False)
        except (BlockingIOError, FileNotFoundError):
            present = None
        if present is None or not os.path.samestat(present, os.fstat(file)):
            raise Locked(
                "state_dir: another run on this host delivers the same files",
                cure="Wait for its end; two jobs with the same src, dest and server must not run at once.",
            )

    def _load(self, file: int) -> None:
        with os.fdopen(os.dup(file), "rb") as stream:
            stream.seek(0)
            content = stream.read()
        whole, _separator, rest = content.rpartition(b"\n")
        if rest and _is_writable(file):
            os.ftruncate(file, len(content) - len(rest))
        for line in whole.splitlines():
            self._take(line)

    def _take(self, line: bytes) -> None:
        self._lines += 1
        try:
            name, *rest = json.loads(line)
            path = self._only or RelPath.checked(name.encode("utf-8", "surrogateescape"))
            if rest:
                size, mtime, digest, proof = rest
                self.known[path] = Delivered(int(size), int(mtime), bytes.fromhex(digest), str(proof))
            else:
                self.known.pop(path, None)
        except (ValueError, TypeError, AttributeError, UnsafeName):
            raise Refused(
                f"state_dir: line {self._lines} of the record of deliveries is damaged",
                cure=f"Restore {self._name} from a backup, or remove it: then all files are delivered again.",
            ) from None

    def add(self, delivered: Mapping[RelPath, Delivered]) -> None:
        """Record files as delivered. Raises OperationFailed."""
        self.known.update(delivered)
        self._append([_line(path, one) for path, one in delivered.items()])

    def forget(self, paths: Iterable[RelPath]) -> None:
        """Record that files left the source: a new file of the same name is delivered. Raises OperationFailed."""
        gone = [path for path in paths if self.known.pop(path, None) is not None]
        self._append([_line(path) for path in gone])

    def _append(self, lines: List[bytes]) -> None:
        if self._file is None or not lines or not _is_writable(self._file):
            return
        self._lines += len(lines)
        try:
            if self._lines > 2 * len(self.known) + _SUPERFLUOUS:
                self._compact(self._file)
                return
            view = memoryview(b"".join(lines))
            while view:
                view = view[os.write(self._file, view) :]
            os.fsync(self._file)
        except OSError as error:
            raise _failed("written", error) from None

    def _compact(self, old: int) -> None:
        """Replace the file by the lines that count. The old file stays locked until the new file is locked."""
        content = b"".join(_line(path, one) for path, one in self.known.items())
        replace(self._name, content, directory=self._directory or 0, settle=lambda descriptor: None)
        self._file = os.open(self._name, _FLAGS, dir_fd=self._directory)
        self._lock(self._file)
        self._lines = len(self.known)
        os.close(old)

    def close(self) -> None:
        for descriptor in (self._file, self._directory):
            if descriptor is not None:
                os.close(descriptor)
        self._file = self._directory = None


def _is_writable(file: int) -> bool:
    """Return False for a file that was opened by `read`."""
    return fcntl.fcntl(file, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDWR


def _line(path: RelPath, one: Optional[Delivered] = None) -> bytes:
    parts = [] if one is None else [one.size, one.mtime, one.digest.hex(), one.proof]
    return json.dumps([path.decode("utf-8", "surrogateescape"), *parts]).encode() + b"\n"


def _require_private(status: os.stat_result) -> None:
    if status.st_uid not in (0, os.geteuid()) or status.st_mode & 0o022:
        raise Refused("state_dir: others can write to the record of deliveries", cure=_CURE)
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
        raise Refused("state_dir: the record of deliveries is not a regular file", cure="Remove it.")


def _failed(verb: str, error: OSError) -> OperationFailed:
    return OperationFailed(f"state_dir: the record of deliveries cannot be {verb}: {error.strerror}", cure=_CURE)
