# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions in the answer of a compromised host. The connection is a stand-in."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.secure.ftp_synchronize.plugins.action.key_session_info import ActionModule
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.rotation import key_session_info as edge
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.server_keys.sessions import Login

LOGINS = [Login(7, "bob", "SHA256:x", 1.0), Login(8, "carol", "SHA256:x", 1.0, "SHA256:ca", 3, "id")]
SESSIONS = edge.result(LOGINS, frozenset({8}))["sessions"]
SESSION = SESSIONS[0]


def run(**answer: Any) -> dict[str, Any]:
    task = SimpleNamespace(args={}, async_val=0, check_mode=False, diff=False, delegate_to=None)
    task.loop_control, task.action = None, "secure.ftp_synchronize.key_session_info"
    loader = DataLoader()
    connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir="x"))
    action = ActionModule(task, connection, SimpleNamespace(), loader, Templar(loader, variables={}), None)
    action._execute_module = lambda **_options: {"changed": False, **answer}
    return action.run(task_vars={"inventory_hostname": "server"})


def test_sessions_of_a_sound_host() -> None:
    assert run(sessions=SESSIONS)["sessions"] == SESSIONS
    assert run(failed=True)["sessions"] == []


@pytest.mark.parametrize(
    "sessions",
    ["text", {"user": "bob"}, ["bob"], [{**SESSION, "pid": "7\n"}], [{"user": "bob"}], [{**SESSION, "own": 1}], None],
)
def test_sessions_of_another_shape(sessions: Any) -> None:
    answer = run(sessions=sessions)
    assert answer["error"]["code"] == "answer_refused"
    assert "sessions" not in answer


def test_control_characters() -> None:
    (session,) = run(sessions=[{**SESSION, "user": "bob\x1b[2J\n"}])["sessions"]
    assert session["user"].isprintable()
