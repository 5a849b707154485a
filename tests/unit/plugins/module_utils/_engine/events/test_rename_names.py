# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.work import (
    MOST_MEANINGS,
    are_too_many,
    ends_of_first,
)


@pytest.mark.parametrize(
    ("names", "mark", "places"), [("/a /b /c", " /", [2, 5]), ("aaa", "aa", [0, 1]), ("/a", " /", []), ("", " ", [])]
)
def test_each_place_counts_also_if_marks_overlap(names: str, mark: str, places: list[int]) -> None:
    assert ends_of_first(names, mark) == places
    assert ends_of_first(names.encode(), mark.encode()) == places


def test_places_before_the_start_do_not_count() -> None:
    assert ends_of_first(b" / /", b" /", 1) == [2]


@pytest.mark.parametrize("more", [0, 1, 1000])
def test_one_place_more_than_the_limit_shows_that_there_are_too_many(more: int) -> None:
    places = ends_of_first(b"/" + b" /" * (MOST_MEANINGS + more), b" /")
    assert len(places) == MOST_MEANINGS + min(more, 1)
    assert are_too_many([(b"", b"")] * len(places)) == bool(more)
