# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times, causes and servers of a drill."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.incident.judgement import (
    ACCESS_BACK,
    DETECTED,
    Facts,
    Limits,
    Note,
    Seen,
    causes,
    phases,
    servers_of,
)

FIRST, LAST = Seen(1.0, 9.0, 12.0, 12.5), Seen(1.0, 9.0, 14.0, 13.0)
GOOD = Facts({"files1": FIRST, "files2": LAST}, 10.0, {ACCESS_BACK: Note(20.0)}, ())


LIMITS = Limits()


def ids(facts: Facts, limits: Limits = LIMITS) -> list[str]:
    return [each.id for each in causes(facts, limits)]


def changed(**parts: Any) -> Facts:
    return GOOD._replace(**parts)


def test_the_times_of_a_drill_that_passed() -> None:
    assert ids(GOOD) == []
    assert phases(GOOD) == {
        DETECTED: None,
        "refused": 2000,
        "sessions_ended": 3000,
        "all_hosts": 4000,
        ACCESS_BACK: 10000,
    }
    assert servers_of(GOOD)[0] == {"name": "files1", "refused": 2000, "sessions_ended": 2500, "closed": True}


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ({"open": ("files2",)}, ["canary_open"]),
        ({"marked": None}, ["not_begun"]),
        ({"marked": None, "open": ("files1",), "notes": {}}, ["canary_open", "not_begun"]),
        ({"marked": 13.0}, ["refused_before"]),
        ({"servers": {"files1": FIRST, "files2": LAST._replace(refused=None)}}, ["key_not_refused"]),
        ({"servers": {"files1": FIRST, "files2": LAST._replace(ended=None)}}, ["session_not_ended"]),
        ({"notes": {}}, ["access_not_back"]),
        ({"notes": {ACCESS_BACK: Note(20.0, ("files2",))}}, ["access_not_back"]),
        ({"notes": {**GOOD.notes, DETECTED: Note(19.0, ("files1",))}}, ["not_detected"]),
    ],
)
def test_causes(parts: dict[str, Any], found: list[str]) -> None:
    assert ids(changed(**parts)) == found


def test_limits() -> None:
    assert ids(GOOD, Limits(2, 4)) == []
    assert ids(GOOD, Limits(1, 4)) == ["refused_exceeded"]
    assert ids(GOOD, Limits(2, 3)) == ["all_hosts_exceeded"]


def test_a_server_that_was_not_measured_leaves_no_time_of_all() -> None:
    facts = changed(servers={"files1": FIRST, "files2": Seen()})
    assert phases(facts)["refused"] == 2000
    assert (phases(facts)["all_hosts"], phases(facts)["sessions_ended"]) == (None, None)


def test_a_detection_has_a_time_only_if_every_server_has_the_event() -> None:
    assert phases(changed(notes={DETECTED: Note(11.5)}))[DETECTED] == 1500
    assert phases(changed(notes={DETECTED: Note(11.5, ("files1",))}))[DETECTED] is None


def test_a_cause_names_its_servers() -> None:
    (cause,) = causes(changed(open=("files2", "files1")), Limits())
    assert cause.text == "a key of the drill may still open the account on files1, files2"
