# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Download over FTPS: files one after another on a session; the checks for changes of many files in one flight.

A file must have the size that the scan found, and afterwards the same mtime, else the bytes may be of two versions. If
the server reports no mtime, the size afterwards is checked instead.

A large file comes over all sessions at once (StripedFetch), each reading parts of it (REST, RFC 3659 section 5) into
one stage. Over a distance one connection's window would hold it up, nearby one processor.
"""

from __future__ import annotations

import threading
from collections import deque
from contextlib import suppress
from functools import partial
from typing import Callable, Deque, List, NamedTuple, Optional, Sequence, Tuple, Union

from ...errors import ItemError, OperationFailed, SourceChanged, SyncError
from ...ftps.replies import Reply, item_error
from ...ftps.transfer import DataReader
from ..base import LocalSide, Staged, StageFile, Transfer
from .lane import WORTH_RESUMING, Halfway, Lane, PartRefused, SharedPacer
from .pool import Job, Run
from .times import same_time, time_in

_STRIPED_FROM = 64 << 20
"""Bytes from which on that is worth the end of a transfer in its middle for each part but the last."""
_PARTS_EACH = 2
"""For each session, so that hashing from the file's beginning is not far behind when the last part arrives."""
Failure = Union[ItemError, PartRefused]
_BLOCK = 1 << 18
"""Bytes decrypted and written at a time, while they are in the processor's cache."""


class _Got(NamedTuple):
    """A file whose content is here, its stage still open."""

    transfer: Transfer
    stage: StageFile
    digest: Optional[bytes]


class _Receiving:
    """A file whose content is coming."""

    def __init__(self, stage: StageFile) -> None:
        self.stage = stage

    @property
    def reached(self) -> int:
        return self.stage.go_back()

    def give_up(self) -> None:
        self.stage.leave()


class Downloads:
    """Downloads into stages at `sink`. halfway: see FtpsTransport."""

    def __init__(self, sink: LocalSide, pacer: SharedPacer, halfway: Halfway) -> None:
        self._sink = sink
        self._fetch = Fetch(pacer)
        self._halfway = halfway

    def job(self, portion: List[Transfer]) -> Job:
        """Fetch each of `portion`, one after the other."""
        return partial(self._work, portion)

    def large(self, transfers: Sequence[Transfer], sessions: int) -> List[Transfer]:
        """Return those to fetch by `striped`. A file that was left halfway goes on in the same way, a file of an
        earlier run over one session."""
        begun = {one.stage for one in transfers if one.begun}
        worth = {one.stage for one in worth_striping(transfers, sessions)} - self._halfway.keys() - begun
        worth.update(stage for stage, state in self._halfway.items() if isinstance(state, StripedFetch))
        return [one for one in transfers if one.stage in worth]

    def striped(self, transfer: Transfer, width: int) -> List[Job]:
        """Fetch one file over so many sessions."""
        fetch = self._halfway.pop(transfer.stage, None)
        if not isinstance(fetch, StripedFetch):
            fetch = StripedFetch(transfer, self._sink, self._fetch, self._conclude, width, self._halfway)
        return fetch.jobs(width)

    def _work(self, portion: List[Transfer], lane: Lane, run: Run) -> None:
        got: List[_Got] = []
        try:
            for transfer in portion:
                run.check()
                try:
                    got.append(self._get(lane, run, transfer))
                except ItemError as error:
                    self._failed(lane, run, transfer, error)
            self._finish(lane, run, got)
        finally:
            for one in got:
                self._leave(one.transfer, _Receiving(one.stage))

    def _get(self, lane: Lane, run: Run, transfer: Transfer) -> _Got:
        halfway = self._halfway.pop(transfer.stage, None)
        if halfway is None and transfer.begun:
            halfway = _Receiving(self._sink.create_stage(transfer.stage, transfer.kept))
            self._fetch.found(halfway.reached)
        if isinstance(halfway, _Receiving):
            # A server that ignores the offset gives a file that is too long.
            with suppress(PartRefused, SourceChanged):
                return self._receive(lane, run, transfer, halfway)
            transfer.kept.start_over()
        return self._receive(lane, run, transfer, None)

    def _receive(self, lane: Lane, run: Run, transfer: Transfer, receiving: Optional[_Receiving]) -> _Got:
        """Fetch a file, or the rest of it. A lost session leaves it halfway."""
        # The last byte comes again: behind it, a server that ignores the offset shows.
        size = transfer.entry.size
        part = Part(0 if receiving is None else min(receiving.reached, size - 1), size)

        def open_stage() -> StageFile:
            nonlocal receiving
            if receiving is None:
                receiving = _Receiving(self._sink.create_stage(transfer.stage, transfer.kept))
            return receiving.stage

        try:
            self._fetch(lane, transfer, part, open_stage, run.check)
            return _got(transfer, open_stage())
        except BaseException as error:
            if receiving is not None:
                if isinstance(error, (ItemError, PartRefused)):
                    receiving.stage.abandon()
                else:
                    self._leave(transfer, receiving)
            raise

    def _leave(self, transfer: Transfer, receiving: _Receiving) -> None:
        """Leave a file for the next session."""
        if transfer.entry.size >= WORTH_RESUMING:
            self._halfway[transfer.stage] = receiving
        else:
            receiving.stage.abandon()

    def _conclude(self, lane: Lane, run: Run, fetch: StripedFetch) -> None:
        """End a striped file; fetch it whole where the server gives no parts. A lost session leaves it halfway."""
        transfer, stage, error = fetch.transfer, fetch.stage, fetch.error
        try:
            if lane.session.closed:
                lane.log_in()
            if error is None and stage is not None:
                self._finish(lane, run, [_got(transfer, stage)])
        except ItemError as failure:
            error = failure
        except SyncError:
            self._halfway[transfer.stage] = fetch
            raise
        if stage is not None:
            stage.abandon()  # nothing, where it was finished
        if isinstance(error, PartRefused):
            self._work([transfer], lane, run)
        elif error is not None:
            self._failed(lane, run, transfer, error)

    def _finish(self, lane: Lane, run: Run, got: List[_Got]) -> None:
        for error in self._changes(lane, [one.transfer for one in got]):
            run.emit(_finished(got.pop(0), error))

    def _failed(self, lane: Lane, run: Run, transfer: Transfer, error: ItemError) -> None:
        if lane.session.closed:  # ProFTPD now and then ends a session whose transfer is given up
            lane.log_in()
        run.emit(Staged(transfer, error=self._explained(lane, transfer, error)))

    def _explained(self, lane: Lane, transfer: Transfer, error: ItemError) -> SyncError:
        """Return why the file could not be read. If it shrinks meanwhile, the server may report only a failure."""
        reason: SyncError = lane.explain([(transfer.source, error)])[transfer.source]
        if reason.code == OperationFailed.code:
            changes = self._changes(lane, [transfer]) + self._resized(lane, [transfer])
            reason = next((one for one in changes if isinstance(one, SourceChanged)), reason)
        return reason.at(transfer.path)

    def _changes(self, lane: Lane, transfers: List[Transfer]) -> List[Optional[SyncError]]:
        """Return the objection to each file, or None."""
        if lane.server.has_mlst:
            seen = lane.look([one.source for one in transfers])
            return [
                each.error or _changed(one, each.entry and (each.entry.size, each.entry.mtime))
                for one, each in zip(transfers, seen)
            ]
        times = [time_in(reply) for reply in self._ask(lane, b"MDTM", transfers)]
        sizes = iter(self._resized(lane, [one for one, mtime in zip(transfers, times) if mtime is None]))
        return [
            next(sizes) if mtime is None else _changed(one, (one.entry.size, mtime))
            for one, mtime in zip(transfers, times)
        ]

    def _resized(self, lane: Lane, transfers: List[Transfer]) -> List[Optional[SyncError]]:
        """Return the objection to each file from its size alone, or None."""
        return [_judged_by_size(*each) for each in zip(transfers, self._ask(lane, b"SIZE", transfers))]

    def _ask(self, lane: Lane, verb: bytes, transfers: List[Transfer]) -> List[Reply]:
        return lane.ask(verb, [one.source for one in transfers])


def _got(transfer: Transfer, stage: StageFile) -> _Got:
    """Hash the stored bytes now, while they are in the processor's cache and another session continues."""
    size = transfer.entry.size
    return _Got(transfer, stage, stage.followed_digest(size) or stage.digest(size))


def _finished(one: _Got, error: Optional[SyncError]) -> Staged:
    if error is None:
        try:
            one.stage.finish(one.transfer.attributes)
            return Staged(one.transfer, one.transfer.entry.size, one.digest, unset=one.stage.unset)
        except SyncError as failure:
            error = failure
    one.stage.abandon()
    return Staged(one.transfer, error=error.at(one.transfer.path))


def _judged_by_size(one: Transfer, reply: Reply) -> Optional[SyncError]:
    if reply.code != 213 or not reply.lines[-1].strip().isdigit():
        return item_error(reply, one.path)
    return _changed(one, (int(reply.lines[-1]), one.entry.mtime))


def _changed(one: Transfer, seen: Optional[Tuple[int, int]]) -> Optional[SyncError]:
    if seen is None or seen[0] != one.entry.size or not same_time(seen[1], one.entry.mtime):
        return SourceChanged("it changed while it was read", path=one.path)
    return None


Conclude = Callable[[Lane, Run, "StripedFetch"], None]
"""Called once, in the last lane at work: ends the stage."""


def worth_striping(transfers: Sequence[Transfer], sessions: int) -> List[Transfer]:
    """Return those that would keep one of so many sessions at work long after the others are done."""
    total = sum(one.entry.size for one in transfers)
    if sessions < 2:
        return []
    return [one for one in transfers if one.entry.size >= _STRIPED_FROM and one.entry.size * sessions > total]


class _GivenUp(Exception):
    """Another part of the file failed."""


class StripedFetch:
    """One file in parts. A session that is done with one takes the next, so that a server which admits fewer sessions
    than there are jobs gives the file all the same. After a lost session, `jobs` fetch the rest.

    stage, error: at the end
    """

    def __init__(
        self,
        transfer: Transfer,
        sink: LocalSide,
        fetch: Fetch,
        conclude: Conclude,
        width: int,
        halfway: Halfway,
    ) -> None:
        self._halfway = halfway
        self.transfer = transfer
        self._sink = sink
        self._fetch = fetch
        self._conclude = conclude
        self._left: Deque[Part] = deque(_parts(transfer.entry.size, _PARTS_EACH * width))
        self._lock = threading.Lock()
        self.stage: Optional[StageFile] = None

    @property
    def reached(self) -> int:
        """Return the bytes of all parts that are fetched."""
        with self._lock:
            return self.transfer.entry.size - sum(part.size for part in self._left)

    def give_up(self) -> None:
        if self.stage is not None:
            self.stage.leave()

    def jobs(self, width: int) -> List[Job]:
        """Return the work of so many sessions."""
        size = self.transfer.entry.size
        self._left = self._left or deque([Part(size, size)])
        self._unfinished = len(self._left)
        self._at_work = 0
        self._over = False
        """Whether no further part must be started: all are done, or one failed."""
        self.error: Optional[Failure] = None
        return [self._work] * width

    def _work(self, lane: Lane, run: Run) -> None:
        if not self._enter():
            return
        try:
            self._fetch_parts(lane, run)
        except BaseException:
            self._over = True
            if self._leave():
                self._halfway[self.transfer.stage] = self
            raise
        if not self._leave():
            return
        self._over = True
        if self._unfinished and self.error is None:
            self._halfway[self.transfer.stage] = self  # the error of another job ends the run
            return
        self._conclude(lane, run, self)

    def _fetch_parts(self, lane: Lane, run: Run) -> None:
        def check() -> None:
            run.check()
            if self._over:
                raise _GivenUp

        try:
            while not self._over:
                part = self._next()
                if part is None:
                    return
                if lane.session.closed:  # with the end of the last part, as by ProFTPD now and then
                    lane.log_in()
                try:
                    if part.size:
                        self._fetch(lane, self.transfer, part, self._open_stage, check)
                except BaseException:
                    part.begin = min(part.begin, self.transfer.entry.size - 1)  # see Downloads
                    self._left.appendleft(part)
                    raise
                self._finished()
        except _GivenUp:
            pass
        except (ItemError, PartRefused) as error:
            with self._lock:
                self._over = True
                self.error = self.error or error

    def _enter(self) -> bool:
        with self._lock:
            wanted = bool(self._left) and not self._over
            self._at_work += wanted
            return wanted

    def _leave(self) -> bool:
        """Return whether no other session is at work."""
        with self._lock:
            self._at_work -= 1
            return not self._at_work

    def _next(self) -> Optional[Part]:
        with self._lock:
            return self._left.popleft() if self._left else None

    def _finished(self) -> None:
        with self._lock:
            self._unfinished -= 1

    def _open_stage(self) -> StageFile:
        with self._lock:
            if self.stage is None:
                self.stage = self._sink.create_stage(self.transfer.stage, self.transfer.kept)
            return self.stage


def _parts(size: int, count: int) -> List[Part]:
    ends = [size * number // count for number in range(count + 1)]
    return [Part(begin, end) for begin, end in zip(ends, ends[1:])]


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
