# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""CheckedLocal: a directory of this machine whose files are checked on their way.

Sending: a file is checked when it is opened, and its bytes are those that were checked, or the upload fails as for any
file that changed. Receiving: a stage is checked between its proof and its name. Files that are encrypted at the server
are checked in plain form, because they pass here before they are sealed, and after they are opened.
"""

from __future__ import annotations

import os
from contextlib import closing
from typing import Callable, Iterator, Optional, Sequence, Set

from ..errors import ContentUnchecked, SyncError
from ..model.relpath import RelPath
from ..transport.base import Done, Kept, Rename, SourceFile, StageFile
from ..transport.local.files import LocalSource
from ..transport.local.transport import LocalTransport
from .check import ContentCheck


class CheckedLocal(LocalTransport):
    """sends: whether files of this tree are sent. See LocalTransport."""

    def __init__(self, root: bytes, check: ContentCheck, *, durable: bool, sends: bool) -> None:
        super().__init__(root, durable=durable)
        self._check = check
        self._sends = sends
        self._stages: Set[RelPath] = set()

    def call_meanwhile(self, action: Callable[[], None]) -> None:
        super().call_meanwhile(action)
        self._check.call_meanwhile(action)

    def _open(self, path: RelPath) -> LocalSource:
        return LocalSource(self._directories, path, stamped=self.stamped)

    def open_source(self, path: RelPath) -> SourceFile:
        file = self._open(path)
        if not self._sends:
            return file
        try:
            return CheckedSource(file, self._check.check(file, file.fileno(), path))
        except SyncError as error:
            file.close()
            raise error.at(path) from None
        except BaseException:
            file.close()
            raise

    def create_stage(self, path: RelPath, kept: Optional[Kept] = None) -> StageFile:
        self._stages.add(path)
        return super().create_stage(path, kept)

    def rename(self, moves: Sequence[Rename]) -> Iterator[Done]:
        for move in moves:
            if move.stage in self._stages:
                yield self._checked(move)
            else:
                yield from super().rename([move])

    def _checked(self, move: Rename) -> Done:
        try:
            with closing(self._open(move.stage)) as file:
                self._check.check(file, file.fileno(), move.path)
                present = self._at(move.stage, lambda parent, name: os.lstat(name, dir_fd=parent))
                if not os.path.samestat(present, os.fstat(file.fileno())):
                    raise ContentUnchecked("another file took its place after its check")
                for done in super().rename([move]):
                    return done
        except SyncError as error:
            return Done(move.path, error.at(move.path))
        raise AssertionError("a rename has a result")


class CheckedSource(SourceFile):
    """A file whose content was checked. digest: its SHA-256 then."""

    def __init__(self, file: LocalSource, digest: bytes) -> None:
        self._file = file
        self._digest = digest
        self.size, self.mtime = file.size, file.mtime

    def read(self, count: int) -> bytes:
        return self._file.read(count)

    def read_into(self, buffer: memoryview) -> int:
        return self._file.read_into(buffer)

    def go_back(self, offset: int) -> bool:
        return self._file.go_back(offset)

    def changed(self, read: Callable[[], bytes]) -> bool:
        return read() != self._digest or self._file.changed(read)

    def close(self) -> None:
        self._file.close()
