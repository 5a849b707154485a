# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of a run: its fields, and the error of its end."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.ending import STATES
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.records import (
    NO_PREVIOUS,
    Sources,
    digest,
    line,
    record,
)
from support.judges.job_records import VALIDATOR

LEFT: dict[str, Any] = {
    "began": 1795785712.5,
    "totals": {"store": 3},
    "stats": {"bytes_sent": 7},
    "proofs": {"read_back": 3},
    "peer": {"software": "OpenSSH"},
}
ERROR = {"code": "no_space", "path": "a", "message": "no space left", "cure": "Make room."}


def made(left: dict[str, Any], state: str = "ok", facts: str = "") -> dict[str, Any]:
    """Return a record."""
    sources = Sources("a" * 64, "b" * 64)
    return record("nightly", left, run="8f3a", state=state, facts=facts, ended=1795785720.0, sources=sources)


def test_a_record() -> None:
    assert made(LEFT) == {
        "schema": 1,
        "job": "nightly",
        "run": "8f3a",
        "began": "2026-11-27T13:21:52Z",
        "ended": "2026-11-27T13:22:00Z",
        "result": "ok",
        "error": None,
        "totals": {"store": 3},
        "stats": {"bytes_sent": 7},
        "proofs": {"read_back": 3},
        "peer": {"software": "OpenSSH"},
        "program_sha256": "a" * 64,
        "options_sha256": "b" * 64,
    }


def test_a_run_that_left_nothing() -> None:
    fields = made({}, "not_started", "exit-code exited 203")
    assert (fields["began"], fields["totals"], fields["peer"]) == (None, {}, None)
    assert fields["error"]["code"] == "not_started"
    assert "203" in fields["error"]["message"]


@pytest.mark.parametrize(
    ("left", "state", "code"),
    [
        ({**LEFT, "error": ERROR}, "failed", "no_space"),
        ({**LEFT, "error": ERROR}, "timeout", "no_space"),
        (LEFT, "killed", "killed"),
        ({**LEFT, "error": ERROR}, "ok", None),
    ],
)
def test_the_error(left: dict[str, Any], state: str, code: str | None) -> None:
    error = made(left, state)["error"]
    assert (error and error["code"]) == code


@pytest.mark.parametrize("state", STATES)
def test_the_schema_allows_each_state(state: str) -> None:
    VALIDATOR.check_schema(VALIDATOR.schema)
    whole = {**made({**LEFT, "error": ERROR}, state), "previous_sha256": NO_PREVIOUS}
    VALIDATOR.validate(whole)
    VALIDATOR.validate({**whole, "program_sha256": ""})


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": "x"},
        {"result": "fine"},
        {"result": "failed"},
        {"error": ERROR},
        {"began": "yesterday"},
        {"totals": {"store": "3"}},
        {"previous_sha256": ""},
    ],
    ids=str,
)
def test_the_schema_refuses(wrong: dict[str, Any]) -> None:
    assert not VALIDATOR.is_valid({**made(LEFT), "previous_sha256": NO_PREVIOUS, **wrong})


def test_a_line() -> None:
    text = line({"job": "é"})
    assert text == b'{"job": "\\u00e9"}\n'
    assert json.loads(text) == {"job": "é"}
    assert digest(text) == hashlib.sha256(text).hexdigest()
