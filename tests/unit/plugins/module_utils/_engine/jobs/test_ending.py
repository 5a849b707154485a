# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a job, as systemd reports it."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.ending import (
    STATES,
    ending,
    error_of,
    state_of,
)


@pytest.mark.parametrize(
    ("result", "code", "status", "state"),
    [
        ("success", "exited", "0", "ok"),
        ("exit-code", "exited", "1", "failed"),
        ("exit-code", "exited", "7", "locked"),
        ("success", "exited", "7", "locked"),  # SuccessExitStatus=7
        ("exit-code", "exited", "143", "killed"),
        ("exit-code", "exited", "203", "not_started"),  # no such program
        ("exit-code", "exited", "243", "not_started"),  # credentials
        ("signal", "killed", "KILL", "killed"),
        ("core-dump", "dumped", "SEGV", "killed"),
        ("oom-kill", "killed", "KILL", "killed"),
        ("timeout", "exited", "143", "timeout"),
        ("timeout", "killed", "KILL", "timeout"),
        ("watchdog", "killed", "ABRT", "timeout"),
        ("resources", "", "", "not_started"),
        ("start-limit-hit", "", "", "not_started"),
        ("exit-code", "", "", "not_started"),  # ExecStartPre=
        ("a result of a later systemd", "", "", "failed"),
        ("", "", "", "failed"),
        ("exit-code", "exited", "\u0663", "failed"),
    ],
)
def test_the_state(result: str, code: str, status: str, state: str) -> None:
    environment = {"SERVICE_RESULT": result, "EXIT_CODE": code, "EXIT_STATUS": status}
    assert ending(environment)[0] == state


def test_no_variable_is_a_failure() -> None:
    assert ending({}) == ("failed", "")


def test_facts() -> None:
    assert ending({"SERVICE_RESULT": "signal", "EXIT_CODE": "killed", "EXIT_STATUS": "KILL"})[1] == "signal killed KILL"


@pytest.mark.parametrize(("status", "state"), [(None, "failed"), (0, "ok"), (2, "failed"), (7, "locked")])
def test_a_status(status: int | None, state: str) -> None:
    assert state_of(status) == state


@pytest.mark.parametrize("state", STATES)
def test_each_failure_has_an_error(state: str) -> None:
    error = error_of(state, "signal killed KILL")
    assert (error is None) == (state == "ok")
    assert error is None or error["message"].endswith(" (signal killed KILL)")
