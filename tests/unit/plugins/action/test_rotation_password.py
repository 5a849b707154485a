# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action returns the next step, hidden in the output, or an error."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.secure.ftp_synchronize.plugins.action.rotation_password import ActionModule

STORED = {"fields": {"password": "old"}, "written": "2026-01-31T12:00:00Z"}


def decided(stored: dict[str, Any], **options: Any) -> dict[str, Any]:
    """Return the result of the action."""
    arguments = {"stored": stored, "max_age": 90, "overlap": 1, **options}
    task = SimpleNamespace(args=arguments, async_val=0, check_mode=False, diff=False)
    task.action = "secure.ftp_synchronize.rotation_password"
    connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir=None))  # the action opens none
    loader = DataLoader()
    return ActionModule(task, connection, SimpleNamespace(), loader, Templar(loader, variables={}), None).run()


def test_the_step_is_hidden_in_the_output() -> None:
    result = decided(STORED)
    assert result["_ansible_no_log"]
    assert (result["changed"], result["password"], result["at_once"]) == (False, "old", False)


def test_a_time_that_is_none_fails() -> None:
    result = decided({**STORED, "written": "yesterday"})
    assert (result["failed"], result["error"]["code"]) == (True, "invalid_request")
    assert result["msg"].startswith("password_rotation_stored.written: is not a time: 'yesterday'")
