# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Raw results of hosts: success, failure and reason, and their items by position alone."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.step_results import (
    ResultsIncomplete,
    failed,
    paired,
    reason,
)


@pytest.mark.parametrize("result", [{"failed": True}, {"unreachable": True}, None, "text", []])
def test_a_failure(result: Any) -> None:
    assert failed(result)


@pytest.mark.parametrize("result", [{}, {"changed": True}, {"failed": False, "unreachable": False}])
def test_no_failure(result: Any) -> None:
    assert not failed(result)


def test_a_reason_is_printable() -> None:
    assert "\x1b" not in reason({"msg": "no\x1b[2J way"})
    assert (reason({}), reason(None)) == ("no reason given", "no reason given")


def test_a_reason_has_a_limit() -> None:
    assert reason({"msg": "x" * 300}) == "x" * 300
    for long in ("x" * 301, "x" * 10_000_000, "\x1b" * 300):
        assert len(reason({"msg": long})) == 304
        assert reason({"msg": long}).endswith(" ...")


def test_an_item_is_found_by_its_position() -> None:
    results = [{"item": "b"}, {"item": "a"}]
    assert list(paired("step", ["a", "b"], results)) == [("a", results[0]), ("b", results[1])]
    with pytest.raises(ResultsIncomplete, match="step: items: 1, results: 2"):
        paired("step", ["a"], results)
