# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fetch: the bytes of a file, or of a part of it, come over one session and go to its stage."""

from __future__ import annotations

from typing import Callable, NamedTuple

from ...errors import ItemError, SourceChanged
from ..base import StageFile, Transfer
from .jobs import Run
from .lane import Lane
from .resume import ResumingReader
from .shared_pacer import SharedPacer

_BLOCK = 1 << 18
"""Bytes decrypted and written at a time, while they are in the processor's cache."""


class Part(NamedTuple):
    """The bytes from `begin` on, before `end`."""

    begin: int
    end: int


class PartRefused(Exception):
    """The server does not send the file from another byte than the first. ProFTPD with `AllowRetrieveRestart off`
    refuses only at the request."""


class Fetch:
    """Reads at the pace of all transfers."""

    def __init__(self, pacer: SharedPacer) -> None:
        self._pacer = pacer

    def __call__(
        self,
        lane: Lane,
        run: Run,
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
        reader = self._begin(lane, run, transfer, part)
        try:
            at = self._read(reader, transfer, part, open_stage(), check)
            if at == part.end < size:
                reader.abandon()  # FTP knows where to begin (REST), not where to end
            else:
                reader.finish()  # the server's error comes before our own findings
            if at != part.end:
                raise SourceChanged("it ended before its %d bytes" % size, path=transfer.path)
        except BaseException:
            reader.abandon()
            raise

    def _begin(self, lane: Lane, run: Run, transfer: Transfer, part: Part) -> ResumingReader:
        whole = part == (0, transfer.entry.size)
        try:
            return lane.reader(transfer.source, run, part_from=None if whole else part.begin)
        except ItemError as error:
            if part.begin:
                raise PartRefused(error.message) from None
            raise

    def _read(
        self, reader: ResumingReader, transfer: Transfer, part: Part, stage: StageFile, check: Callable[[], None]
    ) -> int:
        """Return where the content or the part ended."""
        size = transfer.entry.size
        view = memoryview(bytearray(_BLOCK))
        at, end = part
        while at < end or end == size:
            count = reader.read_into(view if end == size else view[: end - at])
            if not count:
                break
            self._pacer.pay(count, check)
            stage.write_at(view[:count], at)
            at += count
            check()
            if at > size:
                raise SourceChanged("it grew while it was read", path=transfer.path)
        return at
