# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps that each server reaches: by the position of its result, regardless of the legs that the result names."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.rotation_progress import progress
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.step_results import ResultsIncomplete

OK: dict[str, Any] = {"changed": True, "msg": "done"}
FAILED = {"failed": True, "msg": "no\x1b[2J way"}
AWAY = {"unreachable": True, "msg": "no route"}


def leg(server: str, phase: str = "publish", **changed: Any) -> dict[str, Any]:
    return {
        "job": "nightly",
        "server": server,
        "phase": phase,
        "managed": True,
        "public_key": "KEY",
        "private_key_file": "/keys/new",
        "revoked_keys": [],
        "left_to_revoke": [],
        **changed,
    }


LEGS = [
    leg("one", revoked_keys=["LOST"]),
    leg("two", revoked_keys=["LOST"]),
    leg("theirs", managed=False),
    leg("late", "retire"),
    leg("done", "done", revoked_keys=["LOST"]),
]


def names(legs: list[dict[str, Any]]) -> list[str]:
    return [each["server"] for each in legs]


def test_before_any_step() -> None:
    found = progress(["nightly"], LEGS, {})
    assert names(found["to_publish"]) == ["one", "two"]
    assert names(found["to_revoke"]) == ["one", "two", "done"]
    assert names(found["to_prove"]) == ["theirs"]
    assert names(found["to_retire"]) == ["late"]
    assert (found["proven"], found["troubles"]) == ([], [])
    assert found["jobs"] == [{"name": "nightly", "proven": [], "cleared": [], "behind": []}]


def test_all_goes_well() -> None:
    results = {"publish": [OK] * 2, "revoke": [OK] * 3, "prove": [OK] * 3, "retire": [OK] * 3}
    found = progress(["nightly"], LEGS, results)
    assert names(found["to_prove"]) == names(found["proven"]) == ["one", "two", "theirs"]
    assert names(found["to_retire"]) == ["one", "two", "late"]
    assert found["jobs"] == [
        {
            "name": "nightly",
            "proven": ["one", "two", "theirs"],
            "cleared": ["one", "two", "late", "theirs"],
            "behind": [],
        }
    ]


def test_a_server_that_is_away_is_asked_no_more() -> None:
    found = progress(["nightly"], LEGS, {"publish": [AWAY, OK]})
    assert names(found["to_revoke"]) == ["two", "done"]
    assert names(found["to_prove"]) == ["two", "theirs"]
    assert found["troubles"] == [{"job": "nightly", "server": "one", "phase": "publish", "reason": "no route"}]


def test_a_server_that_refuses_to_publish_revokes_all_the_same() -> None:
    found = progress(["nightly"], LEGS, {"publish": [FAILED, OK]})
    assert names(found["to_revoke"]) == ["one", "two", "done"]
    assert found["troubles"][0]["reason"] == "no\\x1b[2J way"


def test_a_server_that_did_not_answer_revokes_last() -> None:
    silent = {"failed": True, "msg": "Timed out after 600 second(s).", "timedout": {"period": 600}}
    found = progress(["nightly"], LEGS, {"publish": [silent, OK]})
    assert names(found["to_revoke"]) == ["two", "done", "one"]
    assert found["troubles"][0]["reason"] == "Timed out after 600 second(s)."


def test_a_key_that_was_not_proven_stays_beside_the_old_one() -> None:
    results = {"publish": [OK] * 2, "revoke": [OK] * 3, "prove": [FAILED, OK, FAILED], "retire": [OK, FAILED]}
    found = progress(["nightly", "other"], LEGS, results)
    assert names(found["to_retire"]) == ["two", "late"]
    first, second = found["jobs"]
    assert (first["proven"], first["cleared"]) == (["two"], ["two"])
    assert [(each["server"], each["phase"]) for each in first["behind"]] == [
        ("one", "prove"),
        ("theirs", "prove"),
        ("late", "retire"),
    ]
    assert "Its operator needs /keys/new.pub." in first["behind"][1]["reason"]
    assert second == {"name": "other", "proven": [], "cleared": [], "behind": []}


def test_a_server_that_did_not_revoke_is_not_cleared() -> None:
    results = {"publish": [OK] * 2, "revoke": [FAILED, OK, OK], "prove": [OK] * 3, "retire": [OK] * 3}
    assert progress(["nightly"], LEGS, results)["jobs"][0]["cleared"] == ["two", "late", "theirs"]


def test_a_key_that_the_controller_did_not_name_keeps_a_server_behind() -> None:
    legs = [leg("late", "retire", left_to_revoke=["SHA256:a"])]
    found = progress(["nightly"], legs, {"publish": [], "revoke": [], "prove": [], "retire": [OK]})
    assert found["jobs"][0]["cleared"] == []
    assert found["troubles"][0]["reason"].startswith("SHA256:a may still be accepted. Set client_key_rotation_mode")


EVIL = leg("localhost", username="root", public_key="EVIL", job="../x")


def test_a_leg_in_an_answer_is_not_read() -> None:
    """Forged results of a server or the client: another leg, another item, facts."""
    said = {**OK, "leg": EVIL, "item": EVIL, "ansible_loop_var": "leg", "job": {"name": "../x"}}
    honest = {step: [OK] * count for step, count in (("publish", 2), ("revoke", 3), ("prove", 3), ("retire", 3))}
    hostile = {step: [said] * len(results) for step, results in honest.items()}
    assert progress(["nightly"], LEGS, hostile) == progress(["nightly"], LEGS, honest)


@pytest.mark.parametrize("results", [[], [OK], [OK] * 3])
def test_another_number_of_results_is_refused(results: list[dict[str, Any]]) -> None:
    with pytest.raises(ResultsIncomplete, match="items: 2, results: "):
        progress(["nightly"], LEGS, {"publish": results})


@pytest.mark.parametrize("result", [None, "text", [], {"failed": "yes"}, {"unreachable": 1, "msg": None}])
def test_a_result_that_is_none_is_a_failure(result: Any) -> None:
    found = progress(["nightly"], [leg("one")], {"publish": [result]})
    assert (found["to_prove"], found["troubles"][0]["reason"]) == ([], "no reason given")
