# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.rules import event_rules as module
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.rules.event_rules import (
    FirstSeen,
    network_of,
)

DAY = 86400.0
NOW = 20_000 * DAY
LEARN = 14


def test_the_first_login_has_no_history_and_the_first_days_learn() -> None:
    seen = FirstSeen()
    assert seen.add("a", "x", NOW, LEARN) == ("no_history", 0, 0, 0)
    assert seen.add("a", "x", NOW + DAY, LEARN) is None
    assert seen.add("a", "y", NOW + 13 * DAY, LEARN) is None
    assert seen.add("a", "z", NOW + 14 * DAY, LEARN) == ("new", 2, 14, 0)
    assert seen.add("a", "z", NOW + 14 * DAY, LEARN) is None
    assert seen.add("b", "z", NOW + 14 * DAY, LEARN) == ("no_history", 0, 0, 0)


def test_new_values_of_28_days_are_counted() -> None:
    seen = FirstSeen()
    for day in range(0, 100, 10):
        seen.add("a", str(day), NOW + day * DAY, LEARN)
    assert seen.add("a", "x", NOW + 99 * DAY, LEARN) == ("new", 10, 28, 2)


def test_values_that_were_not_used_for_long_are_forgotten() -> None:
    seen = FirstSeen()
    seen.add("a", "x", NOW, LEARN)
    seen.add("a", "y", NOW + DAY, LEARN)
    seen.add("a", "x", NOW + 180 * DAY, LEARN)
    seen.add("a", "z", NOW + 182 * DAY, LEARN)
    assert sorted(seen.written()["a"]["values"]) == ["x", "z"]


def test_the_number_of_values_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_VALUES", 5)
    seen = FirstSeen()
    for number in range(9):
        seen.add("a", str(number), NOW + number * DAY, LEARN)
    assert sorted(seen.written()["a"]["values"]) == ["4", "5", "6", "7", "8"]


def test_the_state_is_read_back() -> None:
    seen = FirstSeen()
    seen.add("a", "x", NOW, LEARN)
    again = FirstSeen.read(json.loads(json.dumps(seen.written())))
    assert again.add("a", "y", NOW + 20 * DAY, LEARN) == seen.add("a", "y", NOW + 20 * DAY, LEARN)
    assert again.written() == seen.written()


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("UNKNOWN", "UNKNOWN"),
        ("", ""),
    ],
)
def test_a_source_is_a_network(address: str, network: str) -> None:
    assert network_of(address) == network
