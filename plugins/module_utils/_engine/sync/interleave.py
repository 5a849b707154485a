# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two streams of work in one thread, step by step in turn: while one end is read here, the other's replies arrive."""

from __future__ import annotations

from typing import Iterable, Iterator, List, TypeVar

First = TypeVar("First")
Second = TypeVar("Second")


def interleaved(first: Iterable[First], second: Iterable[Second]) -> Iterator[First | Second]:
    """Yield the items of both in turn; then the rest of the longer iterable."""
    turns: List[Iterator[First | Second]] = [iter(first), iter(second)]
    while turns:
        for items in tuple(turns):
            try:
                yield next(items)
            except StopIteration:
                turns.remove(items)
