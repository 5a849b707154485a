# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Download over FTPS: files one after another on a session; the checks for changes of many files in one flight.

A file must have the size that the scan found, and afterwards the same mtime, else the bytes may be of two versions. If
the server reports no mtime, the size afterwards is checked instead.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import List, NamedTuple, Optional, Sequence, Tuple

from ...errors import ItemError, OperationFailed, SourceChanged, SyncError
from ...ftps.replies import Reply, item_error
from ..base import LocalSide, Staged, StageFile, Transfer
from .fetch import Fetch, Part
from .jobs import Job, Run
from .lane import WORTH_RESUMING, Halfway, Lane, PartRefused
from .shared_pacer import SharedPacer
from .striped import StripedFetch, worth_striping
from .times import same_time, time_in


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
            if transfer.kept is not None:
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
            return Staged(one.transfer, one.transfer.entry.size, one.digest)
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
