# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The times of the task are added by the controller. The module is a stand-in."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.secure.ftp_synchronize.plugins.action.key_revocation_list import ActionModule


def test_the_controller_notes_the_times() -> None:
    task = SimpleNamespace(args={}, async_val=0, check_mode=False, diff=False, delegate_to=None, loop_control=None)
    task.action = "secure.ftp_synchronize.key_revocation_list"
    loader = DataLoader()
    connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir="x"))
    action: Any = ActionModule(task, connection, SimpleNamespace(), loader, Templar(loader, variables={}), None)
    action._execute_module = lambda **_options: {"changed": True, "times": {"began": 0, "ended": 0}}
    result = action.run(task_vars={"inventory_hostname": "localhost"})
    assert result["changed"]
    assert 0 < result["times"]["began"] <= result["times"]["ended"]
