# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fetch: the bytes of a file, or of a part of it, come over one session and go to its stage."""

from __future__ import annotations

from typing import Callable

from ...errors import SourceChanged
from ...ftps.transfer import DataReader
from ..base import StageFile, Transfer
from .lane import Lane
from .shared_pacer import SharedPacer

_BLOCK = 1 << 18
"""Bytes decrypted and written at a time, while they are in the processor's cache."""


class Part:
    """The bytes from `begin` on, before `end`. `begin` moves with the bytes that are fetched."""

    def __init__(self, begin: int, end: int) -> None:
        self.begin = begin
        self.end = end

    @property
    def size(self) -> int:
        return self.end - self.begin


class Fetch:
    """Reads at the pace of all transfers."""

    def __init__(self, pacer: SharedPacer) -> None:
        self._pacer = pacer
        self.found = pacer.found

    def __call__(
        self,
        lane: Lane,
        transfer: Transfer,
        part: Part,
        open_stage: Callable[[], StageFile],
        check: Callable[[], None],
    ) -> None:
        """Fetch one part.

        open_stage: called once the server has begun to send
        check: called in between, raises to give up
        Raises PartRefused, SourceChanged where the file does not end at
            the end that the scan saw, ItemError, ConnectionLost.
        """
        size = transfer.entry.size
        reader = lane.reader(transfer.source, part.begin)
        try:
            self._read(reader, transfer, part, open_stage(), check)
            if part.begin == part.end < size:
                reader.abandon()  # FTP knows where to begin (REST), not where to end
            else:
                reader.finish()  # the server's error comes before our own findings
            if part.size:
                raise SourceChanged(f"it ended before its {size} bytes", path=transfer.path)
        except BaseException:
            reader.abandon()
            raise

    def _read(
        self, reader: DataReader, transfer: Transfer, part: Part, stage: StageFile, check: Callable[[], None]
    ) -> None:
        """Read to the end of the content or of the part."""
        size = transfer.entry.size
        view = memoryview(bytearray(_BLOCK))
        while part.size or part.end == size:
            count = reader.read_into(view if part.end == size else view[: part.size])
            if not count:
                break
            self._pacer.pay(count, check)
            if part.begin + count > size:
                raise SourceChanged("it grew while it was read", path=transfer.path)
            stage.write_at(view[:count], part.begin)
            part.begin += count
            check()
