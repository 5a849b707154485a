# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Upload over FTPS: files one after another on a session, the commands around them for many files in one flight.

For a portion of files, existing stages are checked first, since STOR would overwrite them. Then each file is sent. The
following commands, SIZE, mtime and mode, go with the next file's flight, so that a small file costs one flight of
commands and one data connection.
"""

from __future__ import annotations

import hashlib
from contextlib import closing
from functools import partial
from typing import Iterator, List, Optional, Sequence, Set

from ...errors import AlreadyExists, ItemError, NotSupported, OperationFailed, PermissionDenied, SourceChanged
from ...ftps.replies import Reply, item_error
from ...ftps.transfer import DataWriter
from ...model.relpath import RelPath
from ..base import SourceFile, Sources, Staged, Transfer
from .jobs import Job, Run, Stopped
from .lane import Lane
from .names import Names
from .server import WIDE_UMASK
from .shared_pacer import SharedPacer

_BLOCK = 1 << 18
"""Bytes read, hashed and encrypted at a time, while they are in the processor's cache."""
_MOST_FILES = 32
_MOST_BYTES = 8 << 20
_REFUSALS = (NotSupported, PermissionDenied)


def portions(transfers: Sequence[Transfer], width: int) -> Iterator[List[Transfer]]:
    """Yield the files that one session takes at a time: fewer towards the end, so that all sessions end together."""
    start = 0
    while start < len(transfers):
        most = max(1, min(_MOST_FILES, (len(transfers) - start) // (2 * width)))
        portion = [transfers[start]]
        size = transfers[start].entry.size
        for transfer in transfers[start + 1 : start + most]:
            size += transfer.entry.size
            if size > _MOST_BYTES:
                break
            portion.append(transfer)
        yield portion
        start += len(portion)


class _Sent:
    """A file whose content is on the server; its replies come later."""

    def __init__(self, transfer: Transfer, size: int, digest: bytes) -> None:
        self.transfer = transfer
        self.size = size
        self.digest = digest
        self.error: Optional[ItemError] = None
        self.unset: Optional[ItemError] = None


class Uploads:
    """Uploads from `source`."""

    def __init__(self, names: Names, source: Sources, pacer: SharedPacer) -> None:
        self._names = names
        self._source = source
        self._pacer = pacer

    def job(self, portion: List[Transfer]) -> Job:
        return partial(self._work, portion)

    def _work(self, portion: List[Transfer], lane: Lane, run: Run) -> None:
        taken = self._taken(lane, portion)
        view = memoryview(bytearray(_BLOCK))
        sent: List[_Sent] = []
        for transfer in portion:
            run.check()
            if transfer.stage in taken and not transfer.in_place:
                error = AlreadyExists("its temporary name is taken", path=transfer.path)
                run.emit(Staged(transfer, error=error))
                continue
            try:
                one = self._send(lane, run, transfer, view, taken)
            except ItemError as error:
                run.emit(Staged(transfer, error=error))
            else:
                sent.append(one)
                self._follow_up(lane, one)
        lane.session.flush()
        for one in sent:
            run.emit(self._result(lane, one, taken))

    def _taken(self, lane: Lane, portion: List[Transfer]) -> Set[RelPath]:
        """Return the stages that are there already, and are never removed. SIZE is the cheapest question, and answers
        for regular files."""
        verb = b"MLST" if lane.server.has_mlst else b"SIZE"
        stages = [transfer.stage for transfer in portion]
        return {stage for stage, reply in zip(stages, lane.ask(verb, stages)) if reply.good}

    def _send(self, lane: Lane, run: Run, transfer: Transfer, view: memoryview, taken: Set[RelPath]) -> _Sent:
        with closing(self._source.open_source(transfer.source)) as file:
            return self._send_open(lane, run, transfer, file, view, taken)

    def _send_open(
        self, lane: Lane, run: Run, transfer: Transfer, file: SourceFile, view: memoryview, taken: Set[RelPath]
    ) -> _Sent:
        digest = hashlib.sha256()
        data = _read(file, view, 0)
        writer = self._begin(lane, transfer, taken)
        count = 0
        try:
            while data:
                run.check()
                digest.update(data)
                count += len(data)
                self._pacer.pay(len(data), run.check)
                writer.send(data)
                if count > file.size:
                    break
                data = _read(file, view, count)
            if count != file.size or file.changed(digest.digest):
                raise SourceChanged("it changed while it was read", path=transfer.path)
            writer.finish()
        except (ItemError, Stopped) as error:
            writer.abandon()
            self._discard(lane, transfer, taken)
            if isinstance(error, ItemError):
                raise error.at(transfer.path) from None
            raise
        except BaseException:
            writer.abandon()
            raise
        return _Sent(transfer, count, digest.digest())

    def _begin(self, lane: Lane, transfer: Transfer, taken: Set[RelPath]) -> DataWriter:
        try:
            return lane.session.store(lane.server.full(transfer.stage))
        except ItemError as error:
            # vsftpd leaves an empty file behind where only the data connection was refused.
            self._discard(lane, transfer, taken)
            raise lane.explain_by_parent(transfer.path, error).at(transfer.path) from None

    def _discard(self, lane: Lane, transfer: Transfer, taken: Set[RelPath]) -> None:
        if not lane.session.closed and transfer.stage not in taken:
            lane.session.call(b"DELE", lane.server.full(transfer.stage))

    # behind the content

    def _follow_up(self, lane: Lane, one: _Sent) -> None:
        stage = one.transfer.stage
        if lane.server.private is None and not one.transfer.in_place:
            self._learn_privacy(lane, stage)
        lane.session.later(b"SIZE", lane.server.full(stage), partial(self._sized, one))
        attributes = one.transfer.attributes
        if attributes.mode is None and not lane.server.private and not one.transfer.in_place:
            attributes = attributes._replace(mode=0o600)
        for command in self._names.setting(lane, stage, attributes):
            lane.session.later(*command, partial(self._set, lane, one, mode=command[1].startswith(b"CHMOD ")))

    def _learn_privacy(self, lane: Lane, stage: RelPath) -> None:
        entry = lane.look([stage])[0].entry
        if entry is not None:
            lane.server.private = not entry.mode & 0o077
            if not lane.server.private:
                lane.server.note(WIDE_UMASK)

    def _sized(self, one: _Sent, reply: Reply) -> None:
        stored = reply.lines[-1].strip() if reply.lines else b""
        if reply.code == 213 and stored.isdigit() and int(stored) != one.size:  # ftp-srv has no number for 0
            text = "the server stored %s bytes of %d" % (stored[:20].decode("ascii", "replace"), one.size)
            one.error = one.error or OperationFailed(text, path=one.transfer.path)
        elif reply.refused:
            error = item_error(reply, one.transfer.path)
            if not isinstance(error, _REFUSALS) and not one.transfer.in_place:
                one.error = one.error or error

    def _set(self, lane: Lane, one: _Sent, reply: Reply, *, mode: bool) -> None:
        if reply.good:
            return
        error = item_error(reply, one.transfer.path)
        # In place, a refusal may be for the file of another account.
        tells = isinstance(error, NotSupported if one.transfer.in_place else _REFUSALS)
        if mode and tells and lane.server.modes_refused(reply):
            return
        if isinstance(error, _REFUSALS) or not one.transfer.in_place:  # in place, it may be gone by now
            one.unset = one.unset or error

    def _result(self, lane: Lane, one: _Sent, taken: Set[RelPath]) -> Staged:
        if one.error is not None:
            self._discard(lane, one.transfer, taken)
            return Staged(one.transfer, error=one.error)
        return Staged(one.transfer, one.size, one.digest, unset=one.unset)


def _read(file: SourceFile, view: memoryview, at: int) -> memoryview:
    """Return the next bytes of a file of which so many were read; one more than there should be shows that it grew."""
    return view[: file.read_into(view[: file.size + 1 - at])]
