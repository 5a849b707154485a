# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small files of the run's own, such as the lock: made where nothing is, read whole, renamed where nothing is."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import Iterator, Optional

from ...errors import AlreadyExists, ItemError
from ...model.relpath import RelPath
from ..base import Rename
from .exclusive import GUARD, MkdirLock
from .lane import Lane
from .names import Names
from .server import joined
from .times import Times, time_in


class SmallFiles:
    """Each method works on one lane. Raises ItemError, AlreadyExists if a name is taken."""

    def __init__(self, names: Names, times: Times) -> None:
        self._names = names
        self._times = times
        self._guard: Optional[MkdirLock] = None
        """A guard whose session was lost, or is at work."""

    @property
    def unsettled(self) -> bool:
        """Whether a lost session may have left a guard."""
        return self._guard is not None

    def settle(self, lane: Lane) -> None:
        """Remove the guard of a lost session."""
        if self._guard is not None:
            self._guard.settle(lane)
            self._guard = None

    @contextmanager
    def _guarded(self, lane: Lane, directory: RelPath) -> Iterator[None]:
        guard = MkdirLock(lane, directory)
        self._guard = guard
        try:
            with guard:
                yield
        finally:
            if not lane.session.closed:
                self._guard = None

    def create(self, lane: Lane, path: RelPath, content: bytes) -> Optional[int]:
        """Make a file, and return the nanoseconds by which the server's clock is ahead, None if it reports no time."""
        with self._guarded(lane, path.parent):
            self._expect_free(lane, path)
            full = lane.server.full(path)
            try:
                writer = lane.session.store(full)
                writer.send(content)
                writer.finish()
            except ItemError as error:
                raise lane.explain_by_parent(path, error).at(path) from None
            mode, reported = lane.session.call_many([lane.server.chmod(path, 0o600), (b"MDTM", full)])
            if mode.good:
                lane.server.has_set_mode = True
            else:
                lane.server.modes_refused(mode)
            made, now = time_in(reported), time.time_ns()
            parent = lane.server.full(path.parent)
            if lane.server.removes_directories is False:
                self._times.tried(lane.session, full, directory=parent, restore=True)
            else:
                self._times.tried(lane.session, full, directory=joined(parent, GUARD))
            return None if made is None else made - now

    def _expect_free(self, lane: Lane, path: RelPath) -> None:
        found = lane.look([path])[0]
        if found.error is not None:
            raise found.error
        if found.entry is not None:
            raise AlreadyExists("something is there already", path=path)

    def read(self, lane: Lane, path: RelPath, limit: int) -> bytes:
        """Return the first `limit` bytes of a file."""
        try:
            return _head(lane, path, limit)
        except ItemError as error:
            raise lane.explain([(path, error)])[path].at(path) from None

    def rename_new(self, lane: Lane, old: RelPath, new: RelPath) -> None:
        """Rename a file; never replaces another."""
        with self._guarded(lane, new.parent):
            self._expect_free(lane, new)
            done = next(iter(self._names.rename(lane, [Rename(old, new)])))
        if done.error is not None:
            raise done.error.at(old)


def _head(lane: Lane, path: RelPath, limit: int) -> bytes:
    reader = lane.session.retrieve(lane.server.full(path))
    content, view = b"", memoryview(bytearray(65536))
    try:
        while len(content) < limit:
            count = reader.read_into(view)
            if not count:
                reader.finish()
                break
            content += view[:count]
    finally:
        reader.abandon()
    return content[:limit]
