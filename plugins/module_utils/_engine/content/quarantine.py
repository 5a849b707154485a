# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Quarantine: a private directory of refused contents, each once, under its SHA-256.

DIGEST has the content, mode 0600, and DIGEST.json a line of JSON for each finding. The finding is written first, so no
content is without its reason. A run that writes holds the lock of the directory for moments only: a content is copied
into a file with a lock of its own, by which later runs know those of killed runs.

What a partner sends costs the same for each file, and no more than a fixed part of the disk: the findings of a content
have a limit, and all files together have one.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import secrets
import stat
import threading
import time
from contextlib import contextmanager, suppress
from typing import Any, Callable, Dict, Iterator, Optional, Set, Tuple

from ..errors import InvalidRequest, Locked, QuarantineFailed
from ..integrity.digest import sha256
from ..model.display import display
from ..model.human import human_size
from ..system.durable_files import LEFT_BEHIND
from ..system.os_errors import from_os_error, with_room
from ..system.run_lock import wait_for_lock
from ..transport.base import SourceFile

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_APPEND = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_BLOCK = 1 << 18
_FINDINGS = ".json"
_MOST_FINDINGS = 1 << 20
"""Bytes of the findings of one content, some thousand names."""
_REMEMBERED = 64
"""Contents whose findings are in memory."""
_LEAST = 1 << 16
"""Bytes that a content counts at least: the number of files has a limit too."""
_FRESH = 60.0
"""Seconds for which the measured size counts. Other runs write here too."""
_PATIENCE = 60.0
"""Seconds to wait for the lock, which runs hold for moments."""
_CURE = "Set content_check.quarantine to a directory of the user that runs the task, mode 0700, with room."
_FULL = "Remove files from it that you have examined, or raise content_check.quarantine_max_size."


class Quarantine:
    """May be used by several threads.

    path: of the directory, which is made if it is missing
    most: bytes of all files in it
    meanwhile: called while another run is waited for
    """

    def __init__(self, path: bytes, most: int, meanwhile: Callable[[], object]) -> None:
        self._path, self._most, self._meanwhile = path, most, meanwhile
        self._known: Dict[str, Set[Tuple[str, str]]] = {}
        self._threads = threading.Lock()
        self._size, self._reserved, self._measured = 0, 0, -_FRESH

    def begin(self) -> None:
        """Make the directory if it is missing, and remove the incomplete contents of killed runs. Raises
        InvalidRequest, Locked."""
        try:
            os.makedirs(self._path, 0o700, exist_ok=True)
            with self._locked() as directory:
                for name in os.listdir(directory):
                    with suppress(OSError):  # the run that copies it may end at any moment
                        if name.endswith(LEFT_BEHIND) and _is_abandoned(name, directory):
                            os.unlink(name, dir_fd=directory)
        except OSError as error:
            fact = f"content_check.quarantine: {display(self._path)}: {error.strerror or error}"
            raise InvalidRequest(fact, cure=_CURE) from None

    @contextmanager
    def _locked(self) -> Iterator[int]:
        """Yield the descriptor of the directory, with its lock."""
        with self._threads:
            directory = os.open(self._path, _DIRECTORY)
            try:
                status = os.fstat(directory)
                if status.st_uid != os.geteuid() or status.st_mode & 0o077:
                    raise PermissionError("it is not a private directory of this user")
                fact = f"other runs lock {display(self._path)} for more than {_PATIENCE:g} s"
                wait_for_lock(directory, fact, _PATIENCE, meanwhile=self._meanwhile)
                yield directory
            finally:
                os.close(directory)

    def keep(self, file: SourceFile, digest: bytes, finding: Dict[str, Any]) -> None:
        """Keep a content with its finding. file: at its beginning. Raises QuarantineFailed."""
        name, refused = digest.hex(), f"{finding['reason']}, and"
        try:
            with self._copied(file, digest) as new, self._locked() as directory:
                made = self._add_finding(directory, name, finding)
                if new is not None:
                    os.rename(new, name, src_dir_fd=directory, dst_dir_fd=directory)
                    self._size += max(file.size, _LEAST)
                if made or new is not None:
                    os.fsync(directory)
        except _Full as error:
            raise QuarantineFailed(f"{refused} {display(self._path)} {error}", cure=_FULL) from None
        except Locked as error:
            raise QuarantineFailed(f"{refused} {error.message}", cure=error.cure) from None
        except OSError as error:
            cause = with_room(from_os_error(error), self._path)
            fact = f"{refused} the file could not be kept in {display(self._path)}: {cause.message}"
            raise QuarantineFailed(fact, cure=_CURE) from None

    @contextmanager
    def _copied(self, file: SourceFile, digest: bytes) -> Iterator[Optional[str]]:
        """Yield the name of a copy, which is on the disk and may get another name; None if the content is here."""
        if self._has(digest.hex(), file.size):
            yield None
            return
        name, size = secrets.token_hex(16) + LEFT_BEHIND, max(file.size, _LEAST)
        with self._locked() as directory:
            self._require_room(directory, size)
            new = os.open(name, _CREATE, 0o600, dir_fd=directory)
            fcntl.flock(new, fcntl.LOCK_EX | fcntl.LOCK_NB)  # nobody else has opened it: see _is_abandoned
            self._reserved += size  # of copies under way, which other threads make too
        with os.fdopen(new, "wb") as stream:
            try:
                copied, block = sha256(), file.read(_BLOCK)
                while block:
                    copied.update(block)
                    stream.write(block)
                    self._meanwhile()
                    block = file.read(_BLOCK)
                stream.flush()
                os.fsync(stream.fileno())
                if copied.digest() != digest:
                    raise OSError("it changed after it was checked")
                yield name
            finally:
                with self._threads:
                    self._reserved -= size
                with suppress(OSError):
                    os.unlink(os.path.join(self._path, name.encode()))

    def _has(self, name: str, size: int) -> bool:
        with suppress(FileNotFoundError):
            there = os.lstat(os.path.join(self._path, name.encode()))
            return stat.S_ISREG(there.st_mode) and there.st_size == size
        return False

    def _add_finding(self, directory: int, name: str, finding: Dict[str, Any]) -> bool:
        """Append the finding, unless this path of this source has one. Return whether a file was made."""
        line = json.dumps(finding, sort_keys=True).encode() + b"\n"
        place = (finding["path"], finding["source"])
        file = os.open(name + _FINDINGS, _APPEND, 0o600, dir_fd=directory)
        try:
            size = os.fstat(file).st_size
            known = self._known_of(name, file, size)
            if place in known:
                return False
            if size and os.pread(file, 1, size - 1) != b"\n":  # of a run that was killed
                line = b"\n" + line
            try:
                if size + len(line) > _MOST_FINDINGS:
                    raise _Full(f"has findings of this content up to their limit of {human_size(_MOST_FINDINGS)}")
                self._require_room(directory, len(line))
                if os.write(file, line) < len(line):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(file)
            except BaseException:
                os.ftruncate(file, size)
                if not size:
                    os.unlink(name + _FINDINGS, dir_fd=directory)
                raise
        finally:
            os.close(file)
        known.add(place)
        self._size += len(line)
        return not size

    def _known_of(self, name: str, file: int, size: int) -> Set[Tuple[str, str]]:
        """Return path and source of each finding of a content; they are read once. file, size: of its findings."""
        known = self._known.get(name) if size else None
        if known is None:
            while len(self._known) >= _REMEMBERED:
                del self._known[next(iter(self._known))]
            known = self._known[name] = set(_places(os.pread(file, _MOST_FINDINGS, 0)))
        return known

    def _require_room(self, directory: int, more: int) -> None:
        if time.monotonic() > self._measured + _FRESH:
            self._size, self._measured = _size_of(directory), time.monotonic()
        if self._size + self._reserved + more > self._most:
            raise _Full(f"has {human_size(self._size)} of {human_size(self._most)} at most")


class _Full(Exception):
    """A limit is reached."""


def _is_abandoned(name: str, directory: int) -> bool:
    """Return whether no run writes an incomplete content any more. Under the lock of the directory, in which runs make
    and lock it."""
    file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=directory)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(file)
    return True


def _places(findings: bytes) -> Iterator[Tuple[str, str]]:
    """Yield path and source of each finding. A line that a killed run left has none."""
    for line in findings.splitlines():
        with suppress(ValueError, KeyError, TypeError):
            known = json.loads(line)
            yield known["path"], known["source"]


def _size_of(directory: int) -> int:
    """Return the bytes of all files but copies under way."""
    total = 0
    with os.scandir(directory) as entries:
        for entry in entries:
            if not entry.name.endswith(LEFT_BEHIND):
                size = entry.stat(follow_symlinks=False).st_size
                total += size if entry.name.endswith(_FINDINGS) else max(size, _LEAST)
    return total
