# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The next step of a password's rotation, by the fields in the secrets manager and their age."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.passwords.plan import (
    Plan,
    Rules,
    begun,
    handed_over,
    plan,
)

WRITTEN, WRITTEN_AT, DAY = "2026-01-31T12:00:00.123Z", 1769860800, 86400
CURRENT = {"password": "old", "owner": "partner"}
BEGUN = {**CURRENT, "next": "new", "next_because": "schedule"}
URGENT = {**BEGUN, "next_because": "compromise"}
RULES = Rules(compromised=False, max_age=90, overlap=1)


def step(fields: dict[str, str], *, days: float = 0, compromised: bool = False) -> Plan:
    """Return the step at an age of the fields."""
    return plan(fields, WRITTEN, RULES._replace(compromised=compromised), WRITTEN_AT + days * DAY)


@pytest.mark.parametrize(
    ("days", "reason", "overlapped"),
    [(0, "", False), (0.99, "", False), (1, "", True), (89.9, "", True), (90, "the old password is 90 days old", True)],
)
def test_periods_end_to_the_second(days: float, reason: str, overlapped: bool) -> None:
    found = step(CURRENT, days=days)
    assert (found.reason, found.overlapped) == (reason, overlapped)
    assert (found.password, found.pending, found.at_once, found.urgent) == ("old", False, False, False)


def test_an_account_without_a_password_gets_its_first() -> None:
    assert plan({}, "", RULES, WRITTEN_AT) == Plan("", False, "it has no password", False, False, False)


def test_a_next_password_is_finished_and_not_replaced_however_old() -> None:
    found = step(BEGUN, days=500)
    assert (found.password, found.pending, found.reason, found.urgent) == ("new", True, "", False)


def test_a_first_password_that_is_not_handed_over_needs_no_time() -> None:
    assert plan({"next": "new", "next_because": "schedule"}, "", RULES, WRITTEN_AT).password == "new"


def test_a_compromised_password_is_replaced_at_once_and_only_once() -> None:
    assert step(CURRENT, compromised=True).at_once
    assert step(BEGUN, compromised=True).at_once, "the scheduled successor may be known as well"
    found = step(URGENT, compromised=True)
    assert (found.at_once, found.urgent, found.password) == (False, True, "new")


@pytest.mark.parametrize("written", ["", "yesterday", "2026-01-31 12:00:00"])
def test_a_password_needs_the_time_of_its_version(written: str) -> None:
    with pytest.raises(InvalidRequest, match="is not a time"):
        plan(CURRENT, written, RULES, WRITTEN_AT)


@pytest.mark.parametrize(("compromised", "because"), [(False, "schedule"), (True, "compromise")])
def test_a_next_password_is_added_with_its_cause(compromised: bool, because: str) -> None:
    fields = begun(CURRENT, "new", RULES._replace(compromised=compromised))
    assert fields == {**CURRENT, "next": "new", "next_because": because}


def test_the_next_password_becomes_current_and_other_fields_stay() -> None:
    assert handed_over(BEGUN) == {"password": "new", "owner": "partner"}
    assert handed_over(CURRENT) == CURRENT
