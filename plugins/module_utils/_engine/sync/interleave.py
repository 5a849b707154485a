# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two streams of work in one thread, step by step in turn: while one end is read here, the other's replies arrive."""

from __future__ import annotations

from typing import Iterable, Iterator, Tuple, TypeVar

__all__ = ["interleaved"]

T = TypeVar("T")


def interleaved(first: Iterable[T], second: Iterable[T]) -> Iterator[Tuple[bool, T]]:
    """Yield the items of both in turn, each with whether it is of `first`; then the rest of the longer iterable."""
    turns = [(True, iter(first)), (False, iter(second))]
    while turns:
        for turn in tuple(turns):
            is_first, items = turn
            try:
                yield is_first, next(items)
            except StopIteration:
                turns.remove(turn)
