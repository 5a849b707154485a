# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of evidence_capture; a capture itself is in _engine/evidence/test_capture.py."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.evidence import evidence_capture
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.evidence.evidence_capture import (
    request,
    result,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.evidence.capture import Captured
from support.running.tasks import params_of, run_task

NAME = "0123456789abcdef"


@pytest.mark.parametrize(
    "given",
    [
        {"name": "../../etc/passwd"},
        {"name": NAME + "\n"},
        {"name": NAME.upper()},
        {"since": "soon"},
        {"programs": []},
        {"programs": ["sshd _UID=0"]},
        {"programs": ["--file=x y"]},
        {"files": ["etc"]},
        {"files": ["/etc/../root"]},
        {"files": ["/etc/*"]},
        {"files": ["/"]},
        {"files": ["/proc/1/environ"]},
        {"max_size": "much"},
        {"state": "read", "offset": -1},
    ],
)
def test_invalid_options(given: dict[str, Any]) -> None:
    refused = run_task(evidence_capture, **{"name": NAME, **given})
    assert refused["error"]["code"] == "invalid_request"


def test_defaults() -> None:
    asked = request(Task(params_of(evidence_capture, {"name": NAME, "files": ["/etc/proc.conf"]})))
    assert (asked.scope.since, asked.scope.arguments, asked.most) == (7 * 86400, False, 1 << 30)
    assert "sshd-session" in asked.scope.programs


def test_check_mode_makes_nothing() -> None:
    done = run_task(evidence_capture, check=True, name=NAME)
    assert done["changed"]
    assert "size" not in done
    assert not run_task(evidence_capture, check=True, name=NAME, state="absent")["changed"]


def test_a_result_is_printable_and_bounded() -> None:
    left_out = [{"path": "/etc/\udcff\x1b", "reason": "x"}] * 600
    shown = result(Captured(1, "0" * 64, 2, left_out, []), 5.5)["left_out"]
    assert len(shown) == 500
    assert shown[0]["path"].isprintable()


def test_sizes_of_the_parts() -> None:
    cut = {"name": "files/\x1b", "size": 100, "parts": [{"start": 0, "end": 10}, {"start": 80, "end": 100}]}
    done = result(Captured(1, "0" * 64, 2, [], [cut]), 5.5)
    assert done["cut"] == [{"name": "files/\\x1b", "size": 100, "first": 10, "newest": 20}]
    assert "1 cut" in done["msg"]
