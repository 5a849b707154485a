# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prepare: from two open sides to a Plan, with which a dry run (check mode) ends. Nothing but the overlap probe is
written here."""

from __future__ import annotations

from functools import partial
from itertools import chain
from types import MappingProxyType
from typing import (
    TYPE_CHECKING,
    AbstractSet,
    Callable,
    Iterable,
    List,
    Mapping,
    NamedTuple,
    Optional,
    Sequence,
    Set,
    Tuple,
)

from ..errors import SourceChanged
from ..model.plan import Plan, PlanPolicy, Skipped
from ..model.relpath import ROOT, RelPath, folded
from ..model.report import Headline
from ..model.request import COPY, NEVER, RECORDED, SIZE_MTIME, SKIP, SyncRequest
from ..model.tree import DIRECTORY, Attributes, Digests, Tree
from ..planning.compare import compares_directory_times, even_directory_times, representable
from ..planning.planner import Draft, make_plan
from ..transport.base import Capabilities, Transport
from .contents import Contents, Recall
from .feature import Feature, RunParts
from .overlap import Marker
from .record import DELTA, UNKEPT, Record
from .roots import Opened
from .scan import Scanned, SideScan, scan_both
from .selection import SideSelection, unmatched

if TYPE_CHECKING:
    from .folding import Folding

LEFT_OUT = "the listing of the source lacks this entry, which is there under its name: nothing is removed"
RUN_AGAIN = "Run again. If the error stays, the server leaves names out of its listings: exclude this name."
OTHERS_LOCK = "lock file of another run"
RESERVED = "name of the files of signed sets"


class Prepared(NamedTuple):
    """A plan and its inputs.

    started: nanoseconds, our clock, before the scan
    litter: leftovers of killed runs at the destination
    respelled: names that the destination has now, by the names of the source, if it takes them for the same
    probed: temporary files that were made to find that out, and removed
    notes: for people
    """

    plan: Plan
    source: Scanned
    destination: Scanned
    contents: Contents
    litter: List[RelPath]
    started: int
    respelled: Mapping[RelPath, RelPath] = MappingProxyType({})
    probed: AbstractSet[RelPath] = frozenset()
    notes: Sequence[str] = ()


def prepare(
    parts: RunParts,
    features: Sequence[Feature],
    policy: PlanPolicy,
    able: Capabilities,
    marker: Optional[Marker],
) -> Prepared:
    """Scan, compare, plan. Each step changes the listings or digests that the steps after it take:

    1. List both sides. With `delete`, look for the entries that the source lacks, by their names: a listing that leaves
       names out is not complete. Features adapt the listings: a signed set is the source; with sealed files, all later
       steps compare contents.
    2. Even the times of directories, where a side cannot store them.
    3. Refuse a destination within the source, by the whole listings.
    4. Tell leftovers from ordinary files: a name that the source has too goes back into the destination's tree.
    5. Features hide files of the source. Before step 4, these could pass for leftovers.
    6. Take the digests on record of the files that are left. Features adapt them.
    7. Features settle files that need no action: a file that was delivered is not read again.
    8. Find the names that the destination takes for others (`folding`). It may make temporary files for that.
    9. Read the files whose digests are missing. This may take hours, so all steps that leave files out come before.
    10. Plan; features adapt the plan.

    policy: of the plan
    able: the peer's known capabilities
    marker: identifies the destination if it lies in the source; None in check mode

    Raises OverlappingRoots, EmptySource and the errors of make_plan.
    """
    request, opened, record = parts.request, parts.opened, parts.record
    recall = _recall(parts, features)
    scan = opened.source_scan or _source_scan(parts, features)
    source, destination = _scan(parts, scan, recall)
    notes = _unmatched(parts, source)
    if request.delete and source.complete and all(feature.finds_by_name for feature in features):
        _find_left_out(opened.sides.source, source, destination)
    for feature in features:
        source = feature.arrange(source, destination, partial(_list_again, parts, features))
    _even_times(opened, able, source, destination)
    if marker is not None:
        marker.refuse_overlap(opened, source, destination)
    litter = _litter(source, destination, opened)
    filtered = _union(feature.hide(source, scan.started) for feature in features)
    contents = _recalled_contents(opened, source, destination, recall)
    if recall is not None and record.has_text(DELTA):
        contents.by_delta = _by_delta(request, opened, record, contents)
    for feature in features:
        feature.know(contents)
    settled = _union(feature.settle(source, contents, filtered) for feature in features)
    prepared = Prepared(Plan(), source, destination, contents, litter, scan.started, notes=notes)
    folding = _folding(parts, features, source, destination, filtered | settled)
    if folding is not None:
        contents.problems += folding.errors
        contents.unreadable |= folding.held
        prepared = prepared._replace(respelled=folding.renames, probed=folding.probed, notes=[*notes, *folding.notes])
        _even_times(opened, able, source, destination)
    if request.compare != SIZE_MTIME:
        contents.settle(
            opened.sides,
            {path: entry for path, entry in source.tree.items() if path not in settled} if settled else source.tree,
            destination.tree,
            parts.peer_hash,
            partial(_differing, parts, features, source.tree, contents.destination),
        )
    left_alone = _union(feature.left_alone(source, destination, scan.started) for feature in features)
    planned = _plan(parts, features, policy, prepared, filtered | settled | left_alone)
    for feature in features:
        planned = feature.adapt(planned)
    return prepared._replace(plan=planned)


def _union(sets: Iterable[AbstractSet[RelPath]]) -> AbstractSet[RelPath]:
    return frozenset().union(*sets)


def _find_left_out(side: Transport, source: Scanned, destination: Scanned) -> None:
    """Add the entries to the source's problems that its listing lacks, and that it has under their names."""
    listed, hidden = source.tree, source.hidden
    lacking = destination.tree.keys() - listed.keys() - hidden
    # Behind a link, the source has other entries.
    parents = {ROOT} | {path for path, entry in listed.items() if entry.kind == DIRECTORY}
    tops = sorted(path for path in lacking if path.parent in parents)
    there = [path for path, entry, _error in side.look(tops) if entry is not None] if tops else []
    if there:
        directories = {path.parent for path in there}
        forms = {(each.parent, folded(each.name)) for each in chain(listed, hidden) if each.parent in directories}
        # A source without regard to case finds an entry by the name that it had before.
        left_out = [path for path in there if (path.parent, folded(path.name)) not in forms]
        source.problems += [SourceChanged(LEFT_OUT, path=path, cure=RUN_AGAIN) for path in left_out]


def _differing(
    parts: RunParts, features: Sequence[Feature], source: Tree, known: Digests, paths: List[RelPath]
) -> Set[RelPath]:
    """Return the files of a push that are seen to differ by their recorded blocks. Not where the digests of all files
    are wanted: in a signed set, a receipt or a drop box."""
    request, sides = parts.request, parts.opened.sides
    if not (sides.push and paths and all(feature.takes_blocks for feature in features)):
        return set()
    if request.delta == NEVER or request.attests:
        return set()
    from .changed_blocks import differing  # pylint: disable=import-outside-toplevel

    return differing(parts.record, sides.local, source, known, paths)


def _even_times(opened: Opened, able: Capabilities, source: Scanned, destination: Scanned) -> None:
    """Let the times of directories count as equal, where the peer cannot store them."""
    if not compares_directory_times(able.directory_mtime, push=opened.sides.push):
        trees = (source.tree, destination.tree)
        even_directory_times(*(trees[::-1] if opened.sides.push else trees))


def _folding(
    parts: RunParts,
    features: Sequence[Feature],
    source: Scanned,
    destination: Scanned,
    unsent: AbstractSet[RelPath],
) -> Optional[Folding]:
    """Return the names that the destination takes for others; None if the run makes no name and removes none."""
    request, opened, selection = parts.request, parts.opened, parts.selection
    ours, theirs = source.tree.keys(), destination.tree.keys()
    own = selection.own(made=opened.sides.push) - destination.hidden
    if opened.file or (ours <= theirs and not own and not (request.delete and theirs - ours)):
        return None
    from .folding import find_folding  # pylint: disable=import-outside-toplevel

    return find_folding(
        opened,
        source,
        destination,
        parts.record,
        unsent=unsent,
        own=own,
        exposes=selection.exposes,
        removes=request.delete,
        writes=not request.check_mode,
        probes=all(feature.makes_others for feature in features),
    )


def _recall(parts: RunParts, features: Sequence[Feature]) -> Optional[Recall]:
    if parts.request.compare != RECORDED:
        return None
    peer = all(feature.believes_peer for feature in features)
    return Recall(parts.record, stamped=parts.opened.sides.local.stamped, peer=peer)


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


def _source_scan(parts: RunParts, features: Sequence[Feature]) -> SideScan:
    reads_links = all(feature.reads_links for feature in features)
    request = parts.request if reads_links else parts.request._replace(links=SKIP)
    return side_scan(request, parts.selection, parts.opened.sides.source)


def _list_again(parts: RunParts, features: Sequence[Feature]) -> Scanned:
    """List the source once more."""
    scan = _source_scan(parts, features)
    scan_both(scan, None, parts.opened.sides.progress)
    return scan.result


def _scan(parts: RunParts, source: SideScan, recall: Optional[Recall]) -> Tuple[Scanned, Scanned]:
    opened = parts.opened
    destination = opened.destination_scan or side_scan(
        parts.request, parts.selection, opened.sides.destination, is_stage=opened.names.is_litter
    )
    if recall is not None:
        recall.attach(*((source, destination) if opened.sides.push else (destination, source)))
    scan_both(source, None if opened.destination_missing else destination, opened.sides.progress)
    if parts.request.links == COPY:
        _restate_links(opened, source.result.tree, destination.result.tree)
    return source.result, destination.result


def _unmatched(parts: RunParts, source: Scanned) -> List[str]:
    """Return a note if the filters select nothing from a source that is not empty. Raises EmptySource."""
    if source.tree or not source.complete or not (parts.request.include or parts.request.require_match):
        return []
    own = {parts.selection.trash, parts.selection.archive}
    others = source.hidden - source.apart.keys() - own - set(source.directories)
    fact = unmatched(parts.request, len(others))
    return [] if fact is None else [Headline(fact)]


def _restate_links(opened: Opened, source: Tree, destination: Tree) -> None:
    from ..planning.compare import restate_links, states_resolved_links  # pylint: disable=import-outside-toplevel

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


def _may_relocate(parts: RunParts, features: Sequence[Feature]) -> bool:
    """Return whether a file may be moved or copied instead of sent: not without digests."""
    if parts.request.compare == SIZE_MTIME or parts.opened.file:
        return False
    return all(feature.relocates for feature in features)


def _recalled_contents(opened: Opened, source: Scanned, destination: Scanned, recall: Optional[Recall]) -> Contents:
    if recall is None:
        return Contents({}, {})
    local, peer = (source, destination) if opened.sides.push else (destination, source)
    known = recall.digests(local, peer)
    return Contents(*(known if opened.sides.push else known[::-1]))


def _by_delta(request: SyncRequest, opened: Opened, record: Record, contents: Contents) -> Set[RelPath]:
    from .changed_blocks import settle  # pylint: disable=import-outside-toplevel

    return settle(record, request, contents.destination if opened.sides.push else contents.source)


def _plan(
    parts: RunParts,
    features: Sequence[Feature],
    policy: PlanPolicy,
    prepared: Prepared,
    untouched: AbstractSet[RelPath],
) -> Plan:
    opened, source, destination, contents = parts.opened, prepared.source, prepared.destination, prepared.contents
    copies = opened.sides.destination.capabilities.copies

    def relocate(draft: Draft) -> None:
        if _may_relocate(parts, features) and draft.may_relocate(copies=copies):
            from .twins import find_twins  # pylint: disable=import-outside-toplevel

            find_twins(draft, opened.sides, contents, parts.peer_hash)

    request, there, errors = parts.request, destination.tree, contents.problems
    if (request.check_mode or request.compare == SIZE_MTIME) and parts.record.has_text(UNKEPT):
        from .unkept import foreseen  # pylint: disable=import-outside-toplevel

        there, more = foreseen(request, parts.record, source.tree, there, parts.outcomes)
        errors += more
    plan = make_plan(
        source.tree,
        there,
        policy,
        capabilities=opened.sides.destination.capabilities,
        source_digests=contents.source,
        destination_digests=contents.destination,
        protected=destination.holding,
        untouched=contents.unreadable | source.vanished | untouched,
        unlisted=destination.unlisted,
        complete=source.complete and destination.complete and not errors,
        differing=contents.differing,
        respelled=prepared.respelled,
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
