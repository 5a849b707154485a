# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The days of a trash: their names, and which of them are expired."""

from __future__ import annotations

import calendar

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    DIRECTORY,
    FILE,
    LINK,
    Entry,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.trash_retention import (
    TrashDays,
    day_name,
    sort_days,
)

LAST_SECOND = calendar.timegm((2026, 12, 1, 23, 59, 59))
DAY_OF_NOW = b"secure_sync-2026-12-01"


def found(*names: bytes, kind: str = DIRECTORY, now: float = LAST_SECOND, max_age: int = 2) -> TrashDays:
    entry = Entry(kind, 0, 0, 0o700)
    return sort_days([(RelPath(b".t/" + name), entry) for name in names], now=now, max_age=max_age)


def test_a_day_has_one_name() -> None:
    assert day_name(LAST_SECOND) == DAY_OF_NOW == day_name(LAST_SECOND - 86399)
    assert day_name(LAST_SECOND + 1) == b"secure_sync-2026-12-02"


def test_an_entry_of_the_last_second_of_a_day_stays_for_all_its_days() -> None:
    """Files of 29 November came by its last second: two days later is the last second of 1 December."""
    kept, older = b"secure_sync-2026-11-29", b"secure_sync-2026-11-28"
    assert found(kept, older).expired == [b".t/" + older]
    assert found(kept, older, now=LAST_SECOND + 1).expired == [b".t/" + older, b".t/" + kept]


def test_the_oldest_day_is_first() -> None:
    names = [b"secure_sync-2026-10-02", b"secure_sync-2025-12-31", b"secure_sync-2026-09-30"]
    assert found(*names).expired == [b".t/" + name for name in sorted(names)]


@pytest.mark.parametrize("now", [LAST_SECOND - 86400, 0, 86399], ids=["a day before", "1970", "still 1970"])
def test_nothing_is_expired_if_the_newest_day_is_yet_to_come(now: float) -> None:
    days = found(b"secure_sync-2020-01-01", DAY_OF_NOW, b"other", now=now)
    assert days == TrashDays((), RelPath(b".t/" + DAY_OF_NOW), [RelPath(b".t/other")])


@pytest.mark.parametrize(
    "name",
    [
        b"2020-01-01",
        b"secure_sync-2020-1-1",
        b"secure_sync-2020-02-30",
        b"secure_sync-2020-01-01 ",
        b"secure_sync-2020-01-01\n",
        b"secure_sync-2020-01-01.1",
        b"secure_sync-20-01-01",
        b"Secure_Sync-2020-01-01",
        b"secure_sync--020-01-01",
        "secure_sync-\u0662020-01-01".encode(),
        b"secure_sync-\xff",
        b"secure_sync-",
    ],
    ids=repr,
)
def test_any_other_name_is_left(name: bytes) -> None:
    assert found(name) == TrashDays([], None, [RelPath(b".t/" + name)])


@pytest.mark.parametrize("kind", [FILE, LINK])
def test_a_name_of_a_day_that_is_no_directory_is_left(kind: str) -> None:
    name = b"secure_sync-2020-01-01"
    assert found(name, kind=kind) == TrashDays([], None, [RelPath(b".t/" + name)])
