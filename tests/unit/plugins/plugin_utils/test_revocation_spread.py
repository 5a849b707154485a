# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of a spread: servers that were missed stay named until they have the list."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.revocation_spread import (
    Spread,
    format_spread,
    parse_spread,
    spread_after,
)

DOWN: dict[str, Any] = {"unreachable": True, "msg": "x"}


def has(version: object) -> dict[str, Any]:
    return {"changed": False, "list": {"version": version}}


def test_a_server_that_is_down_is_named_until_it_has_the_list() -> None:
    first = spread_after({}, 7, [("files1", has(7)), ("files2", DOWN)], "monday")
    assert first == {"files1": Spread(7), "files2": Spread(0, "monday", "unreachable")}
    second = spread_after(first, 8, [("files1", has(8))], "tuesday")
    assert second == {"files1": Spread(8), "files2": Spread(0, "monday", "unreachable")}
    assert spread_after(second, 8, [("files2", has(8))], "friday") == {"files1": Spread(8), "files2": Spread(8)}


def test_a_server_that_a_run_leaves_out() -> None:
    after = spread_after({"files1": Spread(7), "files2": Spread(7)}, 8, [("files1", has(8))], "monday")
    assert after["files2"] == Spread(7, "monday", "not in the run")


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        ({"failed": True, "error": {"code": "owner_locked_out"}, "list": {"version": 8}}, "owner_locked_out"),
        ({"failed": True}, "failed"),
        ({"failed": True, "error": "x"}, "failed"),
        (None, "failed"),
        ("a fact", "failed"),
        (has("8"), "failed"),
        (has(None), "failed"),
        ({"list": [8]}, "failed"),
    ],
)
def test_other_answers_prove_nothing(result: Any, reason: str) -> None:
    assert spread_after({"files1": Spread(7)}, 8, [("files1", result)], "monday") == {
        "files1": Spread(7, "monday", reason)
    }


def test_a_claim_of_a_later_version_is_cut() -> None:
    claimed = spread_after({}, 8, [("files1", has(10**9))], "monday")
    assert claimed == {"files1": Spread(8)}
    assert spread_after(claimed, 9, [], "tuesday")["files1"].since == "tuesday"


def test_check_mode_asks_no_server() -> None:
    assert spread_after({"files1": Spread(7)}, 8, [("files1", {"skipped": True})], "monday")["files1"].version == 7


def test_a_round_trip() -> None:
    spread = {"files2": Spread(7, "monday", "unreachable"), "files1": Spread(8)}
    assert parse_spread(format_spread(spread)) == spread
    assert parse_spread("") == {}


@pytest.mark.parametrize("text", ["x", "[]", '{"a": 1}', '{"a": {"version": 1}}'])
def test_a_damaged_record(text: str) -> None:
    with pytest.raises(InvalidRequest):
        parse_spread(text)
