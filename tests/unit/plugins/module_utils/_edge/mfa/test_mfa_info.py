# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result of mfa_info."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.mfa import mfa_info
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.mfa.info import MfaAccount
from support.running.tasks import refusals_of, run_task

ALICE = MfaAccount("alice", ("totp",), "publickey,keyboard-interactive:pam", "none", "sshd-mfa", True, None, 0.0, 7)


def test_times_are_text() -> None:
    (found,) = mfa_info.result([ALICE._replace(pending_until=1769860800)])["accounts"]
    assert (found["pending_until"], found["accepted"]) == ("2026-01-31T12:00:00Z", "1970-01-01T00:00:00Z")
    assert (found["factors"], found["codes_left"]) == (["totp"], 7)


def test_accounts_without_a_factor_are_named() -> None:
    result = mfa_info.result([ALICE, ALICE._replace(account="bob", factors=())])
    assert result["msg"] == "without a second factor: bob"


def test_names_that_are_paths() -> None:
    with pytest.raises(InvalidRequest):
        mfa_info.request(Task({"accounts": ["../alice"], "directory": mfa_info.DIRECTORY}))


def test_the_directory_must_be_safe(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/")
    result = run_task(mfa_info, accounts=["root"], directory=str(tmp_path / "link"))
    assert result["error"]["code"] == "unsafe_path"
    assert refusals_of(mfa_info, {})
