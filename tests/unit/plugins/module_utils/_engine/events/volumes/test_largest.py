# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.volumes.pattern import (
    fired,
    limit_of_largest,
)


@pytest.mark.parametrize(("past", "limit"), [([], 50), ([1, 2], 50), ([10, 100, 30], 300)])
def test_the_limit_is_a_number_of_times_the_largest(past: list[int], limit: int) -> None:
    assert limit_of_largest(past, 3.0, 50) == limit


@pytest.mark.parametrize(
    ("past", "found"),
    [([], []), ([50], []), ([51], [0]), ([10, 301, 100], [1]), ([10, 300, 100], []), ([900, 900], [])],
)
def test_the_history_is_judged_without_the_largest_itself(past: list[int], found: list[int]) -> None:
    assert fired(past, 3.0, 50) == found
