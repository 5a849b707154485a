# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.rules.peaks import Peaks

DAY = 86400.0
NOW = 20_000 * DAY


def test_episodes_are_counted_against_any_threshold() -> None:
    peaks = Peaks()
    for value in (3, 3, 20, 7_000_000):
        peaks.add(NOW, value)
    assert [peaks.at_least(value, NOW) for value in (1, 3, 4, 20, 21, 1_000_001)] == [4, 4, 2, 2, 1, 0]


def test_only_28_days_count() -> None:
    peaks = Peaks()
    for day in range(40):
        peaks.add(NOW + day * DAY, 5)
    assert peaks.at_least(5, NOW + 39 * DAY) == 29, "today and 28 days before"
    assert peaks.history_days(NOW + 39 * DAY) == 28
    assert peaks.history_days(NOW + 3 * DAY) == 3


def test_a_quiet_history_begins_too() -> None:
    peaks = Peaks()
    assert peaks.history_days(NOW) == 0
    peaks.start(NOW)
    peaks.start(NOW + 9 * DAY)
    assert peaks.history_days(NOW + 10 * DAY) == 10


def test_a_history_is_read_back() -> None:
    peaks = Peaks()
    peaks.add(NOW, 5)
    again = Peaks.read(json.loads(json.dumps(peaks.written(NOW))))
    assert again.written(NOW) == peaks.written(NOW)
    assert again.at_least(5, NOW) == 1
