# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes: the actions of a run that were done or, in check mode, would be; and their counts."""

from __future__ import annotations

from collections import Counter
from typing import Dict, Iterable, Iterator, NamedTuple, Optional

from ..._engine.model.plan import RELOCATIONS, STORE, Action, Write
from ..._engine.model.report import UNPROVEN, SyncReport


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
    """Return the bytes that an action removes or stores."""
    if isinstance(action, Write):
        return action.wanted.size if action.action == STORE else 0
    return action.present.size
