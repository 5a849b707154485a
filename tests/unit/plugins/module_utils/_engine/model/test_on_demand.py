# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Items that are made on demand behave like the tuple of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.on_demand import OnDemand


class Doubles(OnDemand[int]):
    def __init__(self, *numbers: int) -> None:
        self.numbers = numbers

    def __iter__(self) -> Iterator[int]:
        return (2 * number for number in self.numbers)


def test_like_the_tuple() -> None:
    made = Doubles(1, 2, 3)
    assert made == (2, 4, 6) == made
    assert made == Doubles(1, 2, 3)
    assert made != (2, 4)
    assert made != [2, 4, 6]
    assert (len(made), made[0], made[-1], made[1:]) == (3, 2, 6, (4, 6))
    assert repr(made) == "(2, 4, 6)"
    assert 4 in made
    assert 3 not in made


def test_an_empty_sequence_is_false() -> None:
    assert not Doubles()
    assert Doubles(0)


def test_it_has_no_hash() -> None:
    with pytest.raises(TypeError):
        hash(Doubles(1))
