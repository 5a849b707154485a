# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Months of several languages."""

from __future__ import annotations

import calendar

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.listing import month_of


@pytest.mark.parametrize("number", range(1, 13))
def test_english(number: int) -> None:
    assert month_of(calendar.month_abbr[number].encode()) == number
    assert month_of(calendar.month_name[number].upper().encode()) == number


@pytest.mark.parametrize(
    ("word", "number"),
    [
        ("Mär", 3),
        ("Okt", 10),
        ("Dez", 12),
        ("févr.", 2),
        ("août", 8),
        ("déc.", 12),
        ("ene", 1),
        ("11月", 11),
        ("4월", 4),
    ],
)
def test_other_languages(word: str, number: int) -> None:
    assert month_of(word.encode()) == number


@pytest.mark.parametrize("word", [b"", b"xyz", b"\xff\xfe", "13月".encode(), "月".encode(), b"12"])
def test_no_month(word: bytes) -> None:
    assert month_of(word) is None
