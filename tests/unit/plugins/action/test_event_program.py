# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collector of events on its way to a host."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible import constants
from ansible_collections.secure.ftp_synchronize.plugins.action.event_program import STARTS, ActionModule
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.jobs.build_program import program
from support.running.host_steps import answered

PATH = "/usr/local/lib/secure_ftp_synchronize/events.pyz"


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(tmp_path))
    return tmp_path


def test_the_program_is_copied_for_root(monkeypatch: pytest.MonkeyPatch, temporary: Path) -> None:
    copied: list[bytes] = []
    whole = ActionModule._step

    def step(self: ActionModule, module: str, options: dict[str, Any], task_vars: Any) -> dict[str, Any]:
        copied.append(Path(options["src"]).read_bytes())
        return whole(self, module, options, task_vars)

    monkeypatch.setattr(ActionModule, "_step", step)
    result, ((module, options),) = answered(monkeypatch, [{"changed": True}], {"path": PATH}, ActionModule)
    assert (result["changed"], module) == (True, "ansible.builtin.copy")
    assert {name: options[name] for name in ("dest", "mode", "owner", "group")} == {
        "dest": PATH,
        "mode": "0755",
        "owner": "root",
        "group": "root",
    }
    assert copied == [program(STARTS["events"])]
    assert list(temporary.iterdir()) == []


def test_the_answer_is_examined(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = {"changed": True, "ansible_facts": {"ansible_control_path": "/evil"}}
    result, _asked = answered(monkeypatch, [answer], {"path": PATH}, ActionModule)
    assert result["error"]["code"] == "facts_refused"
