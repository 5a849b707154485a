# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run: all steps after the start of the login.

read both roots -> lock -> scan, compare, plan -> (check mode ends here) -> execute -> record

At the end of a run, also after an error or interruption, its temporary files are removed and the lock is released, if
the session still works, and both sides are closed. The next run finds and removes the rest.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from typing import Callable, Dict, Iterator, List, Optional, Tuple

from ..errors import NotFound, SyncError
from ..model.plan import CREATE_DIRECTORY, MISSING, Plan, Write
from ..model.relpath import ROOT, RelPath
from ..model.report import SyncReport
from ..model.request import SyncRequest
from ..model.tree import DIRECTORY, Entry
from ..planning.policy import PlanPolicy
from ..transport.base import Capabilities, LocalSide, Transport
from .backoff import Backoff
from .collector import collector_at_rest
from .executor import Executor
from .heartbeat import Heartbeat
from .kept_attributes import KeptAttributes
from .known_abilities import UNKNOWN_DIRECTORY_TIMES, KnownAbilities
from .link_moves import LinkMoves
from .lock import Lock
from .lock_holder import LockHolder
from .marker import Marker
from .outcomes import Outcomes
from .overlap import looks_overlapping
from .peer_hash import PeerHash
from .prepare import Prepared, prepare, side_scan, with_restamps
from .proof import Prover
from .record import Record
from .remember import remember
from .removal import Removal
from .retry import Recovery
from .root_words import RootWords
from .roots import Opened, open_sides
from .scan import SideScan
from .selection import SideSelection
from .sessions import Sessions
from .stage_names import StageNames
from .store import Store
from .tally import count_proofs
from .work import sort_work

__all__ = ["Run"]

CREATE_ROOT = Write(ROOT, CREATE_DIRECTORY, MISSING, Entry(DIRECTORY, 0, 0, 0o755), None)
"""Added to the report, so that a run that only makes the destination counts as a change; plans are about entries."""


class Run:
    """The state of a run, from which a report can be made at any moment. The `stack` holds the resources to release at
    its end."""

    def __init__(self, request: SyncRequest, sessions: Sessions, backoff: Backoff, stack: ExitStack) -> None:
        self._request = request
        self._outcomes = Outcomes()
        self._stack = stack
        self._backoff = backoff
        self._sessions = sessions
        self._prepared: Optional[Prepared] = None
        self._peer_hash: Optional[PeerHash] = None
        self._lock: Optional[Lock] = None
        self._claimed = False
        self._root_missing = False

    def carry_out(self) -> None:
        """Everything. Raises the SyncError that ended the run."""
        request = self._request
        selection = SideSelection.of(request)
        with self._final_on_error():
            opened = open_sides(self._sessions, scan_of=partial(self._scan_here, selection))
            self._root_missing = opened.destination_missing
            peer_hash = self._peer_hash = PeerHash(opened.sides.peer, request.proof)
            peer_hash.require()
            record = self._record(opened)
            if request.check_mode:
                self._foresee_overlap(opened)
            kept = KeptAttributes(request, opened, record)
            announced = opened.sides.peer.capabilities
            marker = None
            opened = opened.with_what_counts()
            if not request.check_mode:
                marker = self._claim(opened)
                kept.test_again()
            able = self._abilities(opened, announced, record)
            policy = PlanPolicy.of(
                request,
                mtimes_kept=able.stores_mtime and not kept.forgotten.mtimes,
                modes_kept=able.stores_mode and not kept.forgotten.modes,
            )
            with collector_at_rest():
                self._prepared = prepare(
                    request, opened, selection, record, policy=policy, peer=able, peer_hash=peer_hash, marker=marker
                )
            self._outcomes.problems += self._prepared.source.problems + self._prepared.destination.problems
            self._outcomes.problems += self._prepared.contents.problems
            if not request.check_mode:
                self._execute(opened, self._prepared, peer_hash, selection.trash, record, kept=kept)
            kept.tell(self._outcomes)
            self._outcomes.notes += record.notes

    def _abilities(self, opened: Opened, announced: Capabilities, record: Record) -> Capabilities:
        """Return the peer's capabilities. Some of them show only after a file was made there: the lock."""
        found = self._sessions.session.capabilities
        if not opened.sides.push:
            return found
        known = KnownAbilities(record)
        if not self._request.check_mode:
            return known.learn(announced, found)
        able = known.foreseen(announced)
        if able.directory_mtime is None and not opened.destination_missing:
            self._outcomes.note(UNKNOWN_DIRECTORY_TIMES)
        return able

    @contextmanager
    def _final_on_error(self) -> Iterator[None]:
        """Clean up a failed run in its present session: no new session is opened for that.

        An interruption is different: it can happen in the middle of a packet and leaves requests under way, for which
        the cleanup would have to wait.
        """
        try:
            yield
        except BaseException as error:
            self._backoff.give_up()
            if self._claimed and self._sessions.peer is not None and not isinstance(error, Exception):
                with suppress(SyncError):
                    self._sessions.peer.reconnect()
            raise

    def _scan_here(self, selection: SideSelection, local: LocalSide) -> SideScan:
        if self._sessions.push:
            return side_scan(self._request, selection, local)
        is_stage = StageNames(local.real_root(), self._request.run_id).is_litter
        return side_scan(self._request, selection, local, is_stage=is_stage)

    def _record(self, opened: Opened) -> Record:
        local, peer = opened.source_root, opened.destination_root
        if not opened.sides.push:
            local, peer = peer, local
        return Record.of(self._request, local_root=local, peer_root=peer, file=opened.file)

    def _foresee_overlap(self, opened: Opened) -> None:
        if not opened.file and looks_overlapping(opened.source_root, opened.destination_root):
            self._outcomes.note(
                "source and destination have overlapping paths: if they are on one machine, a real run refuses"
            )

    def _claim(self, opened: Opened) -> Optional[Marker]:
        """Make the destination's root if it is missing, and lock it."""
        destination, request = opened.sides.destination, self._request
        words = RootWords.destination(request)
        if opened.destination_missing:
            try:
                with words.in_errors("cannot be made"):
                    destination.create_root()
            except NotFound:
                raise words.no_parent() from None
            self._outcomes.succeed(CREATE_ROOT)
        self._claimed = True
        holder = LockHolder.here(request.run_id)
        self._stack.callback(_remove_stages, opened)
        if request.lock:
            self._lock = Lock(destination, holder, opened.names, self._beat(opened))
            self._stack.callback(self._release, self._lock)
            with words.in_errors("cannot be locked"):
                self._lock.acquire()
        confirm = self._lock.confirm if self._lock is not None and opened.sides.push else _unlocked
        self._sessions.session.begin_changes(Recovery(opened.names.beside, confirm))
        if opened.file:
            return None
        return Marker.of_lock(holder) if request.lock else Marker.temporary(opened, holder)

    def _release(self, lock: Lock) -> None:
        try:
            lock.release()
        except SyncError as error:
            self._outcomes.note("the lock of the destination could not be released: %s" % error.message)

    def _beat(self, opened: Opened) -> Callable[[RelPath, float], None]:
        if opened.sides.push:
            return opened.sides.peer.touch_every
        hearts: List[Heartbeat] = []

        def beat(path: RelPath, seconds: float) -> None:
            while hearts:
                hearts.pop().stop()
            if seconds:
                hearts.append(Heartbeat(opened.destination_root, path, seconds))
                hearts[0].start()

        return beat

    def _execute(
        self,
        opened: Opened,
        prepared: Prepared,
        peer_hash: PeerHash,
        trash: Optional[RelPath],
        record: Record,
        *,
        kept: KeptAttributes,
    ) -> None:
        sides, outcomes = opened.sides, self._outcomes
        still_ours: Callable[[], None] = self._lock.confirm_if_old if self._lock else lambda: None
        still_ours()
        litter = prepared.litter if self._request.lock else []
        for _removed in sides.destination.remove_files(litter) if litter else ():
            pass  # One that stays is tried again by the next run.
        touched = set(litter) | ({trash} if trash else set())
        planned = with_restamps(prepared, self._request, opened, touched)
        work = sort_work(planned)
        link_moves = LinkMoves(sides, opened.names, outcomes)
        removal = Removal(sides.destination, trash, outcomes, link_moves)
        if work.stores:
            peer_hash.foresee()
        prover = Prover(sides, peer_hash, self._request.proof)
        store = Store(sides, opened.names, prover, removal, outcomes, work.replaced, link_moves)
        executor = Executor(
            sides, prepared.destination.tree, outcomes, still_ours=still_ours, durable=self._request.durable
        )
        try:
            executor.run(planned, work, store, removal)
            kept.watch(outcomes)
        finally:
            ahead = self._lock.clock_ahead if self._lock else 0
            with collector_at_rest():
                remember(record, opened, prepared, outcomes, compare=self._request.compare, clock_ahead=ahead)

    def report(self, error: Optional[SyncError]) -> SyncReport:
        """Return the report of the present state; `error` is the error that ended the run, or None."""
        outcomes, prepared, peer = self._outcomes, self._prepared, self._sessions.peer
        plan = Plan() if prepared is None else prepared.plan
        if outcomes.vanished or outcomes.withdrawn:
            plan = plan._replace(skipped=plan.skipped + tuple(outcomes.vanished + outcomes.withdrawn))
        if self._root_missing:
            plan = plan._replace(actions=(CREATE_ROOT, *plan.actions))
        return SyncReport(
            plan=plan,
            outcomes=outcomes.in_order_of(plan),
            problems=tuple(outcomes.problems),
            error=error,
            peer=None if peer is None else peer.identity,
            stats=self._stats(),
            proofs={} if prepared is None else count_proofs(prepared, outcomes, compare=self._request.compare),
            notes=self._notes(),
        )

    def _stats(self) -> Dict[str, int]:
        stats = dict(self._outcomes.stats)
        if self._prepared is not None:
            stats["source_entries"] = len(self._prepared.source.tree)
            stats["destination_entries"] = len(self._prepared.destination.tree)
            stats["files_compared"] = len(self._prepared.contents.compared)
        if self._peer_hash is not None:
            stats["bytes_received"] += self._peer_hash.read
        return stats

    def _notes(self) -> Tuple[str, ...]:
        notes = [*self._outcomes.notes, *self._sessions.local_notes]
        peer = self._sessions.peer
        if peer is not None:
            notes += peer.notes
            if peer.reconnections:
                notes.append("the session was lost and opened again %d times" % peer.reconnections)
        if self._outcomes.vanished:
            notes.append("%d files vanished from the source after they were listed" % len(self._outcomes.vanished))
        return tuple(notes)


def _unlocked(peer: Transport) -> None:
    """Confirm nothing: no lock is at the peer."""


def _remove_stages(opened: Opened) -> None:
    """Remove the stages of this run. Cleanup must not hide the error that ended the run."""
    with suppress(SyncError):
        for _removed in opened.sides.destination.remove_files(sorted(opened.names.open)):
            pass
