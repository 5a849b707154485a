# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""make_plan: two trees and a policy become a Plan. Pure, except for `relocate`: no side is asked, nothing is changed.

1. Refuse a link in the source if `links` is error, and an empty source if `delete` would then remove everything.
2. Look at each source entry that differs from the destination (one loop over everything drops the others):
   - missing, or of another kind: create it; an entry of another kind is removed first
   - a file: compare size, then digests or mtime (`compare`); store it if the content differs
   - content equal: correct mode and mtime where the policy preserves them (`attributes`)
   - special files, and links that are skipped or lead out of the root: skip them, with the reason
3. Drop all actions at and below entries that were skipped or could not be read, and those for entries that the
   destination may have although its listing lacks them (`unlisted`).
4. With `delete`: remove the entries that the source lacks (`removals`). Excluded entries and their parents stay.
   Nothing is removed if a listing is incomplete.
5. Move and copy files whose content the destination has under another name, instead of storing them (`relocations`).
   The caller may have to hash files for that, so it gets the draft.
6. Refuse the whole plan if it removes more than the limit.

"""

from __future__ import annotations

from functools import partial
from operator import itemgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, AbstractSet, Callable, Iterator, List, Mapping, Optional, Set, Tuple

from ..errors import EmptySource, KindConflict, Refused, TooManyDeletions
from ..model import plan
from ..model.plan import SPECIAL_FILE, Action, Plan, PlanPolicy, Remove, Skipped, Write
from ..model.relpath import RelPath
from ..model.request import COPY, ERROR, SIZE_MTIME
from ..model.tree import DIRECTORY, FILE, LINK, PERMISSION_BITS, SPECIAL, Attributes, Digests, Entry, Tree, known_alike
from .compare import AttributeRules, MtimeRange, content_reason

if TYPE_CHECKING:
    from ..model.on_demand import FileStores, PlannedActions


SMALLEST_COPY = 1 << 16
"""Bytes from which on a copy at the destination is cheaper than the transfer: it takes as many requests."""

SKIPPED_LINK = "symbolic link, links are skipped"
LEAVING_LINK = "symbolic link whose target could lead out of the root"
NOTHING_GIVES_WAY = "the destination has an entry of another kind, and nothing is removed while a listing is incomplete"
Unsettled = Tuple[RelPath, Entry, Optional[Entry]]
"""A path of the source, its entry, and the destination's entry of that name."""


def _nothing(draft: Draft) -> None:
    """Store every file."""


def make_plan(
    source: Tree,
    destination: Tree,
    policy: PlanPolicy,
    *,
    capabilities: MtimeRange,
    source_digests: Optional[Digests] = None,
    destination_digests: Optional[Digests] = None,
    protected: AbstractSet[RelPath] = frozenset(),
    untouched: AbstractSet[RelPath] = frozenset(),
    unlisted: AbstractSet[RelPath] = frozenset(),
    complete: bool = True,
    differing: AbstractSet[RelPath] = frozenset(),
    respelled: Mapping[RelPath, RelPath] = MappingProxyType({}),
    relocate: Callable[[Draft], None] = _nothing,
) -> Plan:
    """Return the changes that make the destination equal to the source.

    Both trees are the result of the filters; they hold link targets if `policy.links` is copy.
    capabilities: of the destination
    digests: of the files, used if `policy.compare` is recorded or checksum
    protected: directories at the destination that hold entries outside the tree (excluded, reserved): never removed,
    nor their parents
    untouched: entries that get no action, nor anything below them (the source could not be read there)
    unlisted: directories of the destination whose listing failed or is not whole: an entry that it lacks may be there,
    so it gets no action
    complete: whether both sides' listings are complete; if not, nothing is removed and nothing changes its kind
    differing: files without a digest at the source whose content is seen to be another than at the destination
    respelled: the present names of entries that the destination's tree shows by their new names
    relocate: called with the draft if it stores files

    A directory that stays in the place of an entry of another kind is a conflict of the plan, and all others go on.
    Raises, before any change: Refused (a link, if `policy.links` is error), EmptySource, TooManyDeletions.
    """
    _refuse_links(source, policy)
    if policy.delete and complete and destination and not source and not policy.allow_empty_source:
        raise EmptySource(
            "src: is empty, or every entry is excluded; with delete the destination would lose all its entries",
            cure="Check that the source is mounted and the filters are right, or set allow_empty_source.",
        )
    digests = None if policy.compare == SIZE_MTIME else (source_digests or {}, destination_digests or {})
    draft = Draft(source, destination, policy, capabilities, digests, complete=complete)
    draft.differing = differing
    for path, wanted, present in unsettled(source, destination, draft.rules, digests):
        draft.consider(path, wanted, present)
    for path, old in respelled.items():
        draft.respell(path, old)
    draft.leave_alone(untouched)
    draft.withhold(unlisted)
    draft.remove(protected)
    if draft.stores and not draft.conflicts:  # A move waits for a run without failures.
        relocate(draft)
    return draft.finish()


def _refuse_links(source: Tree, policy: PlanPolicy) -> None:
    if policy.links != ERROR:
        return
    first = min((path for path, entry in source.items() if entry.kind == LINK), default=None)
    if first is not None:
        raise Refused(
            "the source holds a symbolic link, and links is set to error",
            path=first,
            cure="Remove or exclude the link, or set links to skip or copy.",
        )


class Draft:
    """A plan while it is being made.

    stores: the files to store, except for those that replace an entry of another kind
    actions, removals: the other changes so far
    held: entries that get no action, nor anything below them
    withheld: number of entries without an action because of `unlisted`
    differing: see make_plan
    """

    def __init__(
        self,
        source: Tree,
        destination: Tree,
        policy: PlanPolicy,
        capabilities: MtimeRange,
        digests: Optional[Tuple[Digests, Digests]],
        *,
        complete: bool,
    ) -> None:
        self.source = source
        self.destination = destination
        self.policy = policy
        self.rules = AttributeRules(policy, capabilities)
        self.digests = digests
        self.complete = complete
        self.stores: Optional[FileStores] = None
        self.removals: List[Remove] = []
        self.actions: List[Write] = []
        self.skipped: List[Skipped] = []
        self.giving_way: Set[RelPath] = set()
        self.held: Set[RelPath] = set()
        self.withheld = 0
        self.conflicts: List[KindConflict] = []
        self.differing: AbstractSet[RelPath] = frozenset()

    def consider(self, path: RelPath, wanted: Entry, present: Optional[Entry]) -> None:
        """Take up one entry of the source."""
        reason = self._skip_reason(path, wanted)
        if reason is not None:
            self._hold(path, reason)
        elif present is None:
            self._make(path, wanted, None)
        elif present.kind != wanted.kind:
            self._change_kind(path, wanted, present)
        elif wanted.kind == FILE:
            self._compare_file(path, wanted, present)
        elif wanted.kind == DIRECTORY:
            self._mend(path, wanted, present)
        elif wanted.target != present.target:
            # A link's content is its target.
            self.actions.append(Write(path, plan.LINK, plan.DIGEST, wanted, present))

    def _skip_reason(self, path: RelPath, wanted: Entry) -> Optional[str]:
        if wanted.kind == SPECIAL:
            return SPECIAL_FILE
        if wanted.kind != LINK:
            return None
        if self.policy.links != COPY:
            return SKIPPED_LINK
        from .compare import stays_inside  # pylint: disable=import-outside-toplevel

        return None if stays_inside(path, wanted.target or b"") else LEAVING_LINK

    def _hold(self, path: RelPath, reason: str) -> None:
        self.skipped.append(Skipped(path, reason))
        self.held.add(path)

    def _change_kind(self, path: RelPath, wanted: Entry, present: Entry) -> None:
        if not self.complete:
            self._hold(path, NOTHING_GIVES_WAY)
            return
        if present.kind == DIRECTORY:
            self.giving_way.add(path)
        else:
            self.removals.append(Remove(path, plan.KIND, present))
        self._make(path, wanted, present)

    def _make(self, path: RelPath, wanted: Entry, present: Optional[Entry]) -> None:
        reason = plan.MISSING if present is None else plan.KIND
        if wanted.kind == FILE and present is None:
            self._store(path, reason)
        elif wanted.kind == FILE:
            self.actions.append(Write(path, plan.STORE, reason, wanted, present, self.rules.of_file(wanted, None)))
        elif wanted.kind == DIRECTORY:
            attributes = self.rules.of_directory(wanted)
            self.actions.append(Write(path, plan.CREATE_DIRECTORY, reason, wanted, present, attributes))
        else:
            self.actions.append(Write(path, plan.LINK, reason, wanted, present))

    def _compare_file(self, path: RelPath, wanted: Entry, present: Entry) -> None:
        known = None if self.digests is None else (self.digests[0].get(path), self.digests[1].get(path))
        reason = content_reason(
            wanted,
            present,
            capabilities=self.rules.capabilities,
            digests=known,
            mtime_preserved=self.policy.preserve_mtime,
        )
        if reason is None:
            self._mend(path, wanted, present)
        else:
            self._store(path, plan.DIGEST if path in self.differing else reason)

    def _store(self, path: RelPath, reason: str) -> None:
        if self.stores is None:
            from ..model.on_demand import FileStores  # pylint: disable=import-outside-toplevel

            self.stores = FileStores(self.source, self.destination, self.rules.of_file)
        self.stores.add(path, reason)

    def _mend(self, path: RelPath, wanted: Entry, present: Entry) -> None:
        mending = self.rules.mending(wanted, present)
        if mending is not None:
            reason, attributes = mending
            self.actions.append(Write(path, plan.SET_ATTRIBUTES, reason, wanted, present, attributes))

    def respell(self, path: RelPath, old: RelPath) -> None:
        """Give an entry that stays the name of the source."""
        wanted, present = self.source[path], self.destination[path]
        if wanted.kind == present.kind:
            self.actions.append(Write(path, plan.MOVE, plan.MISSING, wanted, present, origin=old))

    def may_relocate(self, *, copies: bool) -> bool:
        """Return whether a file could be moved, or copied if the destination copies files."""
        if self.removals:
            return True
        return copies and self.stores is not None and any(size >= SMALLEST_COPY for size in self.stores.sizes)

    def leave_alone(self, untouched: AbstractSet[RelPath]) -> None:
        """Drop actions for `untouched` entries, and for entries below an entry that is not made."""
        self.held |= untouched
        if not self.held:
            return
        from .removals import inside  # pylint: disable=import-outside-toplevel

        self.giving_way = {path for path in self.giving_way if not inside(path, self.held)}
        self.removals = [action for action in self.removals if not inside(action.path, self.held)]
        self.actions = [action for action in self.actions if not inside(action.path, self.held)]
        if self.stores is not None:
            self.stores.keep(lambda path: not inside(path, self.held))
        self.skipped = [skipped for skipped in self.skipped if not inside(skipped.path, untouched)]

    def withhold(self, unlisted: AbstractSet[RelPath]) -> None:
        """Drop actions for entries that the destination may have although its listing lacks them, and count them: they
        could replace an unknown file, which would be neither counted nor kept in the trash. Entries that an incomplete
        listing shows are known, and get their actions; so does the directory itself."""
        if not unlisted:
            return
        from .removals import may_be_there  # pylint: disable=import-outside-toplevel

        before = len(self.actions) + len(self.stores or ())
        hidden = partial(may_be_there, self.destination, unlisted)
        self.actions = [action for action in self.actions if not hidden(action.path)]
        if self.stores is not None:
            self.stores.keep(lambda path: not hidden(path))
        self.withheld = before - len(self.actions) - len(self.stores or ())

    def remove(self, protected: AbstractSet[RelPath]) -> None:
        """Add the removals, and find the conflicts."""
        if not self.policy.delete:
            self._conflict(
                self.giving_way,
                "the destination has a directory where the source has an entry of another kind",
                "Set delete to remove the directory with its content, or move it away by hand.",
            )
        if not self.policy.delete or not self.complete:
            return
        from .removals import plan_removals  # pylint: disable=import-outside-toplevel

        lacking = self.destination.keys() - self.source.keys()
        found = plan_removals(
            self.destination,
            lacking,
            giving_way=self.giving_way,
            held=self.held,
            protected=protected,
            links=self.policy.links,
        )
        self._conflict(
            found.staying,
            "this directory must be removed, but holds entries that are excluded, skipped or special",
            "Move those entries away by hand, or change the filters, then run again.",
        )
        self.removals += found.actions
        self.skipped += found.skipped

    def _conflict(self, directories: AbstractSet[RelPath], text: str, cure: str) -> None:
        """Leave the entries alone that would take the place of `directories`."""
        if directories:
            self.conflicts += [KindConflict(text, path=path, cure=cure) for path in sorted(directories)]
            self.leave_alone(directories)

    def finish(self) -> Plan:
        """Return the plan. A removal comes before an action that reuses its name. Raises TooManyDeletions."""
        deletions = sum(action.present.kind != DIRECTORY for action in self.removals)
        if self.removals:
            from .removals import check_limit  # pylint: disable=import-outside-toplevel

            try:
                check_limit(self.destination, self.removals, self.policy.max_delete)
            except TooManyDeletions as refusal:
                refusal.refused = self._sorted()
                raise
        return Plan(
            actions=self._sorted(),
            restamp=tuple(self._restamp()),
            skipped=tuple(sorted(self.skipped)),
            deletions=deletions,
            withheld=self.withheld,
            conflicts=tuple(self.conflicts),
        )

    def _sorted(self) -> Tuple[Action, ...] | PlannedActions:
        actions: List[Action] = [*self.removals, *self.actions]
        actions.sort(key=itemgetter(0))
        if not self.stores:
            return tuple(actions)
        from ..model.on_demand import PlannedActions  # pylint: disable=import-outside-toplevel

        self.stores.sort()
        return PlannedActions(self.stores, actions)

    def _restamp(self) -> Iterator[Tuple[RelPath, Attributes]]:
        if not self.policy.preserve_mtime:
            return
        own = {action.path for action in self.actions if action.action in (plan.CREATE_DIRECTORY, plan.SET_ATTRIBUTES)}
        written = (action for action in self.actions if action.action != plan.SET_ATTRIBUTES)
        changing: List[Action] = [*self.removals, *written]
        left = {action.origin.parent for action in self.actions if action.action == plan.MOVE and action.origin}
        filling = set() if self.stores is None else {path.parent for path in self.stores.paths}
        for parent in sorted(({action.path.parent for action in changing} | left | filling) - own):
            entry = self.source.get(parent)
            if entry is not None and entry.kind == DIRECTORY:
                yield parent, Attributes(None, self.rules.mtime(entry))


def unsettled(
    source: Tree, destination: Tree, rules: AttributeRules, digests: Optional[Tuple[Digests, Digests]]
) -> Iterator[Unsettled]:
    """Return everything that may need an action: all entries but files and directories that are clearly equal.

    This is the loop of a run without changes: it makes no object for an equal entry. mtimes within one step of the
    destination's clock are equal regardless of its limits.
    """
    find = destination.get
    step = rules.capabilities.mtime_precision
    any_mtime = not rules.policy.preserve_mtime and digests is not None
    bits = PERMISSION_BITS if rules.policy.preserve_mode and rules.policy.modes_kept else 0
    find_wanted, find_present = (None, None) if digests is None else (digests[0].get, digests[1].get)
    alike = frozenset() if digests is None else known_alike(*digests)
    for path, wanted in source.items():
        present = find(path)
        if present is not None:
            kind, size, mtime, mode, _digest = wanted
            old_kind, old_size, old_mtime, old_mode, _old_digest = present
            if (
                kind == old_kind
                and size == old_size
                and (mtime == old_mtime or any_mtime or mtime // step == old_mtime // step)
                and not (mode ^ old_mode) & bits
            ):
                if kind == DIRECTORY:
                    continue
                if kind == FILE:
                    if find_wanted is None or find_present is None or path in alike:
                        continue
                    digest = find_wanted(path)
                    if digest is not None and digest == find_present(path):
                        continue
        yield path, wanted, present
