# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Narrowing: find the item at which sessions end, among hundreds that are under way at the same time.

A lost session is normal: everything that is left goes into the next session. If that is lost too, and little was done
in between, an item may be the cause. Then the items that can have been under way, the first of the rest, go in small
shares. A share whose session is lost goes item by item. An item that goes alone and loses as many sessions as there are
retries has failed; all others are done.
"""

from __future__ import annotations

import random
from collections import deque
from typing import Deque, Generic, Hashable, List, Mapping, Optional, TypeVar

from ..errors import Stalled, SyncError
from .backoff import MOST_IN_A_ROW

Key = TypeVar("Key", bound=Hashable)

UNDER_WAY = 2048
"""Largest number of items under way at once, for any transport and operation."""
SHARE = 32
MANY = 1024
"""Items done between two losses that show that no single item is the cause: more than one flight of requests."""


class Narrowing(Generic[Key]):
    """Finds the items that end sessions.

    pending: the items left, in their order; the caller takes out each that is done
    ordered: they must be tried in this order
    attempts: sessions that one item may lose alone
    """

    def __init__(self, pending: Mapping[Key, object], *, attempts: int, ordered: bool) -> None:
        self._pending = pending
        self._attempts = attempts
        self._ordered = ordered
        self._few: Deque[List[Key]] = deque()
        self._left_at_loss: Optional[int] = None
        self._lost_alone = 0

    def share(self) -> List[Key]:
        """Return the items for the next attempt."""
        return self._left(self._few[0]) if self._few else list(self._pending)

    def share_done(self) -> bool:
        """Take note that the last share is done; return whether more may be left."""
        if not self._few:
            return False
        self._next_share()
        return True

    def _next_share(self) -> None:
        self._lost_alone = 0
        self._few.popleft()
        while self._few and not self._left(self._few[0]):
            self._few.popleft()

    def _left(self, keys: List[Key]) -> List[Key]:
        return [key for key in keys if key in self._pending]

    def lost(self, error: SyncError, *, failed_before: int, useful: bool = False) -> List[Key]:
        """Take note of a lost session and return the items that have failed with it, in general none.

        failed_before: how many items failed in a row before this, with nothing done in between. Raise `error` if that
        shows that the sessions themselves are of no use.
        useful: whether the session brought a file further, so that it counts as no failure of an item alone
        """
        done = self._done_since_loss()
        if not self._few:
            if failed_before >= MOST_IN_A_ROW:
                raise error
            if (done is not None and done < MANY) or isinstance(error, Stalled):
                self._split()
            return []
        if failed_before >= MOST_IN_A_ROW:
            return self._give_up_few()
        if useful and len(self._left(self._few[0])) == 1:
            self._lost_alone = 0
            return []
        return self._narrow(attempts=1 if failed_before else self._attempts)

    def _done_since_loss(self) -> Optional[int]:
        """Return how many items were done since the last loss; None at the first loss."""
        before, self._left_at_loss = self._left_at_loss, len(self._pending)
        return None if before is None else before - self._left_at_loss

    def _split(self) -> None:
        keys = list(self._pending)[:UNDER_WAY]
        if not self._ordered:
            # Items of one kind stand together; mixed with others, they are not taken for a useless server.
            random.Random(len(keys)).shuffle(keys)  # noqa: S311 - no secret depends on it
        self._few.extend(keys[start : start + SHARE] for start in range(0, len(keys), SHARE))

    def _narrow(self, *, attempts: int) -> List[Key]:
        left = self._left(self._few[0])
        self._lost_alone += len(left) == 1
        if len(left) == 1 and self._lost_alone < attempts:
            return []
        self._next_share()
        if len(left) == 1:
            return left
        self._few.extendleft([key] for key in reversed(left))
        return []

    def _give_up_few(self) -> List[Key]:
        keys = [key for few in self._few for key in self._left(few)]
        self._few.clear()
        return keys
