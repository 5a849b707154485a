# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Feature: what an option of a request adds to the steps of a run. `_features` has the list, in the order in which each
step goes through it. The module of a feature is loaded for runs that have it only."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, AbstractSet, Any, Callable, Dict, Iterator, NamedTuple, Optional, Sequence, Set, Tuple

from ..model.plan import Action, Plan
from ..model.relpath import RelPath
from ..model.report import SetSize, SignedSet
from ..model.request import FileLimits, SyncRequest
from ..model.tree import FILE, Entry, Tree
from ..transport.base import Transfer
from .contents import PeerHash, PlainForm
from .outcomes import Outcomes
from .record import Record
from .roots import Opened
from .scan import Scanned
from .selection import SideSelection

if TYPE_CHECKING:
    from .claim import Claim
    from .contents import Contents
    from .prepare import Prepared
    from .proof import Prover
    from .sessions import Sessions
    from .store import Store, StoreParts

_SECOND = 1_000_000_000


class RunParts(NamedTuple):
    """The parts of a run between two open sides, which its steps and its features share."""

    request: SyncRequest
    opened: Opened
    selection: SideSelection
    record: Record
    outcomes: Outcomes
    peer_hash: PeerHash


class Feature:
    """A feature that adds nothing to any step.

    notes: for people
    actions: of the plan, after all others
    stats: counters of the report
    signed_set, set_size: the set that the run read or published, and the part of it that was pulled
    content_check: of the report
    acts_alone: whether there may be something to do although the plan is empty
    equal_proof: of files that are equal before the run; None for the proof by the record

    What the run may do, if all its features agree:

    finds_by_name: look for entries of the source by names that its listing lacks
    reads_links: read the targets of links of the source
    believes_peer: take and write records of the peer's files
    makes_others: make names besides those of the files, to find out how the destination takes names
    checks_names: look how the destination keeps new names
    relocates: move or copy files at the destination instead of sending them
    takes_blocks: send large files by blocks
    keeps_root: keep the root that it made, if it ends before its plan
    """

    notes: Sequence[str] = ()
    actions: Tuple[Action, ...] = ()
    signed_set: Optional[SignedSet] = None
    set_size: Optional[SetSize] = None
    content_check: Optional[Dict[str, Any]] = None
    acts_alone = False
    equal_proof: Optional[str] = None
    finds_by_name = reads_links = believes_peer = makes_others = checks_names = relocates = takes_blocks = (
        keeps_root
    ) = True

    def __init__(self) -> None:
        self.stats: Dict[str, int] = {}

    def begin(self, claim: Optional[Claim]) -> None:
        """Begin, when the destination is claimed. claim: None in check mode."""

    # the plan, see `prepare`

    def arrange(self, source: Scanned, destination: Scanned, list_again: Callable[[], Scanned]) -> Scanned:
        """Adapt the listings, and return the source. list_again: lists it once more."""
        return source

    def hide(self, source: Scanned, now: int) -> AbstractSet[RelPath]:
        """Take files out of the source, which are then left alone at the destination, and return them. now:
        nanoseconds."""
        return frozenset()

    def know(self, contents: Contents) -> None:
        """Adapt the digests that are known before a file is read."""

    def settle(self, source: Scanned, contents: Contents, hidden: AbstractSet[RelPath]) -> AbstractSet[RelPath]:
        """Return the files of the source that need no action. hidden: see `hide`."""
        return frozenset()

    def left_alone(self, source: Scanned, destination: Scanned, now: int) -> AbstractSet[RelPath]:
        """Return the files that only the destination has, and that stay there. now: nanoseconds."""
        return frozenset()

    def adapt(self, planned: Plan) -> Plan:
        """Return the plan with the changes of this feature."""
        return planned

    def planned(self, prepared: Prepared) -> None:
        """Learn the plan. In check mode the run ends with this step."""

    # the work

    def trash_place(self) -> Optional[Callable[[], RelPath]]:
        """Return a function for the directory that takes removed and replaced files; None for the trash itself."""
        return None

    def before_step(self) -> None:
        """Prepare for a step that cannot be undone."""

    def store(self, parts: StoreParts) -> Optional[Store]:
        """Return the store of the run; None for the store by its plan."""
        return None

    def prover(self, contents: Contents) -> Optional[Prover]:
        """Return the prover of the run; None for the prover by its policy."""
        return None

    def staged(self, transfer: Transfer) -> Transfer:
        """Return the transfer of a file with the stage that this feature wants."""
        return transfer

    def before_removals(self) -> None:
        """Act between the last file and the first removal."""

    def ended(self) -> None:
        """Keep the results of the work, also of work that failed."""

    def finish(self) -> None:
        """Act after all work that did not raise."""

    def close(self) -> None:
        """Release resources at the end of the run."""


class Limits(Feature):
    """Files outside the limits of size and age are left alone."""

    def __init__(self, limits: FileLimits, form: PlainForm) -> None:
        super().__init__()
        self._limits, self._form = limits, form

    def hide(self, source: Scanned, now: int) -> AbstractSet[RelPath]:
        hidden = self._outside(self._form.tree(source.tree), now)
        for path in hidden:
            del source.tree[path]
        self.stats["files_filtered"] = len(hidden)
        return hidden

    def left_alone(self, source: Scanned, destination: Scanned, now: int) -> AbstractSet[RelPath]:
        extra = {path: entry for path, entry in destination.tree.items() if path not in source.tree}
        return self._outside(extra, now)

    def _outside(self, tree: Tree, now: int) -> AbstractSet[RelPath]:
        return outside(tree, self._limits, now)


def features_of(parts: RunParts, sessions: Sessions, stack: ExitStack) -> Tuple[Feature, ...]:
    """Return the features of a run, in their order. stack: removes private files at the end."""
    return tuple(_features(parts, sessions, stack))


def _features(parts: RunParts, sessions: Sessions, stack: ExitStack) -> Iterator[Feature]:
    # pylint: disable=import-outside-toplevel
    request, form, signed = parts.request, PlainForm(parts.opened.sides, parts.peer_hash), None
    if request.verify is not None:
        from .signed_source import SignedSource

        signed = SignedSource(parts, request.verify, sessions, stack)
        yield signed
    if sessions.sealed is not None:
        from .sealed_listing import SealedListing

        sessions.sealed.attach(parts.record, parts.opened.file)
        listing = SealedListing(sessions.sealed, parts.outcomes, signed)
        form = listing.form(form)
        yield listing
    if sessions.content is not None:
        from .content_check import ContentChecking

        yield ContentChecking(parts, sessions.content)
    if request.limits is not None:
        yield Limits(request.limits, form)
    if request.sign is not None:
        from .publish import Publication

        yield Publication(parts, request.sign, form)
    if request.drop_box is not None and request.drop_box.marker is not None:
        from .markers import MarkedBox

        yield MarkedBox(parts, request.drop_box, form)
    elif request.drop_box is not None:
        from .drop_box import DropBox

        yield DropBox(parts, request.drop_box, form)
    if request.partial is not None:
        from .partials import Partials

        yield Partials(parts, request.partial)
    if request.trash_max_age is not None:
        from .trash_retention import TrashRetention

        yield TrashRetention(parts, request.trash_max_age)


def outside(tree: Tree, limits: FileLimits, now: int) -> Set[RelPath]:
    """Return the regular files outside the limits. now: nanoseconds since 1970, to which ages refer."""
    youngest = None if limits.min_age is None else now - limits.min_age * _SECOND
    oldest = None if limits.max_age is None else now - limits.max_age * _SECOND

    def is_outside(entry: Entry) -> bool:
        return (
            (youngest is not None and entry.mtime > youngest)
            or (oldest is not None and entry.mtime < oldest)
            or (limits.min_size is not None and entry.size < limits.min_size)
            or (limits.max_size is not None and entry.size > limits.max_size)
        )

    return {path for path, entry in tree.items() if entry.kind == FILE and is_outside(entry)}
