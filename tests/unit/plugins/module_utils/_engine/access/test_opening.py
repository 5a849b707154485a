# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A closed account is opened for a new key or password alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access.closing import close_account
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access.opening import open_account
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access.refusals import (
    KeyCompromised,
    KeyUnnamed,
    PasswordCompromised,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    AccountLocked,
    InvalidRequest,
    NotFound,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.passwords.password_hash import (
    hash_of,
)
from support.scenes.access_scene import ACCOUNT, NEW, NEW_PASSWORD, OLD, OLD_PASSWORD, OTHER, AccessScene


def plain(text: str) -> str:
    return " ".join(text.split()[:2])


@pytest.fixture
def scene(tmp_path: Path) -> AccessScene:
    """A closed account, into which the role has put a new key."""
    scene = AccessScene(tmp_path)
    close_account(scene.asked(), scene.host)
    scene.authorize(NEW)
    return scene


def test_opened_with_a_key(scene: AccessScene) -> None:
    assert open_account(scene.asked(NEW), scene.host).state == "open"
    assert scene.good_keys() == {plain(NEW)}
    assert (scene.password, scene.expires) == ("*", "")
    assert ACCOUNT in scene.read("list").split()
    before = scene.files()
    assert open_account(scene.asked(NEW), scene.host).changes == ()
    assert scene.files() == before


def test_opened_with_a_password(scene: AccessScene) -> None:
    scene.authorize()
    open_account(scene.asked(password=NEW_PASSWORD), scene.host)
    assert [scene.takes(NEW_PASSWORD), scene.takes(OLD_PASSWORD)] == [True, False]


def test_check_mode(scene: AccessScene) -> None:
    before = scene.files()
    checked = open_account(scene.asked(NEW, check_mode=True), scene.host)
    assert scene.files() == before
    assert checked == open_account(scene.asked(NEW), scene.host)


@pytest.mark.parametrize(
    ("keys", "password", "present", "error"),
    [
        ((OLD,), "", (OLD,), KeyCompromised),
        ((NEW, OLD), "", (OLD, NEW), KeyCompromised),
        ((), OLD_PASSWORD, (), PasswordCompromised),
        ((NEW,), OLD_PASSWORD, (NEW,), PasswordCompromised),
        ((NEW,), "", (OLD,), NotFound),
        ((NEW,), "", (NEW, OTHER), KeyUnnamed),
        ((), NEW_PASSWORD, (NEW,), KeyUnnamed),
        ((), "", (NEW,), InvalidRequest),
    ],
)
def test_refused(
    scene: AccessScene, keys: tuple[str, ...], password: str, present: tuple[str, ...], error: type[Exception]
) -> None:
    scene.authorize(*present)
    before = scene.files()
    with pytest.raises(error):
        open_account(scene.asked(*keys, password=password), scene.host)
    assert scene.files() == before


def test_a_key_that_is_revoked_for_another_reason(scene: AccessScene) -> None:
    scene.write("revoked", scene.read("revoked") + NEW)
    with pytest.raises(KeyCompromised):
        open_account(scene.asked(NEW), scene.host)


def test_former_keys_that_a_closing_run_did_not_revoke(scene: AccessScene) -> None:
    scene.write("revoked", "")
    scene.authorize(OLD, NEW)
    open_account(scene.asked(NEW), scene.host)
    assert scene.good_keys() == {plain(NEW)}


def test_passwords_of_earlier_closings_are_remembered(scene: AccessScene) -> None:
    scene.authorize()
    open_account(scene.asked(password=NEW_PASSWORD), scene.host)
    close_account(scene.asked(), scene.host)
    for password in (OLD_PASSWORD, NEW_PASSWORD):
        with pytest.raises(PasswordCompromised):
            open_account(scene.asked(password=password), scene.host)


@pytest.mark.parametrize("field", ["*", "!", "!!"])
def test_an_account_without_a_password(tmp_path: Path, field: str) -> None:
    scene = AccessScene(tmp_path, password=field)
    close_account(scene.asked(), scene.host)
    scene.authorize(NEW)
    open_account(scene.asked(NEW), scene.host)
    assert (scene.password, scene.expires) == (field, "")


@pytest.mark.parametrize(("password", "expires"), [("!" + hash_of(OLD_PASSWORD), ""), ("*", "2"), ("*", "1")])
def test_a_lock_by_hand_stays(tmp_path: Path, password: str, expires: str) -> None:
    scene = AccessScene(tmp_path, password=password, expires=expires)
    close_account(scene.asked(), scene.host)
    scene.authorize(NEW)
    before = scene.files()
    with pytest.raises(AccountLocked):
        open_account(scene.asked(NEW), scene.host)
    assert scene.files() == before
    scene.shadow("*", "")
    open_account(scene.asked(NEW), scene.host)
    assert scene.good_keys() == {plain(NEW)}


def test_an_account_that_was_never_closed(tmp_path: Path) -> None:
    scene = AccessScene(tmp_path)
    before = scene.files()
    assert open_account(scene.asked(NEW), scene.host).changes == ()
    assert scene.files() == before


def test_a_date_of_expiry_in_the_future_comes_back(tmp_path: Path) -> None:
    scene = AccessScene(tmp_path, expires="99999")
    close_account(scene.asked(), scene.host)
    scene.authorize(NEW)
    open_account(scene.asked(NEW), scene.host)
    assert scene.expires == "99999"
