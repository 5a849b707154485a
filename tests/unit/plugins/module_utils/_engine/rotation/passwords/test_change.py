# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two passwords of an account: there is always a valid password, and a kill between the two files is repaired."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Callable

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    AccountLocked,
    AccountMissing,
    NotFound,
    OperationFailed,
    UnsafePath,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.passwords.change import (
    AccountPassword,
    Host,
    keep_password,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.passwords.password_hash import (
    hash_of,
    is_hash_of,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.root_owned_path import Walker

OLD, NEW = "the-old-password", "the-new-password"


class Accounts:
    """Files of accounts below a directory, with partner and its neighbours; chpasswd is a function that can fail."""

    def __init__(self, directory: Path) -> None:
        self.shadow, self.second = directory / "shadow", directory / "etc/passwords"
        self.second.parent.mkdir()
        self.others = "partner2:$6$other:1::::::\n", "root:*:1::::::\n"
        self.write(hash_of(OLD))
        self.host = Host(
            str(self.shadow),
            Walker(owner=os.getuid(), start=str(directory)),
            (os.getuid(), os.getgid()),
            lambda _name, shown: self.write(shown),
            {"partner": 1000}.get,
        )

    def write(self, shown: str) -> None:
        self.shadow.write_text(self.others[0] + f"partner:{shown}:20000:0:99999:7:::\n" + self.others[1])

    def good(self) -> set[str]:
        """Return those that PAM would take."""
        first = self.shadow.read_text().splitlines()[1].split(":")[1]
        lines = self.second.read_text().splitlines() if self.second.exists() else []
        hashes = [first, *(line.split(":")[1] for line in lines if line.startswith("partner:"))]
        return {each for each in (OLD, NEW) if any(is_hash_of(shown, each) for shown in hashes)}


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    return Accounts(tmp_path)


def asked(state: str, password: str = NEW, **options: bool) -> AccountPassword:
    return AccountPassword("partner", password, state == "sole", False, "/etc/passwords", **options)


def test_a_password_comes_beside_the_old_one_and_in_its_place(accounts: Accounts) -> None:
    beside = keep_password(asked("beside"), accounts.host)
    assert [each[1:] for each in beside.changes] == [("no password", "this password")]
    assert not beside.settled
    assert accounts.good() == {OLD, NEW}
    assert accounts.second.stat().st_mode & 0o777 == 0o600
    sole = keep_password(asked("sole"), accounts.host)
    assert [each[1:] for each in sole.changes] == [
        ("another password", "this password"),
        ("another password", "no password"),
    ]
    assert sole.settled
    assert accounts.good() == {NEW}
    assert accounts.second.read_text() == ""


@pytest.mark.parametrize("state", ["beside", "sole"])
def test_the_same_again_is_no_change(accounts: Accounts, state: str) -> None:
    keep_password(asked(state), accounts.host)
    before = accounts.shadow.read_text(), accounts.second.exists() and accounts.second.read_text()
    assert keep_password(asked(state), accounts.host).changes == ()
    assert before == (accounts.shadow.read_text(), accounts.second.exists() and accounts.second.read_text())


def test_the_only_password_is_settled_as_it_is(accounts: Accounts) -> None:
    report = keep_password(asked("beside", OLD), accounts.host)
    assert (report.changes, report.settled, accounts.second.exists()) == ((), True, False)


def test_neighbours_keep_theirs(accounts: Accounts) -> None:
    theirs = b"partner2:$6$x\npart:$6$y\n\xff:$6$z\n"
    accounts.second.write_bytes(theirs)
    keep_password(asked("beside"), accounts.host)
    assert accounts.second.read_bytes().startswith(theirs)
    keep_password(asked("sole"), accounts.host)
    assert accounts.second.read_bytes() == theirs
    assert all(line in accounts.shadow.read_text() for line in accounts.others)


def test_a_second_one_is_replaced(accounts: Accounts) -> None:
    keep_password(asked("beside", "of an earlier run"), accounts.host)
    keep_password(asked("beside"), accounts.host)
    assert len(accounts.second.read_text().splitlines()) == 1
    assert accounts.good() == {OLD, NEW}


def test_killed_between_the_files_both_have_it_and_it_is_mended(accounts: Accounts) -> None:
    keep_password(asked("beside"), accounts.host)
    accounts.write(hash_of(NEW))
    assert not keep_password(asked("beside"), accounts.host).settled
    assert accounts.good() == {NEW}
    assert keep_password(asked("sole"), accounts.host).settled
    assert accounts.second.read_text() == ""


def test_a_chpasswd_that_fails_leaves_both(accounts: Accounts) -> None:
    def fail(_name: str, _shown: str) -> None:
        raise OperationFailed("chpasswd failed")

    keep_password(asked("beside"), accounts.host)
    with pytest.raises(OperationFailed):
        keep_password(asked("sole"), accounts.host._replace(set_hash=fail))
    assert accounts.good() == {OLD, NEW}


@pytest.mark.parametrize("state", ["beside", "sole"])
def test_check_mode_tells_and_does_nothing(accounts: Accounts, state: str) -> None:
    assert keep_password(asked(state, check_mode=True), accounts.host).changes != ()
    assert accounts.good() == {OLD}
    assert not accounts.second.exists()


@pytest.mark.parametrize("state", ["beside", "sole"])
def test_a_locked_account_is_refused_and_loses_its_second_password(accounts: Accounts, state: str) -> None:
    keep_password(asked("beside"), accounts.host)
    accounts.write("!" + hash_of(OLD))
    with pytest.raises(AccountLocked):
        keep_password(asked(state), accounts.host)
    assert accounts.good() == set()


def test_no_hash_is_told(accounts: Accounts) -> None:
    keep_password(asked("beside", "of an earlier run"), accounts.host)
    for state in ("beside", "sole"):
        assert "$" not in repr(keep_password(asked(state), accounts.host))


def test_a_mode_that_somebody_widened_is_mended(accounts: Accounts) -> None:
    keep_password(asked("beside"), accounts.host)
    accounts.second.chmod(0o644)
    (change,) = keep_password(asked("beside"), accounts.host).changes
    assert change.before.endswith("0644")
    assert accounts.second.stat().st_mode & 0o777 == 0o600


def missing(accounts: Accounts) -> None:
    accounts.host = accounts.host._replace(user_of=lambda _name: None)


def elsewhere(accounts: Accounts) -> None:
    """An account of a directory service has no line."""
    accounts.shadow.write_text("root:*:1::::::\n")


def turned(accounts: Accounts) -> None:
    accounts.second.symlink_to(accounts.shadow)


def homeless(accounts: Accounts) -> None:
    accounts.second.parent.rmdir()


@pytest.mark.parametrize(
    ("spoil", "error"),
    [(missing, AccountMissing), (elsewhere, AccountMissing), (turned, UnsafePath), (homeless, NotFound)],
)
def test_what_cannot_be_is_told(accounts: Accounts, spoil: Callable[[Accounts], None], error: type) -> None:
    spoil(accounts)
    with pytest.raises(error):
        keep_password(asked("beside"), accounts.host)


def test_check_mode_before_the_account_is_there(accounts: Accounts) -> None:
    missing(accounts)
    assert len(keep_password(asked("beside", check_mode=True), accounts.host).changes) == 1
