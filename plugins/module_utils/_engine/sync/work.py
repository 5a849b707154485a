# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work: the plan of a run, and its execution."""

from __future__ import annotations

from contextlib import closing, contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Iterator, Optional, Set

from ..errors import NotSupported, SyncError
from ..model.plan import Plan, PlanPolicy
from ..model.relpath import RelPath
from ..model.request import NONE, SyncRequest
from ..transport.base import Capabilities
from .account import Account
from .claim import Claim
from .collector import collector_at_rest
from .kept_attributes import KeptAttributes
from .known_abilities import UNKNOWN_DIRECTORY_TIMES, KnownAbilities
from .overlap import Marker, looks_overlapping
from .peer_hash import PeerHash
from .prepare import Prepared, Sealed, prepare, with_restamps
from .roots import Opened
from .selection import SideSelection

if TYPE_CHECKING:
    from .drop_box import DropBox
    from .publish import Publication
    from .sealing import SealedRun
    from .signed_source import SignedSource
    from .trash_retention import TrashRetention

LITTER = "temporary files of an earlier run stay at the destination"


class Work:
    """The work of one run between two open sides. It begins before the claim, which may change the peer's
    capabilities. signed: with `verify`. sealed: with `encrypt` or `decrypt`."""

    def __init__(
        self,
        request: SyncRequest,
        selection: SideSelection,
        opened: Opened,
        account: Account,
        signed: Optional[SignedSource] = None,
        sealed: Optional[SealedRun] = None,
    ) -> None:
        self._request = request
        self._selection = selection
        self._account = account
        self._outcomes = account.outcomes
        self._signed = signed
        self._sealed = sealed
        self._peer_hash = PeerHash(opened.sides.peer, request.proof if signed is None else NONE)
        self._record = account.open(opened, self._peer_hash)
        self._peer_hash.require()
        self._kept = KeptAttributes(request, opened, self._record)
        self._announced = opened.sides.peer.capabilities
        self._opened = opened.with_what_counts()
        self._listing = self._listing_of(opened)
        self._publication = self._publication_of(request, account)
        self._drop_box = self._drop_box_of(request)
        self._retention: Optional[TrashRetention] = None

    def _listing_of(self, opened: Opened) -> Optional[Sealed]:
        """Return the listings of a run with sealed files, whose pairs are read now."""
        if self._sealed is None:
            return None
        from .sealed_listing import SealedListing  # pylint: disable=import-outside-toplevel

        self._sealed.attach(self._record, opened.file)
        return SealedListing(self._sealed, self._signed)

    def _publication_of(self, request: SyncRequest, account: Account) -> Optional[Publication]:
        """Return the publication of a run with `sign`. Its modules are loaded for such a run only."""
        if request.sign is None:
            return None
        from .publish import Publication  # pylint: disable=import-outside-toplevel

        return Publication(request, request.sign, self._opened, account, self._peer_hash, sealed=self._sealed)

    def _drop_box_of(self, request: SyncRequest) -> Optional[DropBox]:
        """Return the drop box of a run with one. Its modules are loaded for such a run only."""
        if request.drop_box is None:
            return None
        from .drop_box import DropBox  # pylint: disable=import-outside-toplevel

        archive = self._selection.archive
        return DropBox(request, request.drop_box, self._opened, self._outcomes, self._peer_hash, archive, self._sealed)

    def _retention_of(self, *, clock_ahead: int = 0) -> Optional[TrashRetention]:
        """Return the trash of a run with `trash_max_age`. Its modules are loaded for such a run only."""
        trash, days = self._selection.trash, self._request.trash_max_age
        if days is None or trash is None:
            return None
        from .trash_retention import TrashRetention  # pylint: disable=import-outside-toplevel

        return TrashRetention(trash, days, self._opened, self._outcomes, clock_ahead=clock_ahead)

    def foresee(self) -> None:
        """Plan in check mode: nothing is written."""
        opened = self._opened
        if not opened.file and looks_overlapping(opened.source_root, opened.destination_root):
            self._outcomes.note(
                "source and destination have overlapping paths: if they are on one machine, a real run refuses"
            )
        with self._delivering():
            prepared = self._plan(self._foreseen(), None)
            if self._drop_box is not None:
                self._account.departing = self._drop_box.foreseen()
        self._retention = self._retention_of()
        if self._retention is not None:
            self._account.expiring = self._retention.expired()
        with self._publishing(prepared):
            self._note_limits()

    def carry_out(self, claim: Claim) -> None:
        """Claim the destination, plan, and execute the plan."""
        marker = claim.take(self._opened)
        if claim.came_second:
            self._opened = self._opened._replace(destination_missing=False, early_scan=None)
        self._kept.test_again()
        self._retention = self._retention_of(clock_ahead=claim.clock_ahead)
        with self._delivering():
            prepared = self._plan(self._found(), marker)
            with self._publishing(prepared):
                self._execute(prepared, claim)
            if self._drop_box is not None:
                self._account.departing = self._drop_box.depart()
        if self._retention is not None:
            self._account.expiring = self._retention.expired()
            self._retention.remove(self._account.expiring, claim.still_ours)
        self._note_limits()

    @contextmanager
    def _delivering(self) -> Iterator[None]:
        """Open the record of deliveries, and close it at the end."""
        if self._drop_box is None:
            yield
            return
        with closing(self._drop_box):
            self._drop_box.open()
            yield

    @contextmanager
    def _publishing(self, prepared: Prepared) -> Iterator[None]:
        """Find out whether the run has to publish a signed set; close the key at the end."""
        if self._publication is None:
            yield
            return
        with closing(self._publication):
            self._publication.look(prepared)
            yield

    def _foreseen(self) -> Capabilities:
        """Return the capabilities of the peer that a run would find. Some show only after a file was made there."""
        opened = self._opened
        if not opened.sides.push:
            return opened.sides.peer.capabilities
        able = KnownAbilities(self._record).foreseen(self._announced)
        if able.directory_mtime is None and not opened.destination_missing:
            self._outcomes.note(UNKNOWN_DIRECTORY_TIMES)
        return able

    def _found(self) -> Capabilities:
        """Return the capabilities of the peer, where the lock was made on a push."""
        peer = self._opened.sides.peer
        if not self._opened.sides.push:
            return peer.capabilities
        if not self._request.lock:
            peer.foresee_setting()
        return KnownAbilities(self._record).learn(self._announced, peer.capabilities)

    def _plan(self, able: Capabilities, marker: Optional[Marker]) -> Prepared:
        if self._request.demands_mode and (self._kept.forgotten.modes or not able.stores_mode):
            raise NotSupported(
                "preserve_mode: is set, and the destination does not keep modes",
                cure="Leave preserve_mode out, to transfer the content nevertheless.",
            )
        policy = PlanPolicy.of(
            self._request,
            mtimes_kept=able.stores_mtime and not self._kept.forgotten.mtimes,
            modes_kept=able.stores_mode and not self._kept.forgotten.modes,
            directory_modes_kept=not self._kept.forgotten.directory_modes,
            directory_mtimes_kept=not self._kept.forgotten.directory_mtimes,
        )
        with collector_at_rest():
            prepared = prepare(
                self._request,
                self._opened,
                self._selection,
                self._record,
                policy=policy,
                peer=able,
                peer_hash=self._peer_hash,
                marker=marker,
                signed=self._signed,
                sealed=self._listing,
                drop_box=self._drop_box,
            )
        self._account.planned(prepared)
        if self._drop_box is not None:
            self._drop_box.planned(prepared)
        return prepared

    def _execute(self, prepared: Prepared, claim: Claim) -> None:
        claim.still_ours()
        planned = with_restamps(prepared, self._request, self._opened, self._remove_litter(prepared))
        try:
            if planned.actions or planned.restamp or self._publication is not None:
                self._carry_out(planned, prepared, claim)
            if not self._request.in_place:  # else the files may be gone by now
                self._kept.watch(self._outcomes)
        finally:
            if self._sealed is not None:
                self._sealed.save(self._outcomes, prepared.source)
            if self._drop_box is not None:
                self._drop_box.record()
            self._account.remember(self._record, self._opened, prepared, clock_ahead=claim.clock_ahead)

    def _before_a_step(self, claim: Claim, prepared: Prepared) -> None:
        if self._drop_box is not None:
            self._drop_box.record()
        claim.still_ours()
        if self._sealed is not None:
            self._sealed.checkpoint(self._outcomes, prepared.source)

    def _carry_out(self, planned: Plan, prepared: Prepared, claim: Claim) -> None:
        """Carry out the plan. The modules for that are loaded only if there is anything to do."""
        from .execution import Execution  # pylint: disable=import-outside-toplevel
        from .executor import nothing  # pylint: disable=import-outside-toplevel

        execution = Execution(
            self._request,
            self._opened,
            self._outcomes,
            self._peer_hash,
            trash=self._selection.trash,
            signed=self._signed,
            record=self._record,
            place=None if self._retention is None else self._retention.begin(),
        )
        still_ours = partial(self._before_a_step, claim, prepared)
        publish = nothing if self._publication is None else partial(self._publish, prepared)
        try:
            execution.run(planned, prepared, still_ours=still_ours, before_removals=publish)
        except BaseException as error:
            if claim.wind_up(error):
                with suppress(SyncError):
                    still_ours()
                    execution.finish_proven()
            raise
        if self._publication is not None:
            self._publication.clean_up()

    def _publish(self, prepared: Prepared) -> None:
        if self._sealed is not None:
            self._sealed.settle(self._outcomes, prepared.source)
        if self._publication is not None:
            self._publication.publish()

    def _remove_litter(self, prepared: Prepared) -> Set[RelPath]:
        """Remove the leftovers of killed runs; return all temporary entries outside the plan."""
        litter = prepared.litter if self._request.lock else []
        for removed in self._opened.sides.destination.remove_files(litter) if litter else ():
            if removed.error is not None:  # A leftover that stays is tried again by the next run.
                self._outcomes.note_first(LITTER, removed.error)
        trash = self._selection.trash
        probed = () if prepared.folding is None else prepared.folding.probed
        return {*litter, *probed, *([trash] if trash else ())}

    def _note_limits(self) -> None:
        """Note the attributes that the destination does not keep, and the faults of the record."""
        self._kept.tell(self._outcomes)
        self._outcomes.notes += self._record.notes
