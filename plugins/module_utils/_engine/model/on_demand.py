# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OnDemand: a sequence whose items are made when they are asked for."""

from __future__ import annotations

from abc import abstractmethod
from typing import Iterator, Sequence, Tuple, TypeVar, overload

T = TypeVar("T")


class OnDemand(Sequence[T]):
    """Equal to the tuple of the same items. Made to be passed through: a single item costs as much as all of them."""

    @abstractmethod
    def __iter__(self) -> Iterator[T]: ...

    def __len__(self) -> int:
        return sum(1 for _item in self)

    def __bool__(self) -> bool:
        return any(True for _item in self)

    @overload
    def __getitem__(self, position: int) -> T: ...

    @overload
    def __getitem__(self, position: slice) -> Tuple[T, ...]: ...

    def __getitem__(self, position: int | slice) -> T | Tuple[T, ...]:
        return tuple(self)[position]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, (OnDemand, tuple)) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]  # equal to a tuple, whose hash would need all items

    def __repr__(self) -> str:
        return repr(tuple(self))
