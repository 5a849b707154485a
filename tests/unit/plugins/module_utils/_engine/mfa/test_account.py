# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of an account: enrolment, resets, and a run that is killed between two files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    AccountMissing,
    NotFound,
    OperationFailed,
    UnsafePath,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.mfa import account_files
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.mfa.account import (
    Host,
    TotpAccount,
    TotpReport,
    keep_account,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.root_owned_path import Walker

SEED, OTHER = "A" * 32, "B" * 32
DEADLINE = 4000000000


class People:
    """alice on a host whose files are below a directory."""

    def __init__(self, directory: Path) -> None:
        self.mfa = directory / "mfa"
        for kind in ("seeds", "pending", "accepted"):
            (self.mfa / kind).mkdir(parents=True)
        self.ended: list[int] = []
        self.host = Host(
            Walker(owner=os.getuid(), start=str(directory)), (os.getuid(), os.getgid()), {"alice": 1000}.get, self.end
        )

    def end(self, user: int, _moment: float) -> int:
        self.ended.append(user)
        return 2

    def keep(self, **options: Any) -> TotpReport:
        asked = TotpAccount("alice", "enforced", SEED, (), 3, DEADLINE, "/mfa", ends=True)
        return keep_account(asked._replace(**options), self.host)

    def files(self) -> set[str]:
        return {str(path.relative_to(self.mfa)) for path in self.mfa.rglob("*") if path.is_file()}

    def accept(self) -> None:
        """Make the changes that PAM makes after the first accepted code."""
        (self.mfa / "pending/alice").unlink(missing_ok=True)
        (self.mfa / "accepted/alice").touch()


@pytest.fixture
def people(tmp_path: Path) -> People:
    return People(tmp_path)


def test_an_account_is_kept_once(people: People) -> None:
    assert [each.after for each in people.keep().changes] == ["this seed"]
    assert people.files() == {"seeds/alice"}
    assert (people.mfa / "seeds/alice").stat().st_mode & 0o777 == 0o400
    again = people.keep()
    assert (again.changes, again.ended) == ((), 0)


def test_check_mode_writes_nothing(people: People) -> None:
    assert people.keep(check_mode=True, state="pending").changes
    assert people.files() == set()


def test_a_pending_account(people: People) -> None:
    people.keep(state="pending")
    assert (people.mfa / "pending/alice").read_text() == f"{DEADLINE}\n"
    assert not people.keep(state="pending").accepted
    people.accept()
    after = people.keep(state="pending")
    assert (after.accepted, after.changes) == (True, ())
    assert people.files() == {"seeds/alice", "accepted/alice"}


def test_an_enforced_account_is_not_pending(people: People) -> None:
    people.keep(state="pending")
    people.keep()
    assert people.files() == {"seeds/alice"}


def test_a_reset(people: People) -> None:
    people.keep(codes=("11111111",))
    people.accept()
    done = people.keep(secret=OTHER)
    assert (done.accepted, done.left, done.ended, people.ended) == (False, 0, 2, [1000])
    assert people.files() == {"seeds/alice"}
    assert SEED not in (people.mfa / "seeds/alice").read_text()


def test_no_session_ends_without_a_reset(people: People) -> None:
    people.keep()
    people.keep(window=5, codes=("11111111",))
    people.keep(secret=OTHER, ends=False)
    assert people.ended == []


def test_changes_have_no_secret(people: People) -> None:
    told = repr([people.keep(codes=("11111111",)), people.keep(secret=OTHER), people.keep(state="absent")])
    assert not any(secret in told for secret in (SEED, OTHER, "11111111"))


def test_an_absent_account(people: People) -> None:
    people.keep(state="pending")
    assert len(people.keep(state="absent", check_mode=True).changes) == 2
    assert len(people.keep(state="absent").changes) == 2
    assert people.files() == set()
    assert people.keep(state="absent").changes == ()


def test_a_killed_reset_leaves_less_access(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """After each step, the account has at most a seed: it is neither pending nor enrolled by the former seed."""
    people.keep(state="pending")
    (people.mfa / "accepted/alice").touch()
    write = account_files.AccountFiles.write

    def killed(files: account_files.AccountFiles, kind: str, text: str) -> None:
        assert people.ended or people.files() == {"seeds/alice"}
        write(files, kind, text)

    monkeypatch.setattr(account_files.AccountFiles, "write", killed)
    people.keep(secret=OTHER, state="pending")


@pytest.mark.parametrize("kind", ["link", "readable", "writable"])
def test_a_seed_that_others_may_know(people: People, kind: str) -> None:
    people.keep()
    seed = people.mfa / "seeds/alice"
    if kind == "link":
        seed.rename(people.mfa / "moved")
        seed.symlink_to(people.mfa / "moved")
    else:
        seed.chmod(0o644 if kind == "readable" else 0o622)
    with pytest.raises(UnsafePath) as caught:
        people.keep()
    assert "/mfa/seeds/alice" in caught.value.message


def test_missing_accounts_and_directories(people: People) -> None:
    with pytest.raises(AccountMissing):
        people.keep(account="bob")
    assert people.keep(account="bob", check_mode=True).changes
    with pytest.raises(NotFound):
        people.keep(directory="/elsewhere")


def test_sessions_that_could_not_be_ended_are_ended_by_the_next_run(people: People) -> None:
    """The thief of the former seed may be in one of them. Meanwhile PAM writes its state into the file."""

    def fail(_user: int, _moment: float) -> int:
        raise OperationFailed("a process of a session does not end")

    people.keep()
    with pytest.raises(OperationFailed):
        keep_account(
            TotpAccount("alice", "enforced", OTHER, (), 3, DEADLINE, "/mfa", ends=True), people.host._replace(end=fail)
        )
    assert (people.mfa / "seeds/alice").read_text().startswith(OTHER)
    assert people.ended == []
    again = people.keep(secret=OTHER)
    assert (bool(again.changes), again.ended, people.ended) == (True, 2, [1000])
    last = people.keep(secret=OTHER)
    assert (last.changes, last.ended, people.ended) == ((), 0, [1000])
