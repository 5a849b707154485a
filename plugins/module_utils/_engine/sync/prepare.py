# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prepare: from two open sides to a Plan. Nothing but the overlap probe is written here."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, AbstractSet, Callable, List, Mapping, NamedTuple, Optional, Protocol, Set, Tuple

from ..model.plan import Plan, PlanPolicy, Skipped
from ..model.relpath import RelPath
from ..model.request import COPY, NEVER, RECORDED, SIZE_MTIME, SKIP, SyncRequest
from ..model.tree import DIRECTORY, Attributes, Digests, Tree
from ..planning.attributes import compares_directory_times, even_directory_times
from ..planning.compare import representable
from ..planning.planner import Draft, make_plan
from ..transport.base import Capabilities, Transport
from .contents import Contents
from .overlap import Marker
from .peer_hash import PeerHash
from .recall import Recall
from .record import DELTA, Record
from .roots import Opened
from .scan import Scanned, SideScan, scan_both
from .selection import SideSelection

if TYPE_CHECKING:
    from .folding import Folding

OTHERS_LOCK = "lock file of another run"
RESERVED = "name of the files of signed sets"


class Signed(Protocol):
    """The signed set as the source, see SignedSource, which is loaded with `verify` alone."""

    digests: Digests

    def take(self, scanned: Scanned, list_again: Callable[[], Scanned]) -> Scanned:
        """Return the signed source for a listing."""


class Sealed(Protocol):
    """The listings of a run with sealed files, see SealedListing, which is loaded for such a run alone."""

    def arrange(self, source: Scanned, destination: Scanned) -> None:
        """Adapt the listings."""

    def contents(self, source: Tree) -> Tree:
        """Return the source with the sizes of contents, as far as they are known."""

    def trusted(self, digests: Digests) -> Digests:
        """Return the recorded digests of files here that count."""

    def with_reasons(self, planned: Plan) -> Plan:
        """Return the plan with the reasons and the skipped entries of sealed files."""


class DropBox(Protocol):
    """The part of a run on a drop box that decides which files are sent, see drop_box.py."""

    def settle(self, source: Scanned, contents: Contents, hidden: AbstractSet[RelPath]) -> Set[RelPath]:
        """Return the files that were delivered before and are unchanged."""


class Prepared(NamedTuple):
    """A plan and its inputs.

    started: nanoseconds, our clock, before the scan
    litter: leftovers of killed runs at the destination
    delivered: with a drop box, the files that an earlier run delivered
    filtered: number of files of the source outside the limits of size and age
    folding: names that the destination takes for others, if the run had to look for them
    """

    plan: Plan
    source: Scanned
    destination: Scanned
    contents: Contents
    litter: List[RelPath]
    started: int
    delivered: AbstractSet[RelPath] = frozenset()
    filtered: int = 0
    folding: Optional[Folding] = None


def prepare(
    request: SyncRequest,
    opened: Opened,
    selection: SideSelection,
    record: Record,
    *,
    policy: PlanPolicy,
    peer: Capabilities,
    peer_hash: PeerHash,
    marker: Optional[Marker],
    signed: Optional[Signed] = None,
    sealed: Optional[Sealed] = None,
    drop_box: Optional[DropBox] = None,
) -> Prepared:
    """Scan, compare, plan. Each step changes the listings or digests that the steps after it take:

    1. List both sides. With `verify`, the signed set is the source (`_listed`).
    2. Adapt the listings to sealed files: all later steps compare contents.
    3. Even the times of directories, where a side cannot store them.
    4. Refuse a destination within the source, by the whole listings.
    5. Tell leftovers from ordinary files: a name that the source has too goes back into the destination's tree.
    6. Hide the files outside the limits. Before step 5, hidden files of the source could pass for leftovers.
    7. Take the digests on record of the files that are left (`_known`).
    8. Settle the deliveries of a drop box: a file that was delivered is not read again.
    9. Find the names that the destination takes for others (`folding`). It may make temporary files for that.
    10. Read the files whose digests are missing. This may take hours, so all steps that leave files out come before.
    11. Plan, then adapt the plan to sealed files and drop boxes.

    policy: of the plan
    peer: the peer's known capabilities
    peer_hash: how the peer hashes files
    marker: identifies the destination if it lies in the source; None in check mode
    signed: with `verify`
    sealed: with `encrypt` or `decrypt`
    drop_box: with `drop_box`

    Raises OverlappingRoots and the errors of make_plan.
    """
    recall = _recall(request, opened, record, signed)
    scan, source, destination = _listed(request, opened, selection, recall, signed)
    if sealed is not None:
        sealed.arrange(source, destination)
    _even_times(opened, peer, source, destination)
    if marker is not None:
        marker.refuse_overlap(opened, source, destination)
    litter = _litter(source, destination, opened)
    filtered = _filter(request, source, scan.started, sealed)
    contents = _known(request, opened, source, destination, record, recall, signed, sealed)
    delivered = set() if drop_box is None else drop_box.settle(source, contents, filtered)
    folding = _folding(request, opened, selection, source, destination, record, filtered | delivered)
    if folding is not None:
        contents.problems += folding.errors
        contents.unreadable |= folding.held
        _even_times(opened, peer, source, destination)
    if request.compare != SIZE_MTIME:
        contents.settle(
            opened.sides,
            _without(source.tree, delivered),
            destination.tree,
            peer_hash,
            partial(_differing, request, opened, record, source.tree, contents.destination),
        )
    # Partners often do not let others list a drop box.
    is_delivery = request.drop_box is not None and opened.sides.push
    plan = _plan(
        policy,
        opened,
        source,
        destination,
        contents,
        untouched=filtered | delivered | _extra(request, source, destination, scan.started),
        unlisted=frozenset() if is_delivery else destination.unlisted,
        respelled={} if folding is None else folding.renames,
        peer_hash=peer_hash if _may_relocate(request, opened, sealed) else None,
    )
    plan = _adapted(plan, request, sealed)
    return Prepared(plan, source, destination, contents, litter, scan.started, delivered, len(filtered), folding)


def _listed(
    request: SyncRequest,
    opened: Opened,
    selection: SideSelection,
    recall: Optional[Recall],
    signed: Optional[Signed],
) -> Tuple[SideScan, Scanned, Scanned]:
    """Return the scan of the source and both listings, with a signed set as the source."""
    scan = opened.source_scan or _source_scan(request, opened, selection)
    source, destination = _scan(request, opened, selection, scan, recall)
    if signed is not None:
        source = signed.take(source, lambda: _list_again(request, opened, selection))
    return scan, source, destination


def _known(
    request: SyncRequest,
    opened: Opened,
    source: Scanned,
    destination: Scanned,
    record: Record,
    recall: Optional[Recall],
    signed: Optional[Signed],
    sealed: Optional[Sealed],
) -> Contents:
    """Return the digests that are known before a file is read. A signed set comes last: a file that is proven by blocks
    alone loses its digest of the record, never its signed digest."""
    contents = _recalled_contents(opened, source, destination, recall, sealed)
    if recall is not None and record.has_text(DELTA):
        contents.by_delta = _by_delta(request, opened, record, contents)
    if signed is not None:
        contents.source = signed.digests
    return contents


def _differing(
    request: SyncRequest, opened: Opened, record: Record, source: Tree, known: Digests, paths: List[RelPath]
) -> Set[RelPath]:
    """Return the files of a push that are seen to differ by their recorded blocks. Not where the digests of all files
    are wanted: in a signed set, a receipt or a drop box."""
    if not opened.sides.push or request.delta == NEVER or not paths or request.sealed:
        return set()
    if (request.sign, request.receipts, request.drop_box) != (None, None, None):
        return set()
    from .changed_blocks import differing  # pylint: disable=import-outside-toplevel

    return differing(record, opened.sides.local, source, known, paths)


def _filter(request: SyncRequest, source: Scanned, now: int, sealed: Optional[Sealed]) -> AbstractSet[RelPath]:
    """Hide the files outside the limits from the source, and return them. They are left alone at the destination."""
    if request.limits is None:
        return frozenset()
    from ..planning.file_limits import outside  # pylint: disable=import-outside-toplevel

    hidden = outside(source.tree if sealed is None else sealed.contents(source.tree), request.limits, now)
    for path in hidden:
        del source.tree[path]
    return hidden


def _extra(request: SyncRequest, source: Scanned, destination: Scanned, now: int) -> AbstractSet[RelPath]:
    """Return the files that only the destination has, and that are left alone because they are outside the limits."""
    if request.limits is None:
        return frozenset()
    from ..planning.file_limits import outside  # pylint: disable=import-outside-toplevel

    return outside(_without(destination.tree, source.tree.keys()), request.limits, now)


def _even_times(opened: Opened, peer: Capabilities, source: Scanned, destination: Scanned) -> None:
    """Let the times of directories count as equal, where the peer cannot store them."""
    if not compares_directory_times(peer.directory_mtime, push=opened.sides.push):
        trees = (source.tree, destination.tree)
        even_directory_times(*(trees[::-1] if opened.sides.push else trees))


def _folding(
    request: SyncRequest,
    opened: Opened,
    selection: SideSelection,
    source: Scanned,
    destination: Scanned,
    record: Record,
    unsent: AbstractSet[RelPath],
) -> Optional[Folding]:
    """Return the names that the destination takes for others; None if the run makes no name and removes none."""
    ours, theirs = source.tree.keys(), destination.tree.keys()
    own = selection.own(made=opened.sides.push and request.sign is not None) - destination.hidden
    if opened.file or (ours <= theirs and not own and not (request.delete and theirs - ours)):
        return None
    from .folding import find_folding  # pylint: disable=import-outside-toplevel

    return find_folding(
        opened,
        source,
        destination,
        record,
        unsent=unsent,
        own=own,
        exposes=selection.exposes,
        removes=request.delete,
        writes=not request.check_mode,
        probes=not request.in_place,
    )


def _without(tree: Tree, paths: AbstractSet[RelPath]) -> Tree:
    return {path: entry for path, entry in tree.items() if path not in paths} if paths else tree


def _adapted(plan: Plan, request: SyncRequest, sealed: Optional[Sealed]) -> Plan:
    """Return the plan with the changes for sealed files and drop boxes."""
    if sealed is not None:
        # The sizes of the source change while files are sealed.
        plan = sealed.with_reasons(plan._replace(actions=tuple(plan.actions)))
    if request.drop_box is not None:
        from ..planning.drop_box_plan import files_only  # pylint: disable=import-outside-toplevel

        plan = files_only(plan)
    return plan


def _recall(request: SyncRequest, opened: Opened, record: Record, signed: Optional[Signed]) -> Optional[Recall]:
    if request.compare != RECORDED:
        return None
    return Recall(record, stamped=opened.sides.local.stamped, peer=signed is None)


def side_scan(
    request: SyncRequest,
    selection: SideSelection,
    side: Transport,
    *,
    is_stage: Callable[[RelPath], bool] = lambda path: False,
) -> SideScan:
    """Return the scan of one side; nothing has been read yet. is_stage: at the destination, whether runs on it
    make a name."""
    return SideScan(side, selection, is_stage=is_stage, read_links=request.links == COPY)


def _source_scan(request: SyncRequest, opened: Opened, selection: SideSelection) -> SideScan:
    """Return the scan of the source. A signed set has the targets of its links."""
    return side_scan(
        request if request.verify is None else request._replace(links=SKIP), selection, opened.sides.source
    )


def _list_again(request: SyncRequest, opened: Opened, selection: SideSelection) -> Scanned:
    """List the source once more."""
    scan = _source_scan(request, opened, selection)
    scan_both(scan, None, opened.sides.progress)
    return scan.result


def _scan(
    request: SyncRequest, opened: Opened, selection: SideSelection, source: SideScan, recall: Optional[Recall]
) -> Tuple[Scanned, Scanned]:
    read_links = request.links == COPY
    destination = opened.destination_scan or side_scan(
        request, selection, opened.sides.destination, is_stage=opened.names.is_litter
    )
    if recall is not None:
        recall.attach(*((source, destination) if opened.sides.push else (destination, source)))
    scan_both(source, None if opened.destination_missing else destination, opened.sides.progress)
    if read_links:
        _restate_links(opened, source.result.tree, destination.result.tree)
    return source.result, destination.result


def _restate_links(opened: Opened, source: Tree, destination: Tree) -> None:
    from ..planning.link_targets import restate_links, states_resolved_links  # pylint: disable=import-outside-toplevel

    if states_resolved_links(opened.sides.peer.identity):
        if opened.sides.push:
            restate_links(destination, source, opened.destination_root)
        else:
            restate_links(source, destination, opened.source_root)


def _litter(source: Scanned, destination: Scanned, opened: Opened) -> List[RelPath]:
    """Return the leftovers of killed runs. A name that the source has too is an ordinary file."""
    for path in [path for path in destination.stages if path in source.tree]:
        destination.tree[path] = destination.stages.pop(path)
    return [path for path in destination.stages if path not in opened.names.open]


def _may_relocate(request: SyncRequest, opened: Opened, sealed: Optional[Sealed]) -> bool:
    """Return whether a file may be moved or copied instead of sent: not without digests, not in a drop box, which
    counts deliveries, and not where each file is encrypted for itself. The set that is published with `sign` keeps all
    its names until the next set is published."""
    if request.compare == SIZE_MTIME or request.sign is not None or request.drop_box is not None:
        return False
    return sealed is None and not opened.file


def _recalled_contents(
    opened: Opened, source: Scanned, destination: Scanned, recall: Optional[Recall], sealed: Optional[Sealed]
) -> Contents:
    if recall is None:
        return Contents({}, {})
    local, peer = (source, destination) if opened.sides.push else (destination, source)
    known = recall.digests(local, peer)
    if sealed is not None:
        known = (sealed.trusted(known[0]), known[1])
    return Contents(*(known if opened.sides.push else known[::-1]))


def _by_delta(request: SyncRequest, opened: Opened, record: Record, contents: Contents) -> Set[RelPath]:
    from .delta_proofs import settle  # pylint: disable=import-outside-toplevel

    return settle(record, request, contents.destination if opened.sides.push else contents.source)


def _plan(
    policy: PlanPolicy,
    opened: Opened,
    source: Scanned,
    destination: Scanned,
    contents: Contents,
    *,
    untouched: AbstractSet[RelPath],
    unlisted: AbstractSet[RelPath],
    respelled: Mapping[RelPath, RelPath],
    peer_hash: Optional[PeerHash],
) -> Plan:
    """peer_hash: if files may be moved and copied at the destination."""

    copies = opened.sides.destination.capabilities.copies

    def relocate(draft: Draft) -> None:
        if peer_hash is not None and draft.may_relocate(copies=copies):
            from .twins import find_twins  # pylint: disable=import-outside-toplevel

            find_twins(draft, opened.sides, contents, peer_hash)

    plan = make_plan(
        source.tree,
        destination.tree,
        policy,
        capabilities=opened.sides.destination.capabilities,
        source_digests=contents.source,
        destination_digests=contents.destination,
        protected=destination.holding,
        untouched=contents.unreadable | source.vanished | untouched,
        unlisted=unlisted,
        complete=source.complete and destination.complete and not contents.problems,
        differing=contents.differing,
        respelled=respelled,
        relocate=relocate,
    )
    others = [Skipped(path, OTHERS_LOCK) for path in source.locks]
    if opened.sides.push:
        others += [Skipped(path, RESERVED) for path in source.apart if path.depth == 1]
    others += contents.vanished + source.unsigned
    return plan._replace(skipped=plan.skipped + tuple(others)) if others else plan


def with_restamps(prepared: Prepared, request: SyncRequest, opened: Opened, paths: Set[RelPath]) -> Plan:
    """Return the plan, with the directories of `paths` (temporary entries outside the plan) among those whose
    mtime is set again at the end."""
    plan = prepared.plan
    if not request.preserve_mtime or not paths:
        return plan
    mine = {path for path, _attributes in plan.restamp}
    more = []
    for parent in sorted({path.parent for path in paths} - mine):
        wanted, present = prepared.source.tree.get(parent), prepared.destination.tree.get(parent)
        if wanted is not None and present is not None and wanted.kind == present.kind == DIRECTORY:
            more.append((parent, Attributes(None, representable(wanted.mtime, opened.sides.destination.capabilities))))
    return plan._replace(restamp=plan.restamp + tuple(more))
