# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who confirms a change of sshd's configuration, by the connection of the task."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.action.sshd_change import ActionModule
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest


def action(transport: str) -> ActionModule:
    made: Any = ActionModule.__new__(ActionModule)
    made._connection = SimpleNamespace(transport=transport)
    return made


@pytest.mark.parametrize(
    ("transport", "confirmation"),
    [
        ("ssh", "login"),
        ("paramiko", "login"),
        ("ansible.netcommon.libssh", "login"),
        ("local", "trial"),
        ("community.docker.nsenter", "trial"),
        ("containers.podman.podman", "trial"),
    ],
)
def test_by_the_connection(transport: str, confirmation: str) -> None:
    assert action(transport)._confirmation(None) == confirmation


def test_a_login_can_always_be_asked_for() -> None:
    assert action("local")._confirmation("login") == "login"


def test_no_trial_where_a_login_can_confirm() -> None:
    with pytest.raises(InvalidRequest, match="confirmation: is trial"):
        action("ssh")._confirmation("trial")
