# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The values that a run leaves for its recorder; root trusts none of them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.handover import (
    NAME,
    leave,
    run_id,
    taken,
    values,
)
from hypothesis import given
from hypothesis import strategies as st

RESULT: dict[str, Any] = {
    "run": "8f3a",
    "check": False,
    "began": 1795785712.5,
    "totals": {"store": 3},
    "stats": {"bytes_sent": 7},
    "proofs": {"read_back": 3},
    "peer": {"software": "OpenSSH", "data_channel_resumed": True},
    "error": {"code": "no_space", "path": "a", "message": "no space left", "cure": "Make room."},
}


@pytest.fixture
def unit(tmp_path: Path) -> dict[str, str]:
    """Return the variables of a unit."""
    return {"RUNTIME_DIRECTORY": str(tmp_path), "INVOCATION_ID": "8f3a"}


def test_a_result_is_left_and_taken(unit: dict[str, str], tmp_path: Path) -> None:
    leave({**RESULT, "changes": [1, 2]}, unit)
    assert taken(unit) == RESULT
    assert (tmp_path / NAME).stat().st_mode & 0o777 == 0o600


def test_without_a_directory_nothing_is_left() -> None:
    leave(RESULT, {})
    assert taken({}) == {}
    assert run_id({}) == ""


def test_a_missing_directory_does_not_fail_the_run(tmp_path: Path) -> None:
    leave(RESULT, {"RUNTIME_DIRECTORY": str(tmp_path / "missing")})


def test_a_result_of_another_run_is_not_taken(unit: dict[str, str]) -> None:
    leave(RESULT, unit)
    assert taken({**unit, "INVOCATION_ID": "another"}) == {}


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b'{"run": "8f3a", "run": "8f3a"}', b"[" * 100_000])
def test_a_damaged_file_is_not_taken(unit: dict[str, str], tmp_path: Path, content: bytes) -> None:
    (tmp_path / NAME).write_bytes(content)
    assert taken(unit) == {}


def test_a_link_and_a_fifo_are_not_read(unit: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(json.dumps(RESULT))
    os.symlink("secret", tmp_path / NAME)
    assert taken(unit) == {}
    os.unlink(tmp_path / NAME)
    os.mkfifo(tmp_path / NAME)
    assert taken(unit) == {}


def test_values_of_another_kind_are_left_out() -> None:
    hostile = {
        "run": ["8f3a"],
        "began": True,
        "totals": {"store": "3", "remove": -1, "link": 1e300, "failed_items": 2},
        "stats": [1],
        "proofs": None,
        "peer": {"software": "x" * 1000, "cipher": {"a": 1}},
        "error": {"code": "x", "message": 3},
    }
    assert values(hostile) == {
        "run": None,
        "check": False,
        "began": None,
        "totals": {"failed_items": 2},
        "stats": {},
        "proofs": {},
        "peer": {"software": "x" * 500},
        "error": {"code": "x", "path": None, "message": None, "cure": None},
    }


def test_a_result_has_few_names() -> None:
    assert len(values({"stats": {str(number): number for number in range(1000)}})["stats"]) == 100


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(JSON | st.dictionaries(st.sampled_from(sorted(RESULT)), JSON))
def test_any_result_has_values_that_json_can_hold(result: Any) -> None:
    json.dumps(values(result), allow_nan=False)
