# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Listing: the order of changes for people, and the limits of a list. Removals come first.

removals and changes of kind, by path -> replacements -> new entries -> attributes -> files that leave the source
-> expired entries of the trash
"""

from __future__ import annotations

from typing import Dict, List, NamedTuple, Optional, Sequence

from ..._engine.model.plan import EXPIRE_TRASH, KIND, REMOVE, SET_ATTRIBUTES, STORE, Action, Remove, Write

__all__ = ["Change", "Listing", "by_effect", "listing", "size_of"]

REMOVAL = "removal"
CHANGE_OF_KIND = "change of kind"
REPLACEMENT = "replacement"
NEW = "new entry"
ATTRIBUTES = "change of attributes"
DEPARTURE = "departure from the source"
EXPIRY = "expired entry of the trash"
EFFECTS = (REMOVAL, CHANGE_OF_KIND, REPLACEMENT, NEW, ATTRIBUTES, DEPARTURE, EXPIRY)

MOST_REMOVALS = 1000
"""Removals and changes of kind that are listed even if `max_listed` is lower."""


class Change(NamedTuple):
    """An action that was done or, in check mode, would be."""

    action: Action
    proof: Optional[str] = None


class Listing(NamedTuple):
    """The changes to list.

    removals: removals and changes of kind
    more_removals, more_others: how many are left out
    """

    removals: Sequence[Change]
    more_removals: int
    others: Sequence[Change]
    more_others: int


def listing(changes: Sequence[Change], most: int) -> Listing:
    """Return the changes to list, in order: at most `most`, and MOST_REMOVALS that take something away."""
    effects = by_effect(changes)
    removals = sorted(effects[REMOVAL] + effects[CHANGE_OF_KIND], key=lambda change: change.action.path)
    others = effects[REPLACEMENT] + effects[NEW] + effects[ATTRIBUTES] + effects[DEPARTURE] + effects[EXPIRY]
    limit = max(most, MOST_REMOVALS)
    return Listing(removals[:limit], max(0, len(removals) - limit), others[:most], max(0, len(others) - most))


def by_effect(changes: Sequence[Change]) -> Dict[str, List[Change]]:
    """Return the changes by each of EFFECTS, in their order."""
    effects: Dict[str, List[Change]] = {effect: [] for effect in EFFECTS}
    for change in changes:
        effects[_effect(change.action)].append(change)
    return effects


def _effect(action: Action) -> str:
    if isinstance(action, Remove):
        return {REMOVE: REMOVAL, EXPIRE_TRASH: EXPIRY}.get(action.action, DEPARTURE)
    if action.reason == KIND:
        return CHANGE_OF_KIND
    if action.action == SET_ATTRIBUTES:
        return ATTRIBUTES
    return NEW if action.present is None else REPLACEMENT


def size_of(action: Action) -> int:
    """Return the bytes that an action removes or stores."""
    if isinstance(action, Write):
        return action.wanted.size if action.action == STORE else 0
    return action.present.size
