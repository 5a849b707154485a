# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The account by which the controller connects reaches the module; the module is a stand-in, hosts in tests have it."""

from __future__ import annotations

import getpass
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.errors import AnsibleActionFail
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.secure.ftp_synchronize.plugins.action.account_access import ActionModule


def sent(*, transport: str = "ssh", user: str | None = "admin", async_val: int = 0, **given: Any) -> dict[str, Any]:
    """Return the options that the module gets."""
    task = SimpleNamespace(args=dict(given), async_val=async_val, check_mode=False, diff=False, delegate_to=None)
    task.loop_control, task.action = None, "secure.ftp_synchronize.account_access"
    connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir=None), transport=transport, has_native_async=False)
    loader = DataLoader()
    templar = Templar(loader, variables={})
    action = ActionModule(task, connection, SimpleNamespace(remote_user=user), loader, templar, None)
    action._discovered_interpreter_key = None
    action._execute_module = lambda **_options: {"changed": False}
    action.run(task_vars={"inventory_hostname": "files1"})
    return dict(task.args)


@pytest.mark.parametrize(
    ("given", "login"),
    [
        ({}, {"login": "admin"}),
        ({"user": None}, {}),
        ({"transport": "local", "user": "admin"}, {"login": getpass.getuser()}),
        ({"login": "other"}, {"login": "other"}),
    ],
)
def test_the_account_of_the_connection(given: dict[str, Any], login: dict[str, str]) -> None:
    assert sent(account="partner", **given) == {"account": "partner", **login}


def test_a_task_in_the_background_is_refused() -> None:
    """The host could not find out who logged in for it."""
    with pytest.raises(AnsibleActionFail, match=r"async"):
        sent(account="partner", async_val=30)
