# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.event import (
    DOWNLOAD,
    LOGIN,
    SESSION_SUMMARY,
    UPLOAD,
    Alert,
    Event,
    Summary,
    line_of,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.rules.limits import (
    RULES,
    RuleLimits,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.rules.watch import Watch
from jsonschema import Draft202012Validator
from support.scenes.transfer_accounts import FIRST_DAY, history

LIMITS = RuleLimits()
START = FIRST_DAY * 24
VALIDATOR = Draft202012Validator(json.loads((Path(__file__).parents[7] / "docs/event.schema.json").read_text()))


def at(hour: float) -> float:
    return (START + hour) * 3600


def learned(kind: str = "nightly") -> Watch:
    watch = Watch(LIMITS, at(28 * 24))
    past = [Event(at(hour), UPLOAD, account="partner", received=size) for hour, size in enumerate(history(kind, 28, 0))]
    past.append(Event(at(1), LOGIN, account="partner", address="192.0.2.7"))
    assert [alert for event in past for alert in watch.add(event)] == []
    assert watch.end_pass(700, 0, at(28 * 24), at(28 * 24)) == []
    return watch


def alerts_of(watch: Watch, *events: Event, now: float, unknown: int = 0) -> list[Event]:
    found = [alert for event in events for alert in watch.add(event)]
    return [*found, *watch.end_pass(200, unknown, None, now)]


def test_an_alert_is_an_event_with_its_reasons() -> None:
    watch = learned()
    (alert,) = alerts_of(
        watch, Event(at(28 * 24 + 10), DOWNLOAD, account="partner", sent=3 << 30), now=at(28 * 24 + 10.5)
    )
    assert alert.alert == Alert("no_baseline", "3.0 GiB of downloads in an hour", "unknown: 0 days of history", 0, None)
    (alert,) = alerts_of(
        watch, Event(at(28 * 24 + 10), UPLOAD, account="partner", received=3 << 30), now=at(28 * 24 + 10.5)
    )
    assert alert.alert == Alert("volume_hour", "3.0 GiB of uploads in this hour", "at most 47.7 MiB (machine)", 28, 0)
    assert (alert.account, alert.action, alert.moment) == ("partner", UPLOAD, at(28 * 24 + 10.5))
    VALIDATOR.validate(json.loads(line_of(alert)))


def test_the_bytes_of_a_session_are_not_counted_twice() -> None:
    watch = learned()
    summary = Event(at(28 * 24), SESSION_SUMMARY, account="partner", received=1 << 40, summary=Summary(at(0)))
    assert alerts_of(watch, summary, now=at(28 * 24)) == []


def test_a_late_feed_and_unknown_lines_are_found_at_the_end_of_a_pass() -> None:
    found = alerts_of(learned(), now=at(30 * 24), unknown=100)
    assert [each.alert.rule for each in found if each.alert] == ["late_feed", "parser_unknown"]
    for each in found:
        VALIDATOR.validate(json.loads(line_of(each)))


def test_learning_causes_no_alerts_and_logins_are_known_afterwards() -> None:
    watch = learned()
    known = Event(at(28 * 24), LOGIN, account="partner", address="192.0.2.7")
    assert alerts_of(watch, known, now=at(28 * 24)) == []
    (alert,) = alerts_of(watch, known._replace(address="192.0.2.8"), now=at(28 * 24))
    assert alert.alert is not None
    assert alert.alert.rule == "first_seen_source"
    VALIDATOR.validate(json.loads(line_of(alert)))


def test_a_saved_state_continues() -> None:
    watch = learned()
    state = json.loads(json.dumps(watch.written(at(28 * 24))))
    again = Watch.read(state, LIMITS)
    assert again.written(at(28 * 24)) == state
    theft = Event(at(28 * 24 + 14), UPLOAD, account="partner", received=3 << 30)
    assert alerts_of(again, theft, now=theft.moment) == alerts_of(watch, theft, now=theft.moment) != []


def test_a_state_of_a_version_without_a_rule_is_read() -> None:
    state = json.loads(json.dumps(learned().written(at(28 * 24))))
    del state["trees"], state["silence"]
    assert Watch.read(state, LIMITS).written(at(28 * 24)).keys() == learned().written(at(28 * 24)).keys()


def test_a_state_of_another_schema_is_refused() -> None:
    with pytest.raises(ValueError, match="schema 2"):
        Watch.read({"schema": 2}, LIMITS)


def test_each_rule_has_its_own_identifier() -> None:
    assert len(set(RULES)) == len(RULES) == 15
