# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.volumes.limits import VolumeLimits
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.volumes.pattern import (
    MACHINE,
    PEOPLE,
    SPARSE,
    UNKNOWN,
    hour_limit,
    pattern_of,
)
from support.scenes.transfer_accounts import history

LIMITS = VolumeLimits()


@pytest.mark.parametrize(
    ("account", "kind"), [("nightly", MACHINE), ("people", PEOPLE), ("feed", MACHINE), ("rare", SPARSE)]
)
def test_the_back_test_finds_the_kind(account: str, kind: str) -> None:
    found = [pattern_of(history(account, 28, seed), LIMITS).kind for seed in range(5)]
    assert found.count(kind) >= 4


def test_a_short_history_has_no_kind() -> None:
    assert pattern_of(history("feed", 13, 0), LIMITS).kind == UNKNOWN
    assert pattern_of([], LIMITS).kind == UNKNOWN


def test_the_alerts_of_the_history_are_counted() -> None:
    hours = [0] * 28 * 24
    hours[5] = 2 * LIMITS.sparse_floor
    assert pattern_of(hours, LIMITS) == (SPARSE, 1)


def test_each_kind_has_its_limit() -> None:
    hours = [0] * 28 * 24
    hours[::24] = [10**9] * 28
    assert hour_limit(MACHINE, hours, LIMITS) == 10**9 + LIMITS.floor
    assert hour_limit(PEOPLE, hours, LIMITS) == 3 * 10**9
    assert hour_limit(SPARSE, [7], LIMITS) == LIMITS.sparse_floor
    assert hour_limit(PEOPLE, [7], LIMITS) == hour_limit(UNKNOWN, hours, LIMITS) == LIMITS.floor
