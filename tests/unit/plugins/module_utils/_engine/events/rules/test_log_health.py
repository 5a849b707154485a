# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.rules.limits import RuleLimits
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.rules.log_health import (
    LogHealth,
    Reading,
)

LIMITS = RuleLimits()
NOW = 20_000 * 86400.0


def rules_of(health: LogHealth, reading: Reading, now: float) -> list[str]:
    return [each.action for each in health.add(reading, now, LIMITS)]


def test_a_probe_without_a_line_is_silence() -> None:
    health = LogHealth()
    assert rules_of(health, Reading(5, newest=NOW), NOW) == []
    assert rules_of(health, Reading(probe=NOW + 1000), NOW + 1060) == [], "there was no time to write the line"
    (alert,) = health.add(Reading(probe=NOW + 1000), NOW + 1320, LIMITS)
    assert alert.alert is not None
    assert alert.alert.observed == "no line for 22 min 0 s, although a probe logged in 5 min 20 s ago"
    assert alert.alert.would_have_fired == 0
    assert rules_of(health, Reading(probe=NOW + 1000), NOW + 1400) == [], "reported once"


def test_silence_that_ends_and_comes_again_is_reported_again() -> None:
    health = LogHealth()
    assert rules_of(health, Reading(probe=NOW), NOW + 400) == ["log_silent"]
    assert rules_of(health, Reading(1, newest=NOW + 500, probe=NOW + 490), NOW + 900) == []
    (again,) = health.add(Reading(probe=NOW + 1000), NOW + 1400, LIMITS)
    assert again.alert is not None
    assert again.alert.would_have_fired == 1


def test_without_a_probe_silence_is_unknown() -> None:
    assert rules_of(LogHealth(), Reading(), NOW) == []


def test_the_share_of_unknown_lines_is_reported_once_an_hour() -> None:
    health = LogHealth()
    assert rules_of(health, Reading(60, 30), NOW) == [], "too few lines for a share"
    assert rules_of(health, Reading(60, 30), NOW + 60) == ["parser_unknown"]
    assert rules_of(health, Reading(60, 30), NOW + 120) == []
    assert rules_of(health, Reading(1000, 20), NOW + 3600) == [], "two percent are allowed"
    (alert,) = health.add(Reading(1000, 21), NOW + 7200, LIMITS)
    assert alert.alert is not None
    assert alert.alert[:3] == ("parser_unknown", "21 of 1000 lines of this hour are unknown", "at most 2.0 %")
    assert alert.alert.would_have_fired == 1


def test_the_state_is_read_back() -> None:
    health = LogHealth()
    rules_of(health, Reading(60, 30, newest=NOW, probe=NOW + 100), NOW + 900)
    again = LogHealth.read(json.loads(json.dumps(health.written(NOW))))
    assert again.written(NOW) == health.written(NOW)
    assert rules_of(again, Reading(60, 30, probe=NOW + 100), NOW + 960) == ["parser_unknown"]
