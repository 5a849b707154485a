# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PairBook: the pairs of a run, from earlier runs, from a signed index, and from this run."""

from __future__ import annotations

from typing import Dict, Iterable, List, Mapping, Optional, Tuple

from ..model.relpath import RelPath
from .pairs import Pair, Pairs


class PairBook:
    """recipients: recipients_id of the readers of a push; "" on a pull, where a pair counts for all recipients.

    known: pairs of earlier runs
    index: content of each file by a signed index: size and digest; None without an index
    """

    def __init__(self, recipients: str = "") -> None:
        self.recipients = recipients
        self.known: Pairs = {}
        self.index: Optional[Dict[RelPath, Tuple[int, bytes]]] = None
        self._made: Pairs = {}

    def of(self, plain: RelPath, size: int) -> Optional[Pair]:
        """Return the pair of a file of `size` bytes, if its sealed form may still be right."""
        pair = self.known.get(plain)
        return pair if pair is not None and pair.size == size and self.is_for_all(pair) else None

    def is_for_all(self, pair: Pair) -> bool:
        """Return whether the readers of a push, and no others, can open the sealed form."""
        return not self.recipients or pair.recipients == self.recipients

    def is_stale(self, plain: RelPath) -> bool:
        """Return whether the file was sealed for other recipients."""
        pair = self.known.get(plain)
        return pair is not None and not self.is_for_all(pair)

    def made(self, plain: RelPath, pair: Pair) -> None:
        """Note a pair of this run. It counts once its sealed form was proven: see `settle`."""
        self._made[plain] = pair

    def with_digest(self, plain: RelPath, stored_digest: bytes) -> Optional[Pair]:
        """Return the pair of a sealed form, of this run or an earlier run."""
        pairs = (self._made.get(plain), self.known.get(plain))
        return next((pair for pair in pairs if pair is not None and pair.stored_digest == stored_digest), None)

    def settle(self, proven: Mapping[RelPath, Optional[bytes]]) -> List[Tuple[RelPath, Pair]]:
        """Take over the pairs whose sealed form was proven and has its name. proven: digests by name of the content.
        Return the new pairs."""
        fresh = []
        for plain, digest in proven.items():
            pair = self._made.get(plain)
            if pair is not None and pair.stored_digest == digest and not self._knows(plain, pair):
                self.known[plain] = pair
                fresh.append((plain, pair))
        return fresh

    def _knows(self, plain: RelPath, pair: Pair) -> bool:
        """Return whether a pair is known. A pull does not show the recipients of a sealed form."""
        known = self.known.get(plain)
        return known is not None and pair in (known, known._replace(recipients=""))

    def keep_only(self, plains: Iterable[RelPath]) -> bool:
        """Forget the pairs of other files; return whether there were any."""
        kept = {plain: self.known[plain] for plain in plains if plain in self.known}
        gone = len(kept) != len(self.known)
        self.known = kept
        return gone
