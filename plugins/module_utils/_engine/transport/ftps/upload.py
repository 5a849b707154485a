# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Upload over FTPS: files one after another on a session, the commands around them for many files in one flight.

For a portion of files, existing stages are checked first, since STOR would overwrite them. Then each file is sent. The
following commands, SIZE, mtime and mode, go with the next file's flight, so that a small file costs one flight of
commands and one data connection.
"""

from __future__ import annotations

import hashlib
from functools import partial
from typing import Iterator, List, Optional, Sequence, Set, Tuple

from ...errors import (
    AlreadyExists,
    ItemError,
    NotSupported,
    OperationFailed,
    PermissionDenied,
    SourceChanged,
    SyncError,
)
from ...ftps.replies import Reply, item_error
from ...ftps.transfer import DataWriter
from ...model.relpath import RelPath
from ...model.tree import FILE
from ..base import IN_THE_WAY, SourceFile, Sources, Staged, Transfer, read_past
from .lane import WORTH_RESUMING, Halfway, Lane, SharedPacer
from .look import is_private
from .names import Names
from .pool import Job, Run, Stopped
from .server import WIDE_UMASK

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


class _Sending:
    """A file whose content is on its way.

    hashed, sent: bytes from the beginning that were hashed, and that the server may have
    reached: bytes that the server had when the upload continued
    held: whether a session was lost when it opened the stage again, which the server may have locked
    """

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self.digest = hashlib.sha256()
        self.hashed = self.sent = self.reached = 0
        self.held = False

    def give_up(self) -> None:
        self.file.close()


class _Sent:
    """A file whose content is on the server; its replies come later."""

    def __init__(self, transfer: Transfer, sending: _Sending) -> None:
        self.transfer = transfer
        self.sending = sending
        self.size = sending.hashed
        self.digest = sending.digest.digest()
        self.error: Optional[ItemError] = None
        self.unset: Optional[ItemError] = None


class Uploads:
    """Uploads from `source`. halfway: see FtpsTransport."""

    def __init__(self, names: Names, source: Sources, pacer: SharedPacer, halfway: Halfway) -> None:
        self._names = names
        self._source = source
        self._pacer = pacer
        self._halfway = halfway

    def job(self, portion: List[Transfer]) -> Job:
        return partial(self._work, portion)

    def _work(self, portion: List[Transfer], lane: Lane, run: Run) -> None:
        new = [one for one in portion if not (one.begun or one.stage in self._halfway)]
        taken = self._taken(lane, [one for one in new if not one.in_place])
        present, refused = self._present(lane, [one for one in new if one.in_place])
        taken |= present
        view = memoryview(bytearray(_BLOCK))
        sent: List[_Sent] = []
        try:
            for transfer in portion:
                run.check()
                if transfer.stage in taken and not transfer.in_place:
                    error = AlreadyExists("its temporary name is taken", path=transfer.path)
                    run.emit(Staged(transfer, error=error))
                    continue
                if transfer.stage in refused:
                    run.emit(Staged(transfer, error=AlreadyExists(IN_THE_WAY, path=transfer.path)))
                    continue
                try:
                    one = self._send(lane, run, transfer, view, taken)
                except ItemError as failure:
                    run.emit(Staged(transfer, error=failure))
                else:
                    sent.append(one)
                    self._follow_up(lane, one)
            lane.session.flush()
            while sent:
                one = sent.pop(0)
                one.sending.give_up()
                run.emit(self._result(lane, one, taken))
        finally:
            for one in sent:
                self._leave(one.transfer, one.sending)

    def _taken(self, lane: Lane, portion: List[Transfer]) -> Set[RelPath]:
        """Return the stages that are there already, and are never removed. SIZE is the cheapest question, and answers
        for regular files."""
        verb = b"MLST" if lane.server.has_mlst else b"SIZE"
        stages = [transfer.stage for transfer in portion]
        there = {stage for stage, reply in zip(stages, lane.ask(verb, stages)) if reply.good}
        if there and lane.server.has_mlst:
            # ProFTPD acknowledges MLST for names that it hides, also if nothing is there.
            there = {each.path for each in lane.look(list(there)) if each.entry or each.error}
        return there

    def _present(self, lane: Lane, portion: List[Transfer]) -> Tuple[Set[RelPath], Set[RelPath]]:
        """Return the files in place that are there already, and the names of other entries that stay.

        STOR would write through a link. So another entry is removed first, and so is one that the server does not list.
        """
        looked = lane.look([transfer.stage for transfer in portion], by_list=True) if portion else []
        if lane.server.has_mlst:
            others = {each.path: each for each in lane.look([each.path for each in looked if each.entry is None])}
            looked = [others.get(each.path, each) for each in looked]
        files = {each.path for each in looked if each.entry and each.entry.kind == FILE}
        doubtful = [each for each in looked if each.path not in files and (each.entry or each.error)]
        replies = lane.ask(b"DELE", [each.path for each in doubtful])
        left = [each for each, reply in zip(doubtful, replies) if not reply.good]
        sizes = lane.ask(b"SIZE", [each.path for each in left])
        return files, {each.path for each, size in zip(left, sizes) if each.entry or size.good}

    def _send(self, lane: Lane, run: Run, transfer: Transfer, view: memoryview, taken: Set[RelPath]) -> _Sent:
        """Send a file, or the rest of it. A lost session leaves a large file halfway."""
        sending, writer = self._halfway.pop(transfer.stage, None), None
        try:
            if sending is None and transfer.begun:
                sending = _Sending(self._source.open_source(transfer.source))
                sending.sent = sending.file.size
                writer = self._go_on(lane, run, transfer, sending, most=transfer.begun)
                transfer.kept.offset = sending.reached
            elif isinstance(sending, _Sending):
                writer = self._go_on(lane, run, transfer, sending, most=sending.file.size)
            if not isinstance(sending, _Sending) or not sending.reached:
                sending = _Sending(self._source.open_source(transfer.source))
            return self._send_open(lane, run, transfer, sending, writer, view, taken)
        except ItemError as error:
            if isinstance(sending, _Sending):
                sending.give_up()
            raise error.at(transfer.path) from None
        except BaseException:
            if isinstance(sending, _Sending):
                self._leave(transfer, sending)
            raise

    def _leave(self, transfer: Transfer, sending: _Sending) -> None:
        """Leave a file for the next session."""
        if _is_resumed(transfer, sending):
            self._halfway[transfer.stage] = sending
        else:
            sending.give_up()

    def _go_on(self, lane: Lane, run: Run, transfer: Transfer, sending: _Sending, *, most: int) -> Optional[DataWriter]:
        """Continue where the server's file ends, or after `most` bytes. Return None if it is whole; if it must be sent
        from its first byte, it is removed, and `reached` is 0. Raises AlreadyExists if that is refused."""
        stage, before = lane.server.full(transfer.stage), sending.reached
        there = lane.size(transfer.stage)
        sending.reached = size = min(there, most)
        try:
            may_go_on = 0 < there <= sending.sent and lane.server.features.rest_stream
            # STOR would write through a link that another account put in its place.
            if may_go_on and _stands_at(sending, size, run) and is_private(lane, transfer.stage.parent):
                return lane.session.store(stage, offset=size) if size < sending.file.size else None
        except ItemError:
            pass  # ProFTPD refuses REST before STOR, unless its AllowStoreRestart is on.
        except SyncError:
            sending.held = True
            raise
        finally:
            self._pacer.found(sending.reached - before)
        self._pacer.found(-sending.reached)
        sending.reached = 0
        transfer.kept.start_over()
        if not lane.session.call(b"DELE", stage).good:
            raise AlreadyExists("its temporary name is taken", path=transfer.path)
        sending.give_up()
        return None

    def _send_open(
        self,
        lane: Lane,
        run: Run,
        transfer: Transfer,
        sending: _Sending,
        writer: Optional[DataWriter],
        view: memoryview,
        taken: Set[RelPath],
    ) -> _Sent:
        """writer: of a file that continues at `reached`; None for a whole file of which that many bytes are there."""
        file, count = sending.file, sending.reached
        data = _read(file, view, count, sending.hashed)
        if writer is None and not count:
            writer = self._begin(lane, transfer, taken)
        try:
            while data:
                run.check()
                if count == sending.hashed:
                    sending.digest.update(data)
                    sending.hashed += len(data)
                count += len(data)
                if writer is None or count > file.size:
                    break
                sending.sent = max(sending.sent, count)
                self._pacer.pay(len(data), run.check)
                writer.send(data)
                transfer.kept.reached(count)
                data = _read(file, view, count, sending.hashed)
            if count != file.size or file.changed(sending.digest.digest):
                raise SourceChanged("it changed while it was read", path=transfer.path)
            if writer is not None:
                writer.finish()
        except BaseException as error:
            if writer is not None:
                writer.abandon()
            if isinstance(error, ItemError) or (isinstance(error, Stopped) and not _is_resumed(transfer, sending)):
                self._discard(lane, transfer, taken)
            raise
        return _Sent(transfer, sending)

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
            text = f"the server stored {stored[:20].decode('ascii', 'replace')} bytes of {one.size}"
            one.error = one.error or OperationFailed(text, path=one.transfer.path)
        elif reply.refused:
            error = item_error(reply, one.transfer.path)
            if not isinstance(error, _REFUSALS) and not one.transfer.in_place:
                one.error = one.error or error

    def _set(self, lane: Lane, one: _Sent, reply: Reply, *, mode: bool) -> None:
        if reply.good:
            lane.server.has_set_mode = lane.server.has_set_mode or mode
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


def _is_resumed(transfer: Transfer, sending: _Sending) -> bool:
    """Return whether a file is continued in another session. A file in place may be another by then."""
    return sending.file.size >= WORTH_RESUMING and not (transfer.in_place or sending.held)


def _stands_at(sending: _Sending, size: int, run: Run) -> bool:
    """Return whether the bytes that follow so many can be read; those before are hashed."""
    if not sending.file.go_back(min(size, sending.hashed)):
        return False
    sending.hashed += read_past(sending.file, size - sending.hashed, sending.digest.update, run.check)
    return sending.hashed >= size


def _read(file: SourceFile, view: memoryview, at: int, hashed: int) -> memoryview:
    """Return the next bytes of a file of which so many were read; one more than there should be shows that it grew.
    Bytes that were hashed before come apart from the others."""
    return view[: file.read_into(view[: (hashed if at < hashed else file.size + 1) - at])]
