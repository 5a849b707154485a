# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The changes of a run, done or, in check mode, foreseen: their counts, their order for people, and the limits of a
list.

removals and changes of kind, by path -> replacements -> new entries -> attributes -> files that leave the source
-> expired entries of the trash
"""

from __future__ import annotations

from collections import Counter
from typing import Dict, Iterable, Iterator, List, NamedTuple, Optional, Sequence

from ..._engine.model.plan import EXPIRE_TRASH, KIND, RELOCATIONS, REMOVE, SET_ATTRIBUTES, STORE, Action, Remove, Write
from ..._engine.model.report import UNPROVEN, SyncReport

REMOVAL = "removal"
CHANGE_OF_KIND = "change of kind"
REPLACEMENT = "replacement"
NEW = "new entry"
ATTRIBUTES = "change of attributes"
DEPARTURE = "file that leaves the source"
EXPIRY = "expired entry of the trash"
REMOVALS = (REMOVAL, CHANGE_OF_KIND)
OTHERS = (REPLACEMENT, NEW, ATTRIBUTES, DEPARTURE, EXPIRY)
EFFECTS = (*REMOVALS, *OTHERS)

MOST_REMOVALS = 1000
"""Removals and changes of kind that are listed even if `max_listed` is lower."""


class Effect:
    """The changes of one effect: their number, their bytes, and the first, which may be listed."""

    __slots__ = ("count", "first", "size")

    def __init__(self) -> None:
        self.count = 0
        self.size = 0
        self.first: List[Change] = []


class Listing(NamedTuple):
    """The changes to list.

    removals: removals and changes of kind
    more_removals, more_others: how many are left out
    effects: all changes by each of EFFECTS, in their order
    """

    removals: Sequence[Change]
    more_removals: int
    others: Sequence[Change]
    more_others: int
    effects: Dict[str, Effect]


def listing(changes: Iterable[Change], most: int) -> Listing:
    """Return the changes to list, in order: at most `most`, and MOST_REMOVALS that take something away."""
    effects = _by_effect(changes, most)
    removals = [change for effect in REMOVALS for change in effects[effect].first]
    removals.sort(key=lambda change: change.action.path)
    others = [change for effect in OTHERS for change in effects[effect].first][:most]
    more = sum(effects[effect].count for effect in OTHERS) - len(others)
    limit = max(most, MOST_REMOVALS)
    return Listing(removals[:limit], max(0, len(removals) - limit), others, more, effects)


def _by_effect(changes: Iterable[Change], most: int) -> Dict[str, Effect]:
    """Return the changes by each of EFFECTS; of OTHERS at most `most` each are kept."""
    effects = {effect: Effect() for effect in EFFECTS}
    for change in changes:
        name = _effect(change.action)
        effect = effects[name]
        effect.count += 1
        effect.size += size_of(change.action)
        if len(effect.first) < most or name in REMOVALS:
            effect.first.append(change)
    return effects


def _effect(action: Action) -> str:
    if isinstance(action, Remove):
        return {REMOVE: REMOVAL, EXPIRE_TRASH: EXPIRY}.get(action.action, DEPARTURE)
    if action.reason == KIND:
        return CHANGE_OF_KIND
    if action.action == SET_ATTRIBUTES:
        return ATTRIBUTES
    return NEW if action.present is None else REPLACEMENT


class Change(NamedTuple):
    """An action that was done or, in check mode, would be."""

    action: Action
    proof: Optional[str] = None


class Changes(Iterable[Change]):
    """The changes of a run, each made when its turn comes: a million of them need no memory."""

    def __init__(self, report: SyncReport, *, check_mode: bool) -> None:
        self._report = report
        self._check_mode = check_mode

    def __iter__(self) -> Iterator[Change]:
        if self._check_mode:
            return map(Change, self._report.plan.actions)
        return (Change(done.action, done.proof) for done in self._report.outcomes if done.error is None)


class Tally:
    """The counts of changes.

    actions: by kind
    stored: bytes of stored files
    proofs: stored, moved and copied files by kind of proof
    """

    def __init__(self) -> None:
        self.actions: Dict[str, int] = Counter()
        self.stored = 0
        self.proofs: Dict[str, int] = Counter()

    def counting(self, changes: Iterable[Change]) -> Iterator[Change]:
        """Return the changes, and count each on its way."""
        actions, proofs = self.actions, self.proofs
        for change in changes:
            action, proof = change
            kind = action.action
            actions[kind] += 1
            if kind == STORE:
                self.stored += size_of(action)
            if kind == STORE or (isinstance(action, Write) and kind in RELOCATIONS and not action.respells):
                proofs[proof or UNPROVEN] += 1
            yield change


def size_of(action: Action) -> int:
    if isinstance(action, Write):
        return action.wanted.size if action.action == STORE else 0
    return action.present.size
