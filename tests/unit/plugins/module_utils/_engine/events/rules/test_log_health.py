# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.rules.limits import RuleLimits
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.rules.log_health import LogHealth

LIMITS = RuleLimits()
NOW = 20_000 * 86400.0


def fired(health: LogHealth, lines: int, unknown: int, now: float) -> bool:
    return health.add(lines, unknown, now, LIMITS) is not None


def test_the_share_of_unknown_lines_is_reported_once_an_hour() -> None:
    health = LogHealth()
    assert not fired(health, 60, 30, NOW), "too few lines for a share"
    assert fired(health, 60, 30, NOW + 60)
    assert not fired(health, 60, 30, NOW + 120)
    assert not fired(health, 1000, 20, NOW + 3600), "two percent are allowed"
    alert = health.add(1000, 21, NOW + 7200, LIMITS)
    assert alert is not None
    assert alert.alert is not None
    assert alert.alert[:3] == ("parser_unknown", "unknown lines of this hour: 21 of 1000", "at most 2.0 %")
    assert alert.alert.would_have_fired == 1


def test_a_share_needs_its_number_of_lines() -> None:
    assert not fired(LogHealth(), LIMITS.unknown_lines - 1, LIMITS.unknown_lines - 1, NOW)
    assert fired(LogHealth(), LIMITS.unknown_lines, LIMITS.unknown_lines, NOW)


def test_the_state_is_read_back() -> None:
    health = LogHealth()
    fired(health, 60, 30, NOW)
    again = LogHealth.read(json.loads(json.dumps(health.written(NOW))))
    assert again.written(NOW) == health.written(NOW)
    assert fired(again, 60, 30, NOW + 60)
