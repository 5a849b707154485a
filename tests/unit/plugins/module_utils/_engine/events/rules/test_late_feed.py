# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.rules.limits import RuleLimits
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.rules.log_health import (
    late_feeds,
    pauses,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.volumes.volumes import (
    UPLOAD,
    Volumes,
)
from support.scenes.transfer_accounts import FIRST_DAY, history

LIMITS = RuleLimits()
START = FIRST_DAY * 24


def volumes_of(kind: str, days: int = 28) -> Volumes:
    volumes = Volumes()
    for hour, size in enumerate(history(kind, days, 0)):
        volumes.add("partner", UPLOAD, (START + hour) * 3600.0, size)
    return volumes


def late_hours(kind: str, limits: RuleLimits = LIMITS) -> list[tuple[int, str, str]]:
    """Return the hours after the last history in which the feed is reported as late."""
    volumes, reported, found = volumes_of(kind), dict[str, int](), []
    for hour in range(28 * 24, 35 * 24):
        for each in late_feeds(volumes, (START + hour) * 3600.0, limits, reported):
            assert each.alert is not None
            found.append((hour - 28 * 24, each.alert.observed, each.alert.expected))
    return found


def test_a_feed_is_late_after_its_longest_pause() -> None:
    assert late_hours("feed") == [(2, "no upload for 3 h", "a pause of at most 1 h, as before")]


def test_a_nightly_batch_is_late_in_the_second_night() -> None:
    ((hour, observed, _expected),) = late_hours("nightly")
    assert 13 <= hour <= 19, "25 h were the longest pause, so that 38 h are late"
    assert observed in ("no upload for 38 h", "no upload for 39 h")


def test_people_and_rare_accounts_are_never_late() -> None:
    assert late_hours("people") == late_hours("rare") == []


def test_a_feed_may_have_a_limit_of_its_own() -> None:
    limits = RuleLimits(feeds={"partner": 7200})
    assert [expected for _hour, _observed, expected in late_hours("feed", limits)] == ["at least every 2 h 0 min"]
    ((hour, _observed, _expected),) = late_hours("people", RuleLimits(feeds={"partner": 4 * 86400}))
    assert hour > 72


def test_the_pauses_of_the_history_are_counted() -> None:
    assert pauses([1, 2, 5]) == [1, 3]
    limits = RuleLimits(feeds={"partner": 3600 * 24})
    (alert,) = late_feeds(volumes_of("nightly"), (START + 30 * 24) * 3600.0, limits, {})
    assert alert.alert is not None
    assert alert.alert.would_have_fired == sum(
        pause > 24 for pause in pauses(volumes_of("nightly").series()["partner", UPLOAD].active_hours())
    )
    assert alert.alert.history_days == 28
