# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run: all steps after the start of the login.

open both sides -> claim the destination -> list, compare, plan -> (check mode ends here) -> execute -> record

Options add their features to these steps, see `feature`.
"""

from __future__ import annotations

from contextlib import ExitStack, suppress
from functools import partial
from typing import Optional, Set

from ..errors import NotSupported, SyncError
from ..model.plan import Plan, PlanPolicy
from ..model.relpath import RelPath
from ..model.report import SyncReport
from ..model.request import SyncRequest
from ..transport.base import Capabilities, LocalSide
from .account import Account
from .claim import Claim
from .collector import collector_at_rest
from .contents import PeerHash
from .feature import RunParts, features_of
from .kept_attributes import UNKNOWN_DIRECTORY_TIMES, KeptAttributes, KnownAbilities
from .overlap import Marker, looks_overlapping
from .prepare import Prepared, prepare, side_scan, with_restamps
from .record import RESPELLED
from .roots import open_sides
from .scan import SideScan
from .selection import SideSelection
from .sessions import Sessions
from .stage_names import StageNames

LITTER = "temporary files of an earlier run stay at the destination"


class Run:
    """One run, which can be reported at any moment. The `stack` holds the resources to release at its end."""

    _kept: KeptAttributes
    """From `_open` on."""

    def __init__(self, request: SyncRequest, sessions: Sessions, stack: ExitStack) -> None:
        self._request = request
        self._sessions = sessions
        self._stack = stack
        self._account = Account(request, sessions)
        self._outcomes = self._account.outcomes
        self._claim = Claim(request, sessions, self._account, stack)

    def carry_out(self) -> None:
        """Carry out the run. Raises the SyncError that ended it."""
        selection = SideSelection.of(self._request)
        try:
            parts = self._open(selection)
            with ExitStack() as stack:
                for feature in self._account.features:
                    stack.callback(feature.close)
                if self._request.check_mode:
                    self._foresee(parts)
                else:
                    self._change(parts)
            self._kept.tell(self._outcomes)
            self._outcomes.notes += parts.record.notes
        except BaseException as error:
            self._claim.wind_up(error)
            raise

    def report(self, error: Optional[SyncError]) -> SyncReport:
        """Return the report of the present state; `error` is the error that ended the run, or None."""
        return self._account.report(error)

    def close(self) -> None:
        """Release the record, after the report."""
        self._account.close()

    def _open(self, selection: SideSelection) -> RunParts:
        request = self._request
        opened = open_sides(self._sessions, scan_of=partial(self._scan_here, selection))
        peer = opened.sides.peer
        peer_hash = PeerHash(peer, request.proof)
        record = self._account.open(opened, peer_hash)
        self._kept = KeptAttributes(request, opened, record)
        self._announced = peer.capabilities
        parts = RunParts(request, opened.with_what_counts(), selection, record, self._outcomes, peer_hash)
        self._account.features = features_of(parts, self._sessions, self._stack)
        peer_hash.require()
        return parts

    def _scan_here(self, selection: SideSelection, local: LocalSide) -> SideScan:
        if self._sessions.push:
            return side_scan(self._request, selection, local)
        is_stage = StageNames(local.real_root(), self._request.run_id).is_litter
        return side_scan(self._request, selection, local, is_stage=is_stage)

    def _foresee(self, parts: RunParts) -> None:
        """Plan in check mode: nothing is written."""
        opened = parts.opened
        if not opened.file and looks_overlapping(opened.source_root, opened.destination_root):
            self._outcomes.note(
                "source and destination have overlapping paths: if they are on one machine, a real run refuses"
            )
        self._plan(parts, self._foreseen(parts), None)

    def _change(self, parts: RunParts) -> None:
        """Claim the destination, plan, and execute the plan."""
        marker = self._claim.take(parts.opened)
        if self._claim.came_second:
            parts = parts._replace(opened=parts.opened._replace(destination_missing=False, early_scan=None))
        if parts.record.has_text(RESPELLED):
            parts = self._finish_respelling(parts)
        self._kept.probe_again()
        self._execute(parts, self._plan(parts, self._found(parts), marker))
        for feature in self._account.features:
            feature.finish()

    def _finish_respelling(self, parts: RunParts) -> RunParts:
        """Complete what a killed run has begun."""
        from .folding import finish_respelling  # pylint: disable=import-outside-toplevel

        opened = parts.opened
        finish_respelling(opened.sides.destination, parts.record, self._outcomes.note)
        return parts if opened.sides.push else parts._replace(opened=opened._replace(early_scan=None))

    def _foreseen(self, parts: RunParts) -> Capabilities:
        """Return the capabilities of the peer that a run would find. Some show only after a file was made there."""
        if not parts.opened.sides.push:
            return parts.opened.sides.peer.capabilities
        able = KnownAbilities(parts.record).foreseen(self._announced)
        if able.directory_mtime is None and not parts.opened.destination_missing:
            self._outcomes.note(UNKNOWN_DIRECTORY_TIMES)
        return able

    def _found(self, parts: RunParts) -> Capabilities:
        """Return the capabilities of the peer, where the lock was made on a push."""
        peer = parts.opened.sides.peer
        if not parts.opened.sides.push:
            return peer.capabilities
        if not self._request.lock:
            peer.foresee_setting()
        return KnownAbilities(parts.record).learn(self._announced, peer.capabilities)

    def _plan(self, parts: RunParts, able: Capabilities, marker: Optional[Marker]) -> Prepared:
        forgotten, features = self._kept.forgotten, self._account.features
        for feature in features:
            feature.begin(None if self._request.check_mode else self._claim)
        if self._request.demands_mode and (forgotten.modes or not able.stores_mode):
            raise NotSupported(
                "preserve_mode: is set, and the destination does not keep modes",
                cure="Leave preserve_mode out, to transfer the content nevertheless.",
            )
        policy = PlanPolicy.of(
            self._request,
            mtimes_kept=able.stores_mtime and not forgotten.mtimes,
            modes_kept=able.stores_mode and not forgotten.modes,
            directory_modes_kept=not forgotten.directory_modes,
            directory_mtimes_kept=not forgotten.directory_mtimes,
        )
        with collector_at_rest():
            prepared = prepare(parts, features, policy, able, marker)
        self._account.planned(prepared)
        for feature in features:
            feature.planned(prepared)
        return prepared

    def _execute(self, parts: RunParts, prepared: Prepared) -> None:
        features = self._account.features
        self._claim.still_ours()
        planned = with_restamps(prepared, self._request, parts.opened, self._remove_litter(parts, prepared))
        try:
            if planned.actions or planned.restamp or any(feature.acts_alone for feature in features):
                self._carry_out(parts, planned, prepared)
            self._kept.watch(self._outcomes, prepared)
        finally:
            for feature in features:
                feature.ended()
            self._account.remember(parts.record, parts.opened, prepared, clock_ahead=self._claim.clock_ahead)

    def _carry_out(self, parts: RunParts, planned: Plan, prepared: Prepared) -> None:
        """Carry out the plan. The modules for that are loaded only if there is anything to do."""
        from .execution import Execution  # pylint: disable=import-outside-toplevel

        execution = Execution(parts, self._account.features, self._claim.still_ours)
        try:
            execution.run(planned, prepared)
        except BaseException as error:
            if self._claim.wind_up(error):
                with suppress(SyncError):
                    execution.finish_proven()
            raise

    def _remove_litter(self, parts: RunParts, prepared: Prepared) -> Set[RelPath]:
        """Remove the leftovers of killed runs; return all temporary entries outside the plan."""
        litter = prepared.litter if self._request.lock else []
        for removed in parts.opened.sides.destination.remove_files(litter) if litter else ():
            if removed.error is not None:  # A leftover that stays is tried again by the next run.
                self._outcomes.note_first(LITTER, removed.error)
        trash = parts.selection.trash
        return {*litter, *prepared.probed, *([trash] if trash else ())}
