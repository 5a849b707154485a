# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.volumes.limits import VolumeLimits
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.volumes.pattern import MACHINE
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.volumes.volumes import (
    UPLOAD,
    Volumes,
)
from support.scenes.transfer_accounts import FIRST_DAY, KINDS, history

LIMITS = VolumeLimits()
START = FIRST_DAY * 24
BEFORE = 28


def at(hour: int) -> float:
    return (START + hour) * 3600.0


def learned(hours: list[int]) -> Volumes:
    volumes = Volumes()
    for hour, size in enumerate(hours[: BEFORE * 24]):
        volumes.add("partner", UPLOAD, at(hour), size, learn=True)
    return volumes


def watched(volumes: Volumes, hours: list[int], *, saved: bool = False) -> Iterator[tuple[str, int]]:
    """Yield the rules that fire after the learned days, and the hour."""
    for hour, size in enumerate(hours[BEFORE * 24 :], start=BEFORE * 24):
        volumes.add("partner", UPLOAD, at(hour), size)
        if saved:
            volumes = Volumes.read(json.loads(json.dumps(volumes.written())))
        for each in volumes.judge(at(hour), LIMITS):
            yield each.unusual.rule, hour


@pytest.mark.parametrize("kind", KINDS)
def test_usual_days_are_quiet_and_a_theft_at_night_is_found(kind: str) -> None:
    alarms: Counter[str] = Counter()
    for seed in range(2):
        hours = history(kind, BEFORE + 14, seed)
        alarms.update(rule for rule, _hour in watched(learned(hours), hours))
        night = (BEFORE + 2) * 24 + 3
        hours[night] += 20 * 10**9
        assert ("volume_hour", night) in list(watched(learned(hours), hours))
    assert sum(alarms.values()) <= 1, alarms


def test_a_state_that_is_saved_at_each_hour_finds_the_same() -> None:
    hours = history("feed", BEFORE + 3, 1)
    hours[(BEFORE + 2) * 24 + 7] *= 10
    found = list(watched(learned(hours), hours))
    assert found
    assert list(watched(learned(hours), hours, saved=True)) == found


def test_an_hour_is_reported_once_however_often_it_grows() -> None:
    volumes = learned(history("nightly", BEFORE, 0))
    found = []
    for _turn in range(5):
        volumes.add("partner", UPLOAD, at(BEFORE * 24 + 15), 10**9)
        found += volumes.judge(at(BEFORE * 24 + 15), LIMITS)
    assert [each.unusual.rule for each in found] == ["volume_hour"]
    assert found[0].unusual.kind == MACHINE


def test_no_baseline_is_reported_once_a_day() -> None:
    volumes, found = Volumes(), []
    for hour in range(48):
        volumes.add("partner", UPLOAD, at(hour), 10**9)
        found += volumes.judge(at(hour), LIMITS)
    assert [(each.unusual.rule, each.hour - START) for each in found] == [("no_baseline", 0), ("no_baseline", 24)]


def test_days_without_a_pass_are_judged_later() -> None:
    hours = history("feed", 56, 3)
    grown = [*hours[: 42 * 24], *(2 * size for size in hours[42 * 24 :])]
    volumes = Volumes()
    for hour, size in enumerate(grown):
        volumes.add("partner", UPLOAD, at(hour), size, learn=hour < 42 * 24)
        if hour == 42 * 24:
            volumes.judge(at(hour), LIMITS)
    found = volumes.judge(at(56 * 24), LIMITS)
    assert [each.hour for each in found if each.unusual.rule == "volume_drift"] == [START + 44 * 24]


def test_nothing_counts_without_bytes() -> None:
    volumes = Volumes()
    volumes.add("partner", UPLOAD, at(0), 0)
    assert not volumes.series()
