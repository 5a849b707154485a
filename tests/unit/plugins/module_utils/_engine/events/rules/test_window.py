# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.rules import event_rules as module
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.rules.event_rules import Window

NOW = 1_800_000_000.0


def test_each_new_highest_count_is_returned_once() -> None:
    window = Window(10)
    assert [window.add("a", NOW + each) for each in range(3)] == [1, 2, 3]
    assert window.add("b", NOW) == 1
    assert window.count("a", NOW + 5) == 3


def test_counts_leave_the_window() -> None:
    window = Window(10)
    for minute in range(30):
        window.add("a", NOW + 60 * minute)
    assert window.count("a", NOW + 60 * 29) == 10
    assert window.count("a", NOW + 60 * 38) == 1
    assert window.count("a", NOW + 60 * 39) == 0


def test_a_burst_fires_once_and_the_next_burst_again() -> None:
    window = Window(10)
    highest = [window.add("a", NOW + 60 * minute) for minute in range(100)]
    assert highest.count(10) == 1
    later = [window.add("a", NOW + 3600 * 10 + each) for each in range(10)]
    assert later.count(10) == 1
    assert window.peaks.at_least(10, NOW) == 1, "the second burst has not ended"


def test_a_sweep_ends_quiet_bursts_only() -> None:
    window = Window(10)
    window.add("a", NOW)
    window.add("b", NOW + 300)
    window.sweep(NOW + 660)
    assert window.peaks.at_least(1, NOW) == 1
    window.sweep(NOW + 3600)
    assert window.peaks.at_least(1, NOW) == 2


def test_the_number_of_subjects_is_bounded() -> None:
    window = Window(10)
    for number in range(module.MOST_SUBJECTS + 500):
        window.add(str(number), NOW + number / 100)
    kept = window.written(NOW)["bursts"]
    assert len(kept) == module.MOST_SUBJECTS
    assert kept[0][0] == "500"


def test_a_window_is_read_back_in_the_middle_of_a_burst() -> None:
    window = Window(10)
    for _each in range(4):
        window.add("a", NOW)
    again = Window.read(json.loads(json.dumps(window.written(NOW))), 10)
    assert again.add("a", NOW) == window.add("a", NOW) == 5
    assert again.written(NOW) == window.written(NOW)
