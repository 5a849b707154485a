# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ResumingReader: the content of a file over FTPS, continued at the same offset after a lost session.

Only large parts are resumed. The caller checks whether the file is still the same, as for any file that takes a while
to read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from ...errors import SyncError
from ...ftps.transfer import DataReader
from .jobs import Run

if TYPE_CHECKING:
    from .lane import Lane

WORTH_RESUMING = 64 << 20
"""Bytes since the file was begun or resumed. So a server that cuts every transfer off comes to an end, too."""

RESUMED = "a session was lost in the middle of a file, which was resumed at byte %d"


class ResumingReader:
    """Like DataReader, for the file `path`.

    part_from: offset of the requested part. It is resumed once in any case, because the other parts would be lost with
    it.
    """

    def __init__(self, lane: Lane, path: bytes, run: Run, *, part_from: Optional[int]) -> None:
        self._lane = lane
        self._path = path
        self._run = run
        self._at = part_from or 0
        self._begun = 0 if part_from is None else part_from - WORTH_RESUMING
        self._reader: DataReader = lane.session.retrieve(path, offset=self._at)

    def read_into(self, view: memoryview) -> int:
        """Implement DataReader.read_into."""
        try:
            count = self._reader.read_into(view)
        except SyncError as error:
            if not error.retryable or self._at - self._begun < WORTH_RESUMING:
                raise
            self._resume(error)
            count = self._reader.read_into(view)
        self._at += count
        return count

    def _resume(self, error: SyncError) -> None:
        """Raises `error` where there is no new session, or its server does not know REST."""
        self._run.check()
        try:
            self._lane.log_in()
            self._reader = self._lane.session.retrieve(self._path, offset=self._at)
        except SyncError:
            raise error from None
        self._begun = self._at
        self._lane.server.note(RESUMED % self._at)

    def finish(self) -> None:
        """As DataReader.finish."""
        self._reader.finish()

    def abandon(self) -> None:
        """As DataReader.abandon."""
        self._reader.abandon()
