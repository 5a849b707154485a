# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OrderedOutcomes: the outcomes of a run in the plan's order. A file that was stored as planned has no object until its
outcome is asked for."""

from __future__ import annotations

from itertools import chain
from typing import Callable, Dict, Iterator, Optional, Sequence, Tuple

from ..errors import SyncError
from .on_demand import OnDemand
from .plan import RELOCATIONS, STORE, Action
from .planned_actions import PlannedActions
from .relpath import RelPath
from .report import Outcome


class OrderedOutcomes(OnDemand[Outcome]):
    """actions: of the plan, and beyond it
    proof_as_planned: returns the proof of a file that was stored as planned
    by_item: the outcomes of all other actions, by path and kind
    """

    def __init__(
        self,
        actions: Sequence[Sequence[Action]],
        by_item: Dict[Tuple[RelPath, str], Outcome],
        proof_as_planned: Callable[[RelPath], Optional[str]],
    ) -> None:
        self._actions = actions
        self._by_item = by_item
        self._proof_as_planned = proof_as_planned

    def errors(self) -> Iterator[SyncError]:
        """Return the errors, in order. No outcome is made."""
        if all(outcome.error is None for outcome in self._by_item.values()):
            return
        for path, kind in chain.from_iterable(map(_keys, self._actions)):
            outcome = self._find(path, kind)
            if outcome is not None and outcome.error is not None:
                yield outcome.error

    def __iter__(self) -> Iterator[Outcome]:
        find, proof_of = self._find, self._proof_as_planned
        for action in chain.from_iterable(self._actions):
            path, kind = action.path, action.action
            outcome = find(path, kind)
            if outcome is None and kind == STORE:
                proof = proof_of(path)
                outcome = None if proof is None else Outcome(action, proof)
            if outcome is not None:
                yield outcome

    def _find(self, path: RelPath, kind: str) -> Optional[Outcome]:
        outcome = self._by_item.get((path, kind))
        if outcome is None and kind in RELOCATIONS:
            outcome = self._by_item.get((path, STORE))  # It was stored instead.
        return outcome


def _keys(actions: Sequence[Action]) -> Iterator[Tuple[RelPath, str]]:
    if isinstance(actions, PlannedActions):
        return actions.keys()
    return ((action.path, action.action) for action in actions)
