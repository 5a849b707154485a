# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Days and types as people write them."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.rotation import host_key_rotation
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.host_keys.steps import (
    Report,
    Rotation,
)
from support.running.tasks import params_of, run_task

DEFAULTS = {name: spec["default"] for name, spec in host_key_rotation.spec()["argument_spec"].items()}


@pytest.mark.parametrize("option", ["max_age", "announce", "overlap"])
@pytest.mark.parametrize("days", [-1.0, float("nan"), float("inf"), 36501.0])
def test_what_is_no_number_of_days_is_refused(option: str, days: float) -> None:
    with pytest.raises(InvalidRequest, match=option):
        host_key_rotation.run(Task({**DEFAULTS, option: days}, check_mode=True))


def test_defaults_are_days() -> None:
    asked = host_key_rotation.request(Task(params_of(host_key_rotation, {})))
    assert (asked.kinds, asked.held) == (["ed25519"], False)
    assert asked.schedule == (365 * 86400, 14 * 86400, 14 * 86400)


def test_a_result_has_each_change_and_phase() -> None:
    asked = host_key_rotation.request(Task(params_of(host_key_rotation, {})))
    at_rest = Rotation("ed25519", "/etc/ssh/key", None, None, "stable", 0.0)
    report = Report([at_rest], ["/etc/ssh/key"], True, {"/a": None, "/b": "HostKey /etc/ssh/key\n"}, ["made a key"])
    result = host_key_rotation.result(report, asked)
    assert (result["changed"], result["changes"], result["serving"]) == (True, ["made a key"], True)
    assert result["files"] == [
        {"path": "/a", "mode": "0600"},
        {"path": "/b", "mode": "0600", "content": "HostKey /etc/ssh/key\n"},
    ]
    assert result["diff"] == [{"before": "", "after": "made a key\n"}]
    (shown,) = result["rotations"]
    assert (shown["fingerprint"], shown["new_path"], shown["new_fingerprint"]) == (None, None, None)
    assert (shown["type"], shown["phase"], shown["path"]) == ("ed25519", "stable", "/etc/ssh/key")
    words = "ed25519 is stable" + (f" until {shown['next']}" if shown["next"] else "")
    assert result["msg"] == f"made a key; {words}"
    assert host_key_rotation.result(report._replace(changes=[]), asked)["changed"] is False


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize("state", ["observed", "advanced", "finished"])
def test_a_state_is_a_step_that_keeps_to_check_mode(
    monkeypatch: pytest.MonkeyPatch, state: str, *, check: bool
) -> None:
    """The steps themselves are in engine/rotation/host_keys."""
    seen: list[tuple[str, bool | None]] = []
    report = Report([], [], True, {}, [])

    def step(name: str, check_mode: bool | None) -> Report:
        seen.append((name, check_mode))
        return report

    monkeypatch.setattr(host_key_rotation, "observe", lambda _asked, _now: step("observed", None))
    monkeypatch.setattr(host_key_rotation, "advance", lambda _asked, _now, *, check_mode: step("advanced", check_mode))
    monkeypatch.setattr(host_key_rotation, "finish", lambda _asked, _now, *, check_mode: step("finished", check_mode))
    assert run_task(host_key_rotation, check=check, state=state)["changed"] is False
    assert seen == [(state, None if state == "observed" else check)]
