# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Listing: the order of changes for people, and the limits of a list. Removals come first.

removals and changes of kind, by path -> replacements -> new entries -> attributes -> files that leave the source
-> expired entries of the trash
"""

from __future__ import annotations

from typing import Dict, Iterable, List, NamedTuple, Sequence

from ..._engine.model.plan import EXPIRE_TRASH, KIND, REMOVE, SET_ATTRIBUTES, Action, Remove
from .changes import Change, size_of

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
