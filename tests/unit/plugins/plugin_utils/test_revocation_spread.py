# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of a spread: servers that were missed stay named until they have the list."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.utc import utc
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.revocation_spread import (
    Spread,
    format_spread,
    parse_spread,
    spread_after,
)

MONDAY, TUESDAY, FRIDAY = (1_800_000_000.0 + 86400 * day for day in (0, 1, 4))
DOWN: dict[str, Any] = {"unreachable": True, "msg": "x"}


def has(version: object) -> dict[str, Any]:
    return {"changed": False, "list": {"version": version}}


def test_a_server_that_is_down_is_named_until_it_has_the_list() -> None:
    first = spread_after({}, 7, [("files1", has(7)), ("files2", DOWN)], MONDAY)
    assert first == {"files1": Spread(7), "files2": Spread(0, utc(MONDAY), "unreachable")}
    second = spread_after(first, 8, [("files1", has(8))], TUESDAY)
    assert second == {"files1": Spread(8), "files2": Spread(0, utc(MONDAY), "unreachable")}
    assert spread_after(second, 8, [("files2", has(8))], FRIDAY) == {"files1": Spread(8), "files2": Spread(8)}


def test_a_server_that_a_run_leaves_out() -> None:
    after = spread_after({"files1": Spread(7), "files2": Spread(7)}, 8, [("files1", has(8))], MONDAY)
    assert after["files2"] == Spread(7, utc(MONDAY), "not in the run")


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        ({"failed": True, "error": {"code": "owner_locked_out"}, "list": {"version": 8}}, "owner_locked_out"),
        ({"failed": True}, "failed"),
        ({"failed": True, "timedout": {"period": 600}}, "no answer in time"),
        ({"failed": True, "error": "x"}, "failed"),
        (None, "failed"),
        ("a fact", "failed"),
        (has("8"), "failed"),
        (has(None), "failed"),
        ({"list": [8]}, "failed"),
    ],
)
def test_other_answers_prove_nothing(result: Any, reason: str) -> None:
    assert spread_after({"files1": Spread(7)}, 8, [("files1", result)], MONDAY) == {
        "files1": Spread(0, utc(MONDAY), reason)
    }


def test_a_server_that_fails_later_is_named_again() -> None:
    damaged = {"failed": True, "error": {"code": "krl_damaged"}}
    assert spread_after({"files1": Spread(8)}, 8, [("files1", damaged)], MONDAY) == {
        "files1": Spread(0, utc(MONDAY), "krl_damaged")
    }
    assert spread_after({"files1": Spread(8)}, 8, [("files1", DOWN)], MONDAY) == {"files1": Spread(8)}


def test_a_server_that_no_run_has_had_yet() -> None:
    after = spread_after({"files1": Spread(8)}, 8, [("files1", has(8))], MONDAY, ["files1", "files3"])
    assert after == {"files1": Spread(8), "files3": Spread(0, utc(MONDAY), "not in the run")}


def test_a_claim_of_a_later_version_is_cut() -> None:
    claimed = spread_after({}, 8, [("files1", has(10**9))], MONDAY)
    assert claimed == {"files1": Spread(8)}
    assert spread_after(claimed, 9, [], TUESDAY)["files1"].since == utc(TUESDAY)


def test_a_server_is_named_until_the_run_is_finished_there() -> None:
    """It is lost after the list was installed, and the next run has the same list."""
    both = [("files1", has(8)), ("files2", has(8))]
    begun = spread_after({}, 8, both, MONDAY, finished=False)
    assert begun == {name: Spread(8, utc(MONDAY), "not finished") for name in ("files1", "files2")}
    ended = spread_after(begun, 8, [("files1", has(8)), ("files2", None)], TUESDAY)
    assert ended == {"files1": Spread(8), "files2": Spread(8, utc(MONDAY), "not finished")}
    for lost in ([], [("files2", DOWN)], [("files2", None)]):
        assert spread_after(ended, 8, lost, FRIDAY) == ended
    again = spread_after(ended, 8, both, FRIDAY, finished=False)
    assert again == ended, "files1 was finished with this list"
    assert spread_after(again, 8, both, FRIDAY) == {"files1": Spread(8), "files2": Spread(8)}
    newer = spread_after(ended, 9, [("files1", has(9)), ("files2", DOWN)], FRIDAY, finished=False)
    assert newer["files2"].since == utc(MONDAY)


def test_a_server_that_refuses_the_list_is_not_called_unfinished() -> None:
    refused = {"failed": True, "error": {"code": "krl_rollback"}}
    assert spread_after({}, 8, [("files1", refused)], MONDAY, finished=False)["files1"].reason == "krl_rollback"


def test_check_mode_asks_no_server() -> None:
    assert spread_after({"files1": Spread(7)}, 8, [("files1", {"skipped": True})], MONDAY)["files1"].version == 7


def test_a_round_trip() -> None:
    spread = {"files2": Spread(7, utc(MONDAY), "unreachable"), "files1": Spread(8)}
    assert parse_spread(format_spread(spread)) == spread
    assert parse_spread("") == {}


@pytest.mark.parametrize("text", ["x", "[]", '{"a": 1}', '{"a": {"version": 1}}'])
def test_a_damaged_record(text: str) -> None:
    with pytest.raises(InvalidRequest):
        parse_spread(text)


def test_an_older_run_that_ends_last_takes_no_newer_version_back() -> None:
    """Two runs at once: the newer list came first, and the older run found it there."""
    newer = spread_after({}, 8, [("files1", has(8))], MONDAY)
    assert spread_after(newer, 7, [("files1", has(8))], MONDAY) == {"files1": Spread(8)}
    assert spread_after(newer, 7, [("files1", has(9))], MONDAY) == {"files1": Spread(8)}
    assert spread_after(newer, 7, [("files1", has(7))], MONDAY) == {"files1": Spread(7)}
