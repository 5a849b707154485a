# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CopyStore: a batch of files is copied by the peer from other files of its tree. The copies are stages: they are
proven, and get their final names, like stages that were sent. Loaded by such runs only."""

from __future__ import annotations

from typing import List, Sequence, Tuple

from ..model import plan
from ..model.plan import Write
from ..model.relpath import RelPath
from ..model.tree import Digests, Tree
from ..transport.base import Staged, Transfer
from .store import Ready, Store


class CopyStore(Store):
    """See Store. Pushes only.

    present: the destination's tree as it was planned on
    wanted: the known digests of the source
    left: the files that must be stored after all
    """

    present: Tree
    wanted: Digests

    def files(self, actions: Sequence[Write]) -> None:
        """Carry out one batch of COPY actions. All copies are made before a file gets its final name."""
        self.left: List[Write] = []
        ready, unproven = self._prove(actions, self._stage(actions))
        self._commit(self._set_late_modes(ready))
        self._leave([action for action, _error in unproven])

    def _leave(self, actions: Sequence[Write]) -> None:
        self.left += [action._replace(action=plan.STORE, origin=None) for action in actions]

    def _stage(self, actions: Sequence[Write]) -> List[Staged]:
        of = {action.path: action for action in actions}
        staged: List[Staged] = []
        for one in self._sides.peer.copy([self._copy(action, old) for action, old in _with_origins(actions)]):
            path = one.transfer.path
            if one.error is None:
                transfer = one.transfer._replace(source=path, entry=of[path].wanted)
                staged.append(one._replace(transfer=transfer, digest=self.wanted[path]))
            else:
                if not one.error.retryable:  # else the server may hold the stage still: it is removed at the end
                    self._names.release(one.transfer.stage)
                self._leave([of[path]])
        return staged

    def _copy(self, action: Write, old: RelPath) -> Transfer:
        return self._transfer(action)._replace(source=old, entry=self.present[old])

    def _renamed(self, one: Ready) -> None:
        super()._renamed(one)
        self._outcomes.stats["bytes_saved"] += one.action.wanted.size


def _with_origins(actions: Sequence[Write]) -> List[Tuple[Write, RelPath]]:
    return [(action, action.origin) for action in actions if action.origin is not None]
