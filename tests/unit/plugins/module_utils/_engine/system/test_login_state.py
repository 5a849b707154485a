# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of shadow(5), and locks by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import OperationFailed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.login_state import (
    LoginState,
    closed_accounts,
    is_hash,
    lock,
    login_state,
    set_expiry,
    set_password,
)


def test_the_state_of_an_account(tmp_path: Path) -> None:
    shadow = tmp_path / "shadow"
    shadow.write_text("partner2:x:1:::::9:\npartner:$6$a:1:0:99999:7::20000:\nshort:x\n")
    assert login_state("partner", str(shadow)) == LoginState("$6$a", "20000")
    assert login_state("absent", str(shadow)) is None
    assert login_state("short", str(shadow)) is None
    assert closed_accounts(str(shadow)) == frozenset()
    shadow.write_text("a:x:1:::::1:\nb:x:1:::::0:\nc:x:1:::::10:\n")
    assert closed_accounts(str(shadow)) == {"a"}
    with pytest.raises(OperationFailed):
        login_state("partner", str(tmp_path / "none"))


@pytest.mark.parametrize(
    ("password", "expires", "how", "closed", "hashed"),
    [
        ("$6$a", "", "", False, True),
        ("!$6$a", "", "locked", False, True),
        ("!*", "", "locked", False, False),
        ("!", "", "", False, False),
        ("!!", "", "", False, False),
        ("*", "", "", False, False),
        ("*", "99999", "", False, False),
        ("*", "1", "expired", False, False),
        ("!*", "1", "expired", True, False),
    ],
)
def test_states(password: str, expires: str, how: str, closed: bool, hashed: bool) -> None:
    state = LoginState(password, expires)
    assert (state.lock_by_hand, state.is_closed, is_hash(password)) == (how, closed, hashed)
    assert state.admits_no_login is (expires == "1")


def test_the_hash_is_not_in_argv() -> None:
    calls: list[tuple[tuple[str, ...], str]] = []

    def run(*words: str, stdin: str = "") -> None:
        calls.append((words, stdin))

    lock("partner", run)
    set_password("partner", "$6$a", run)
    set_expiry("partner", "", run)
    assert calls == [
        (("usermod", "--lock", "--expiredate", "1", "partner"), ""),
        (("chpasswd", "-e"), "partner:$6$a\n"),
        (("usermod", "--expiredate", "", "partner"), ""),
    ]
