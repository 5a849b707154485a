# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.event import (
    DELETE,
    FAILURE,
    LOGIN,
    LOGIN_FAILED,
    UPLOAD,
    Event,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.rules.event_rules import EventRules
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.rules.limits import RuleLimits

DAY = 86400.0
NOW = 20_000 * DAY
LIMITS = RuleLimits(failures=5, failures_before_login=3, deletes=4)
KEY = "SHA256:" + "A" * 43


def login(moment: float, **fields: str) -> Event:
    return Event(moment, LOGIN, **{"account": "partner", "address": "192.0.2.7", "key": KEY, **fields})


def failed(moment: float, account: str = "root", address: str = "192.0.2.9") -> Event:
    return Event(moment, LOGIN_FAILED, FAILURE, account, address)


def fired(rules: EventRules, *events: Event) -> list[tuple[str, str, str]]:
    alerts = [alert for event in events for alert in rules.add(event)]
    return [(each.alert.rule, each.account, each.address) for each in alerts if each.alert]


def learned() -> EventRules:
    """Return rules that know the partner for 20 days."""
    rules = EventRules(LIMITS)
    fired(rules, login(NOW - 20 * DAY))
    return rules


def test_failed_logins_fire_for_the_source_and_for_the_account() -> None:
    burst = [failed(NOW + each) for each in range(9)]
    assert fired(EventRules(LIMITS), *burst) == [
        ("auth_failures", "", "192.0.2.9"),
        ("auth_failures", "root", ""),
    ]


def test_failed_logins_of_many_accounts_fire_for_their_source() -> None:
    spray = [failed(NOW + each, account=f"user{each}") for each in range(9)]
    assert fired(EventRules(LIMITS), *spray) == [("auth_failures", "", "192.0.2.9")]
    many = [failed(NOW + each, address=f"192.0.2.{each}") for each in range(9)]
    assert fired(EventRules(LIMITS), *many) == [("auth_failures", "root", "")]


def test_slow_failures_do_not_fire() -> None:
    assert fired(EventRules(LIMITS), *(failed(NOW + 600 * each) for each in range(50))) == []


def test_an_alert_has_its_history() -> None:
    rules = EventRules(LIMITS)
    for day in (0, 3, 9):
        fired(rules, *(failed(NOW + day * DAY + each) for each in range(6)))
        rules.sweep(NOW + day * DAY + 3600)
    (alert,) = [each.alert for each in rules.add(failed(NOW + 10 * DAY)) if each.alert] or [None]
    assert alert is None
    alerts = [each.alert for second in range(1, 6) for each in rules.add(failed(NOW + 10 * DAY + second))]
    assert alerts[0] == ("auth_failures", "5 failed logins", "fewer than 5 in 10 minutes", 10, 3)


def test_a_login_after_failures_fires() -> None:
    rules = learned()
    guesses = [failed(NOW + each, account="partner") for each in range(3)]
    assert fired(rules, *guesses, login(NOW + 60)) == [("login_after_failures", "partner", "192.0.2.7")]
    assert fired(rules, login(NOW + 3600)) == [], "the window is over"
    assert fired(rules, failed(NOW + 7200, account="partner"), login(NOW + 7201)) == [], "one mistake"


def test_new_sources_and_keys_fire_after_the_days_of_learning() -> None:
    rules = learned()
    assert fired(rules, login(NOW)) == []
    assert fired(rules, login(NOW, address="198.51.100.4")) == [("first_seen_source", "partner", "198.51.100.4")]
    assert fired(rules, login(NOW, address="198.51.100.4", key=KEY[:-1] + "B")) == [
        ("first_seen_key", "partner", "198.51.100.4")
    ]
    assert fired(rules, login(NOW, account="other")) == [("no_baseline", "other", "192.0.2.7")]
    assert fired(rules, login(NOW, account="other", address="203.0.113.1")) == []
    assert fired(rules, login(NOW, key="")) == [], "a login by password"


def test_a_mass_deletion_fires_once() -> None:
    deletes = [Event(NOW + each, DELETE, account="partner", path=b"/in/%d" % each) for each in range(9)]
    rules = learned()
    (alert,) = [alert for event in deletes for alert in rules.add(event)]
    assert alert.alert is not None
    assert alert.alert[:3] == ("mass_delete", "4 files deleted", "fewer than 4 in 10 minutes")
    assert (alert.account, alert.path) == ("partner", b"")


def test_refused_deletions_and_transfers_do_not_count() -> None:
    refused = [Event(NOW, DELETE, FAILURE, account="partner") for _each in range(9)]
    assert fired(learned(), *refused, *(Event(NOW, UPLOAD, account="partner") for _each in range(9))) == []


def test_a_state_that_is_saved_after_each_event_finds_the_same() -> None:
    events = [
        *(failed(NOW + each) for each in range(9)),
        *(failed(NOW + 100 + each, account="partner") for each in range(3)),
        login(NOW + 160, address="198.51.100.4"),
        *(Event(NOW + 200 + each, DELETE, account="partner") for each in range(9)),
    ]
    whole, rules, pieces = learned(), learned(), []
    for event in events:
        pieces += fired(rules, event)
        rules = EventRules.read(json.loads(json.dumps(rules.written(event.moment))), LIMITS)
    assert pieces == fired(whole, *events)
    assert {rule for rule, _account, _address in pieces} == {
        "auth_failures",
        "login_after_failures",
        "first_seen_source",
        "mass_delete",
    }


@pytest.mark.parametrize(
    ("factors", "observed"),
    [
        (("publickey",), "a login by publickey alone"),
        (("publickey", "publickey"), "a login by publickey alone"),
        ((), "a login over ftp, whose log has no factors"),
        (("publickey", "keyboard-interactive/pam"), ""),
        (("security-key",), ""),
    ],
)
def test_a_login_without_a_second_factor_fires(factors: tuple[str, ...], observed: str) -> None:
    rules = EventRules(LIMITS._replace(mfa_accounts=frozenset({"alice"})))
    alice = Event(NOW, LOGIN, account="alice", protocol="ftp", factors=factors)
    alerts = [each.alert for event in (alice, alice._replace(account="partner")) for each in rules.add(event)]
    found = [each[:3] for each in alerts if each and each.rule == "mfa_missing"]
    assert found == ([("mfa_missing", observed, "two factors, or a security key")] if observed else [])


def test_lone_factors_have_a_history() -> None:
    limits = LIMITS._replace(mfa_accounts=frozenset({"alice"}))
    rules, alice = EventRules(limits), Event(NOW, LOGIN, account="alice", factors=("password",))
    for _login in range(2):
        alerts = [each.alert for each in rules.add(alice)]
        rules = EventRules.read(json.loads(json.dumps(rules.written(NOW))), limits)
    assert [each.would_have_fired for each in alerts if each and each.rule == "mfa_missing"] == [1]


def test_each_login_of_an_emergency_account_fires() -> None:
    limits = LIMITS._replace(break_glass_accounts=frozenset({"breakglass"}))
    rules, login = EventRules(limits), Event(NOW, LOGIN, account="breakglass", factors=("publickey",))
    for count in (0, 1):
        alerts = [each.alert for event in (login, login._replace(account="partner")) for each in rules.add(event)]
        (found,) = [each for each in alerts if each and each.rule == "break_glass_used"]
        assert (found.observed, found.would_have_fired) == ("a login of an emergency account", count)
        rules = EventRules.read(json.loads(json.dumps(rules.written(NOW))), limits)


def test_a_refused_login_of_an_emergency_account_is_no_use() -> None:
    rules = EventRules(LIMITS._replace(break_glass_accounts=frozenset({"breakglass"})))
    assert not list(rules.add(Event(NOW, LOGIN_FAILED, account="breakglass")))


def test_a_state_of_a_version_without_a_rule_begins_its_history() -> None:
    limits = LIMITS._replace(mfa_accounts=frozenset({"partner"}), break_glass_accounts=frozenset({"partner"}))
    state = learned().written(NOW)
    del state["lone_factors"], state["emergencies"]
    rules = EventRules.read(json.loads(json.dumps(state)), limits)
    alerts = [each.alert for each in rules.add(login(NOW))]
    assert [(each.rule, each.history_days, each.would_have_fired) for each in alerts if each] == [
        ("mfa_missing", 0, 0),
        ("break_glass_used", 0, 0),
    ]
