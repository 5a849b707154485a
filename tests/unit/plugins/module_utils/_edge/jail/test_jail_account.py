# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.jail import jail_account
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.login_accounts import JailAccount


def task(**account: Any) -> Task:
    given = {"name": "partner", "password_hash": None, "update_password": "always", **account}
    return Task({"path": "/srv//jail/", "shell": "/usr/sbin/nologin", "accounts": [given]}, check_mode=True)


def test_accounts_live_below_the_directory_of_the_jails() -> None:
    assert jail_account.request(task()).accounts == (JailAccount("partner", "/srv/jail/partner", "*"),)


def test_the_password_of_an_account_that_exists() -> None:
    (account,) = jail_account.request(task(password_hash="$6$x$y", update_password="on_create")).accounts
    assert (account.password, account.keeps_password) == ("$6$x$y", True)


@pytest.mark.parametrize(
    "account", [{"name": ".."}, {"name": "root"}, {"password_hash": "a:b"}, {"password_hash": "a\nb"}]
)
def test_names_and_hashes_that_would_break_a_file_are_refused(account: dict[str, str]) -> None:
    with pytest.raises(InvalidRequest):
        jail_account.request(task(**account))
