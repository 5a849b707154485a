# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""ContentCheck: the scanner of a run, its verdicts and their counts.

A file gets a verdict by clamd, a program, or both: the program is asked about files that clamd calls clean. Everything
but a clear verdict is none, and the file goes nowhere. Once the scanner does not work any more, no file is checked.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from typing import Callable, Dict, Iterator, List, Optional, Set

from ..errors import ContentRefused, ContentUnchecked, QuarantineFailed, ScannerUnavailable, SourceChanged, SyncError
from ..integrity.digest import sha256
from ..model.display import display, display_text
from ..model.relpath import RelPath
from ..model.request import PULL, ContentChecks, SyncRequest
from ..model.utc import utc
from ..system.guarded_path import SHARED, owner_of_guarded
from ..transport.base import SourceFile
from .clamd import Clamd
from .quarantine import Quarantine

_BLOCK = 1 << 18
_LONGEST_REASON = 200
_COMMAND_CURE = "Run content_check.command by hand, with /dev/fd/0 as its last argument and the file as its input."


class ContentCheck:
    """May be used by several threads.

    stats: counts of the files
    unavailable: why no file is checked any more
    """

    def __init__(self, request: SyncRequest) -> None:
        self._checks = checks = request.content_check or ContentChecks()
        self._origin = f"{request.endpoint.host}:{display(request.remote_root)}"
        self._run_id = request.run_id
        self._clamds: List[Clamd] = []
        self._idle: List[Clamd] = []
        self._paths: Dict[str, Set[bytes]] = {"checked": set(), "refused": set(), "unchecked": set()}
        self._meanwhile: Callable[[], object] = bool
        self._quarantine: Optional[Quarantine] = None
        if request.direction == PULL:
            self._quarantine = Quarantine(checks.quarantine, checks.quarantine_max_size, self._call)
        self.unavailable: Optional[SyncError] = None

    @property
    def stats(self) -> Dict[str, int]:
        return {f"files_{name}": len(paths) for name, paths in self._paths.items()}

    @property
    def scanner(self) -> Dict[str, Optional[str]]:
        """Return the scanner, and the time of its signatures."""
        for clamd in self._clamds:
            made = clamd.version.signatures
            return {"scanner": clamd.version.scanner, "signatures": None if made is None else utc(made)}
        return {"scanner": display_text(self._checks.command[0]) if self._checks.command else "", "signatures": None}

    def call_meanwhile(self, action: Callable[[], object]) -> None:
        self._meanwhile = action

    def _call(self) -> None:
        self._meanwhile()

    def begin(self) -> None:
        """Test the scanner and its means. Raises ScannerUnavailable, SignaturesOld, InvalidRequest."""
        if self._quarantine is not None:
            self._quarantine.begin()
        if self._checks.command:
            _require_program(self._checks.command[0])
        if self._checks.socket:
            with self._clamd() as clamd:
                clamd.begin()

    @contextmanager
    def _clamd(self) -> Iterator[Clamd]:
        """Yield a scanner that no other check uses: a connection checks one file at a time."""
        try:
            clamd = self._idle.pop()
        except IndexError:
            clamd = Clamd(self._checks, self._call)
            self._clamds.append(clamd)
        try:
            yield clamd
        finally:
            self._idle.append(clamd)

    def check(self, file: SourceFile, descriptor: int, path: RelPath) -> bytes:
        """Return the SHA-256 of a file that is clean; it is at its beginning again. descriptor: of the same file.

        Raises ContentRefused, ContentUnchecked, QuarantineFailed, and other errors of the item.
        """
        try:
            digest = self._checked(file, descriptor, path)
        except (ContentRefused, QuarantineFailed):
            self._paths["checked"].add(path)
            self._paths["refused"].add(path)
            raise
        except SyncError as error:
            self._paths["unchecked"].add(path)
            if isinstance(error, ContentUnchecked) or self.unavailable is None:
                raise
            raise ContentUnchecked(f"there is no scanner: {error.message}", cure=error.cure) from None
        except BaseException:  # an interruption: the end of the run must not wait for more checks
            self.unavailable = self.unavailable or ScannerUnavailable("the run was ended during a check")
            raise
        self._paths["checked"].add(path)
        return digest

    def _checked(self, file: SourceFile, descriptor: int, path: RelPath) -> bytes:
        if self.unavailable is not None:
            raise self.unavailable
        reading = _Reading(file)
        try:
            self._judge(reading, descriptor)
        except ContentRefused as error:
            if self._quarantine is not None and reading.begin_again():
                self._quarantine.keep(file, reading.whole, self._finding(reading, path, error.message))
            raise
        except ScannerUnavailable as error:
            self.unavailable = error
            raise
        if file.changed(lambda: reading.whole):
            raise SourceChanged("it changed while it was checked")
        if not reading.begin_again():
            raise ContentUnchecked("it cannot be read again after its check")
        return reading.whole

    def _judge(self, reading: _Reading, descriptor: int) -> None:
        if self._checks.socket:
            most = self._checks.max_size
            if reading.size > most:
                raise ContentUnchecked(
                    f"it has {reading.size} bytes, and content_check.clamd.max_size is {most}",
                    cure="Raise max_size and the limits of clamd, or exclude the file.",
                )
            with self._clamd() as clamd:
                clamd.check(reading.read, reading.begin_again)
        else:
            while reading.read(_BLOCK):
                self._meanwhile()
        reading.end()
        if self._checks.command:
            self._ask_program(descriptor)

    def _ask_program(self, descriptor: int) -> None:
        """0 is clean, 1 is refused, and everything else is no verdict."""
        from ..system.limited_program import run_limited  # pylint: disable=import-outside-toplevel

        os.lseek(descriptor, 0, os.SEEK_SET)
        words = [*self._checks.command, f"/dev/fd/{descriptor}"]
        try:
            ended = run_limited(words, self._checks.timeout, descriptors=[descriptor], meanwhile=self._meanwhile)
        except OSError as error:
            raise ScannerUnavailable(
                f"content_check.command: {display_text(words[0])}: {error.strerror}", cure=_COMMAND_CURE
            ) from None
        said = " ".join((ended.printed + b" " + ended.said).decode("utf-8", "replace").split())[:_LONGEST_REASON]
        reason = f": {display_text(said)}" if said else ""
        if ended.status == 1 and not ended.given_up:
            raise ContentRefused(
                f"{display_text(words[0])} refused it{reason}",
                cure="Ask the owner of the file. If it is harmless, exclude its path from the run.",
            )
        if ended.fact:
            raise ContentUnchecked(f"{display_text(words[0])} {ended.fact}{reason}", cure=_COMMAND_CURE)

    def _finding(self, reading: _Reading, path: RelPath, reason: str) -> Dict[str, object]:
        return {
            "path": display(path),
            "source": self._origin,
            "size": reading.size,
            "sha256": reading.whole.hex(),
            "reason": reason,
            "time": utc(time.time()),
            "run": self._run_id,
            **self.scanner,
        }

    def close(self) -> None:
        for clamd in self._clamds:
            clamd.close()


class _Reading:
    """Reads a file once, and hashes it. whole: its digest, once it was read to its end."""

    def __init__(self, file: SourceFile) -> None:
        self._file = file
        self.size, self.whole = file.size, b""
        self._digest, self._read = sha256(), 0

    def read(self, count: int) -> bytes:
        # One byte more than there should be shows a file that grew.
        data = self._file.read(min(count, self.size + 1 - self._read))
        self._digest.update(data)
        self._read += len(data)
        if self._read > self.size:
            raise SourceChanged("it changed while it was checked")
        if not data:
            self.end()
        return data

    def end(self) -> None:
        """Take note of the end, which is the end of the file as it was opened."""
        if self._read != self.size:
            raise SourceChanged("it changed while it was checked")
        self.whole = self._digest.digest()

    def begin_again(self) -> bool:
        self._digest, self._read = sha256(), 0
        return self._file.go_back(0)


def _require_program(word: str) -> None:
    path = os.fsencode(word)
    try:
        owner = owner_of_guarded(path)
        if owner not in (0, os.geteuid()) or os.stat(path).st_mode & SHARED:
            raise PermissionError("others can write to it")
        if not os.access(path, os.X_OK):
            raise PermissionError("it is not a program that this user may start")
    except OSError as error:
        raise ScannerUnavailable(
            f"content_check.command: {display_text(word)}: {error.strerror or error}", cure=_COMMAND_CURE
        ) from None
