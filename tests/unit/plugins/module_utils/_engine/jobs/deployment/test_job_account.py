# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts of jobs: accounts of others are refused."""

from __future__ import annotations

import grp
import pwd

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import AccountTaken
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.deployment import job_account
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.accounts import Owner
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.changes import Changes

OURS = pwd.struct_passwd(("sync-nightly", "x", 990, 989, job_account.MARK, "/home", "/usr/sbin/nologin"))
GROUP = grp.struct_group(("sync-nightly", "x", 989, []))


@pytest.fixture
def accounts(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """Return the accounts and groups of this host, to be changed."""
    known: dict[str, object] = {"account": OURS, "group": GROUP}

    def found(name: str) -> object:
        if known[name] is None:
            raise KeyError(name)
        return known[name]

    monkeypatch.setattr(pwd, "getpwnam", lambda _name: found("account"))
    monkeypatch.setattr(grp, "getgrnam", lambda _name: found("group"))
    monkeypatch.setattr(grp, "getgrgid", lambda _id: found("group"))
    return known


def test_an_account_of_a_job(accounts: dict[str, object]) -> None:
    assert job_account.job_account("nightly") == Owner(990, 989)
    changes = Changes(check_mode=False)
    assert job_account.keep_account("nightly", changes) == Owner(990, 989)
    assert changes.report().changes == ()
    accounts.update(account=None, group=None)
    assert job_account.job_account("nightly") is None


def test_check_mode_makes_none(accounts: dict[str, object]) -> None:
    accounts.update(account=None, group=None)
    changes = Changes(check_mode=True)
    assert job_account.keep_account("nightly", changes) is None
    assert [each.path for each in changes.report().changes] == ["account sync-nightly"]


@pytest.mark.parametrize(
    "others",
    [
        {"account": pwd.struct_passwd(("sync-nightly", "x", 990, 989, "Another", "/home", "/bin/sh"))},
        {"account": pwd.struct_passwd(("sync-nightly", "x", 0, 989, job_account.MARK, "/home", "/bin/sh"))},
        {"group": grp.struct_group(("users", "x", 989, []))},
        {"account": None},
    ],
)
def test_an_account_of_others(accounts: dict[str, object], others: dict[str, object]) -> None:
    accounts.update(others)
    with pytest.raises(AccountTaken, match=r"^name: an? (account|group) sync-nightly exists already"):
        job_account.job_account("nightly")
