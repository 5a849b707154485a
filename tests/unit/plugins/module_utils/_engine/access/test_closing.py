# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An account is closed in every way, and a second run changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access.closing import close_account
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access.opening import open_account
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import AccountMissing
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd.refusals import OwnerLockedOut
from support.scenes.access_scene import ACCOUNT, NEW, NEW_PASSWORD, OLD, OLD_PASSWORD, AccessScene


def plain(text: str) -> str:
    return " ".join(text.split()[:2])


def test_closed(tmp_path: Path) -> None:
    scene = AccessScene(tmp_path, second=NEW_PASSWORD)
    assert [scene.takes(OLD_PASSWORD), scene.takes(NEW_PASSWORD)] == [True, True]
    report = close_account(scene.asked(), scene.host)
    assert (report.state, report.ended, len(report.revoked)) == ("closed", 2, 1)
    assert (scene.password[:2], scene.expires) == ("!$", "1")
    assert ACCOUNT not in scene.read("list").split()
    assert scene.read("second") == ""
    assert plain(OLD) in scene.read("revoked")
    assert (tmp_path / "etc/closed").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "etc/closed/partner.json").stat().st_mode & 0o777 == 0o600


def test_no_hash_is_in_the_report(tmp_path: Path) -> None:
    scene = AccessScene(tmp_path, second=NEW_PASSWORD)
    assert "$" not in repr(close_account(scene.asked(), scene.host))


def test_the_same_again_is_no_change(tmp_path: Path) -> None:
    scene = AccessScene(tmp_path)
    close_account(scene.asked(), scene.host)
    before = scene.files()
    assert close_account(scene.asked(), scene.host)[:1] == ((),)
    assert scene.files() == before


def test_check_mode(tmp_path: Path) -> None:
    scene = AccessScene(tmp_path)
    before = scene.files()
    checked = close_account(scene.asked(check_mode=True), scene.host)
    assert scene.files() == before
    assert checked == close_account(scene.asked(), scene.host)


def test_a_key_that_was_prepared_meanwhile_is_not_revoked(tmp_path: Path) -> None:
    scene = AccessScene(tmp_path)
    close_account(scene.asked(), scene.host)
    scene.authorize(NEW)
    assert close_account(scene.asked(), scene.host).changes == ()
    assert plain(NEW) not in scene.read("revoked")


def test_closed_a_second_time_all_keys_are_revoked(tmp_path: Path) -> None:
    scene = AccessScene(tmp_path)
    close_account(scene.asked(), scene.host)
    scene.authorize(NEW)
    open_account(scene.asked(NEW), scene.host)
    assert len(close_account(scene.asked(), scene.host).revoked) == 2


def test_keys_of_an_administrator_are_spared(tmp_path: Path) -> None:
    scene = AccessScene(tmp_path)
    scene.authorize(OLD, NEW)
    scene.spared = (plain(NEW),)
    report = close_account(scene.asked(), scene.host)
    assert (len(report.revoked), len(report.spared)) == (1, 1)
    assert plain(NEW) not in scene.read("revoked")


@pytest.mark.parametrize(("login", "account"), [(ACCOUNT, ACCOUNT), ("admin", "root")])
def test_the_owner_is_refused(tmp_path: Path, login: str, account: str) -> None:
    scene = AccessScene(tmp_path)
    scene.login = login
    before = scene.files()
    with pytest.raises(OwnerLockedOut):
        close_account(scene.asked(account=account), scene.host)
    assert scene.files() == before


def test_an_account_that_does_not_exist(tmp_path: Path) -> None:
    scene = AccessScene(tmp_path)
    with pytest.raises(AccountMissing):
        close_account(scene.asked(account="nobody"), scene.host)
