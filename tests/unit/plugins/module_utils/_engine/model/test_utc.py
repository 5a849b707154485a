# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times as text and back."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.utc import (
    in_a_name,
    parse_name,
    parse_utc,
    utc,
)

MOMENT = 1796097600


def test_for_people() -> None:
    assert utc(MOMENT) == "2026-12-01T04:00:00Z"
    assert parse_utc(utc(MOMENT)) == MOMENT


@pytest.mark.parametrize("moment", [1 << 60, -(1 << 60)])
def test_a_day_that_no_calendar_has(moment: int) -> None:
    assert utc(moment) == f"@{moment}"


def test_in_a_name() -> None:
    assert in_a_name(MOMENT) == "20261201T040000Z"
    assert parse_name(in_a_name(MOMENT)) == MOMENT
    assert sorted([in_a_name(MOMENT + 1), in_a_name(MOMENT)]) == [in_a_name(MOMENT), in_a_name(MOMENT + 1)]


@pytest.mark.parametrize("text", ["", "2026-12-01", "20261301T040000Z", "@1"])
def test_other_text(text: str) -> None:
    for parse in (parse_utc, parse_name):
        with pytest.raises(ValueError, match="time data"):
            parse(text)
