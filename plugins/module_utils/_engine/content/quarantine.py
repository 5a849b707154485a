# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Quarantine: a private directory of refused contents, each once, under its SHA-256.

DIGEST has the content, mode 0600, and DIGEST.json a line of JSON for each finding. The findings are written first, so
no content is without its reason. One run at a time writes; an incomplete content of a killed run is removed by the
next.
"""

from __future__ import annotations

import fcntl
import json
import os
import stat
from contextlib import contextmanager, suppress
from typing import Any, Dict, Iterator

from ..errors import InvalidRequest, QuarantineFailed
from ..integrity.digest import sha256
from ..model.display import display
from ..system.durable_files import LEFT_BEHIND, replace
from ..system.os_errors import from_os_error, with_room
from ..transport.base import SourceFile

_INCOMPLETE, _FINDINGS = "content" + LEFT_BEHIND, "findings" + LEFT_BEHIND
"""Names of incomplete files, of the run that holds the lock."""
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_BLOCK = 1 << 18
_SAME = ("path", "source")
"""The fields of a finding by which it is known already."""
_CURE = "Set content_check.quarantine to a directory of the user that runs the task, mode 0700, with room."


class Quarantine:
    """path: of the directory, which is made if it is missing."""

    def __init__(self, path: bytes) -> None:
        self._path = path

    def begin(self) -> None:
        """Make the directory if it is missing. Raises InvalidRequest."""
        try:
            os.makedirs(self._path, 0o700, exist_ok=True)
            with self._locked(fcntl.LOCK_EX | fcntl.LOCK_NB):
                pass
        except BlockingIOError:  # another run keeps a file just now
            pass
        except OSError as error:
            fact = f"content_check.quarantine: {display(self._path)}: {error.strerror or error}"
            raise InvalidRequest(fact, cure=_CURE) from None

    @contextmanager
    def _locked(self, operation: int) -> Iterator[int]:
        """Yield the descriptor of the directory, locked and without incomplete files."""
        directory = os.open(self._path, _DIRECTORY)
        try:
            status = os.fstat(directory)
            if status.st_uid != os.geteuid() or status.st_mode & 0o077:
                raise PermissionError("it is not a private directory of this user")
            fcntl.flock(directory, operation)
            for name in (_INCOMPLETE, _FINDINGS):
                with suppress(FileNotFoundError):
                    os.unlink(name, dir_fd=directory)
            yield directory
        finally:
            os.close(directory)

    def keep(self, file: SourceFile, digest: bytes, finding: Dict[str, Any]) -> None:
        """Keep a content with its finding. file: at its beginning. Raises QuarantineFailed."""
        try:
            with self._locked(fcntl.LOCK_EX) as directory:
                self._add_finding(directory, f"{digest.hex()}.json", finding)
                self._add_content(directory, digest, file)
        except OSError as error:
            cause = with_room(from_os_error(error), self._path)
            raise QuarantineFailed(
                f"{finding['reason']}, and the file could not be kept in {display(self._path)}: {cause.message}",
                cure=_CURE,
            ) from None

    def _add_finding(self, directory: int, name: str, finding: Dict[str, Any]) -> None:
        lines = []
        with suppress(FileNotFoundError):
            file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=directory)
            with os.fdopen(file, "rb") as stream:
                lines = stream.read().splitlines()
        wanted = {field: finding[field] for field in _SAME}
        for line in lines:
            with suppress(ValueError, KeyError, TypeError):
                known = json.loads(line)
                if {field: known[field] for field in _SAME} == wanted:
                    return
        content = b"".join(line + b"\n" for line in (*lines, json.dumps(finding, sort_keys=True).encode()))
        replace(name, content, directory=directory, settle=lambda _file: None, temporary=_FINDINGS)

    def _add_content(self, directory: int, digest: bytes, file: SourceFile) -> None:
        name, size = digest.hex(), file.size
        with suppress(FileNotFoundError):
            there = os.stat(name, dir_fd=directory, follow_symlinks=False)
            if stat.S_ISREG(there.st_mode) and there.st_size == size:
                return
        new = os.open(_INCOMPLETE, _CREATE, 0o600, dir_fd=directory)
        try:
            with os.fdopen(new, "wb") as stream:
                copied, block = sha256(), file.read(_BLOCK)
                while block:
                    copied.update(block)
                    stream.write(block)
                    block = file.read(_BLOCK)
                stream.flush()
                os.fsync(stream.fileno())
            if copied.digest() != digest:
                raise OSError("it changed after it was checked")
            os.rename(_INCOMPLETE, name, src_dir_fd=directory, dst_dir_fd=directory)
        except BaseException:
            with suppress(OSError):
                os.unlink(_INCOMPLETE, dir_fd=directory)
            raise
        os.fsync(directory)
