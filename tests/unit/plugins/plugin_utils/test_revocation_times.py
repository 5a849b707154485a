# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times of a revocation, and their limits."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.revocation_times import (
    Limits,
    Times,
    measured,
    over_limits,
    timed,
)

BEGAN = 1_800_000_000.0
LIMITS = Limits(refused=60, all_hosts=300)


def task(began: float, ended: float) -> dict[str, Any]:
    return {"times": {"began": BEGAN + began, "ended": BEGAN + ended}}


def run(*, complete: bool = True) -> Times:
    """Five seconds for the list, then two servers; a third has no answer, and has the list if the run is complete."""
    results = {"files1": task(5, 8), "files2": task(6, 20), "files3": {"unreachable": True}}
    reached = {"files1", "files2"} | ({"files3"} if complete else set())
    found = measured(task(0, 5), results, reached, complete=complete)
    assert found is not None
    return found


def test_the_time_of_a_server_is_that_of_a_run_on_it_alone() -> None:
    assert [run().refused(name) for name in ("files1", "files2")] == [8, 19]
    shown = run().shown()
    assert (shown["refused"], shown["all_hosts"], shown["began"]) == (19, 20, "2027-01-15T08:00:00Z")
    assert shown["hosts"][1] == {
        "host": "files2",
        "began": "2027-01-15T08:00:06Z",
        "ended": "2027-01-15T08:00:20Z",
        "seconds": 19,
    }


def test_a_run_that_missed_a_server_has_no_time_for_all() -> None:
    assert run(complete=False).shown()["all_hosts"] is None
    assert over_limits(run(complete=False), Limits(60, 1)) == []


@pytest.mark.parametrize(
    ("limits", "found"),
    [
        (LIMITS, []),
        (Limits(19, 20), []),
        (Limits(18, 300), ["files2 refused after 19 s, limit 18 s"]),
        (Limits(60, 19), ["all servers refused after 20 s, limit 19 s"]),
    ],
)
def test_limits(limits: Limits, found: list[str]) -> None:
    assert over_limits(run(), limits) == found


def test_no_list_no_time() -> None:
    assert measured({}, {"files1": task(5, 8)}, {"files1"}, complete=True) is None
    empty = measured(task(0, 5), {}, set(), complete=True)
    assert empty is not None
    assert (empty.shown()["refused"], empty.shown()["all_hosts"]) == (None, None)


def test_times_in_an_answer_are_replaced() -> None:
    answer = timed(lambda: {"changed": True, "times": {"began": 0.0, "ended": 0.0}})
    assert answer["changed"]
    assert 0 < answer["times"]["began"] <= answer["times"]["ended"]


@pytest.mark.parametrize("times", ["x", [], {}, {"began": "x", "ended": 1.0}, {"began": 1.0}, {"ended": True}])
def test_times_of_another_shape_are_no_times(times: Any) -> None:
    found = measured(
        task(0, 5), {"files1": {"times": times}, "files2": task(5, 8)}, {"files1", "files2"}, complete=True
    )
    assert found is not None
    assert list(found.servers) == ["files2"]
    assert measured({"times": times}, {}, set(), complete=True) is None
