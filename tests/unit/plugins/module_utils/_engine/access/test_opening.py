# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A closed account is opened for a new key or password alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access.closing import close_account
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access.known_keys import AccountKeys
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access.opening import open_account
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    AccountLocked,
    InvalidRequest,
    KeyCompromised,
    KeyUnnamed,
    LedgerChanged,
    Locked,
    NotClosed,
    NotFound,
    OperationFailed,
    PasswordCompromised,
    PasswordUnnamed,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.passwords.password_hash import (
    hash_of,
)
from support.judges.sshd_lines import admitted
from support.scenes.access_scene import ACCOUNT, NEW, NEW_PASSWORD, OLD, OLD_PASSWORD, OTHER, AccessScene
from support.vectors.authorized_lines import ODD, PLAIN


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


def test_no_other_run_meanwhile(scene: AccessScene) -> None:
    def during(*given: str) -> AccountKeys:
        with pytest.raises(Locked):
            open_account(scene.asked(NEW), scene.host._replace(patience=0))
        return scene.host.keys_of(*given)

    assert open_account(scene.asked(NEW), scene.host._replace(keys_of=during)).state == "open"


def test_a_later_run_has_closed_it(scene: AccessScene) -> None:
    """The run that opens it began before. Without a ledger, nothing shows which is later."""
    close_account(scene.asked(version=3), scene.host)
    before = scene.files()
    with pytest.raises(LedgerChanged, match="the version 3 of the ledger, and this run the version 2"):
        open_account(scene.asked(NEW, version=2), scene.host)
    assert (scene.is_open(), scene.files()) == (False, before)
    assert open_account(scene.asked(NEW, version=4), scene.host).state == "open"
    with pytest.raises(LedgerChanged):
        open_account(scene.asked(NEW, version=2), scene.host)
    assert open_account(scene.asked(NEW), scene.host).state == "open"


def test_a_record_without_a_version(scene: AccessScene) -> None:
    """Of a host that was closed by an older release: it has no lock either."""
    record = json.loads(scene.read("closed/partner.json"))
    del record["version"]
    scene.write("closed/partner.json", json.dumps(record))
    (scene.directory / "etc/closed/.partner.lock").unlink()
    assert open_account(scene.asked(NEW, version=1), scene.host).state == "open"


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


def test_a_former_key_that_was_not_revoked(scene: AccessScene) -> None:
    """No login with it is on record, so it would open the account."""
    scene.write("revoked", "")
    scene.unused = (plain(OLD),)
    scene.authorize(OLD, NEW)
    before = scene.files()
    with pytest.raises(KeyUnnamed, match="would open partner too"):
        open_account(scene.asked(NEW), scene.host)
    assert scene.files() == before
    scene.write("revoked", plain(OLD))
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
    """Nothing is known of its former keys."""
    scene = AccessScene(tmp_path)
    before = scene.files()
    with pytest.raises(NotClosed, match="was not closed on this host"):
        open_account(scene.asked(NEW), scene.host)
    assert scene.files() == before


@pytest.mark.parametrize("content", [each for each in ODD if admitted(each)] + [b"cert-authority " + OTHER.encode()])
def test_a_line_that_sshd_takes_and_that_is_not_plain(scene: AccessScene, content: bytes) -> None:
    """Also if its key is named or was revoked: sshd may read more there."""
    scene.write("keys", (content + b"\n" + NEW.encode()).decode())
    before = scene.files()
    with pytest.raises(KeyUnnamed, match=r"line . of keys is not exactly one plain key"):
        open_account(scene.asked(NEW), scene.host)
    assert scene.files() == before


@pytest.mark.parametrize("content", PLAIN)
def test_a_plain_line_of_a_key_that_is_not_named(tmp_path: Path, content: bytes) -> None:
    scene = AccessScene(tmp_path)
    scene.authorize()
    close_account(scene.asked(), scene.host)
    scene.write("keys", (content + b"\n" + NEW.encode()).decode())
    with pytest.raises(KeyUnnamed, match="would open partner too"):
        open_account(scene.asked(NEW), scene.host)


def test_keys_that_cannot_be_read(scene: AccessScene) -> None:
    scene.unreadable = OperationFailed("/keys: cannot be read as partner: Permission denied")
    before = scene.files()
    with pytest.raises(OperationFailed):
        open_account(scene.asked(NEW), scene.host)
    assert scene.files() == before


def test_settings_of_sshd_that_were_not_checked(scene: AccessScene) -> None:
    scene.ways = ("TrustedUserCAKeys",)
    before = scene.files()
    for checked in ((), ("AuthorizedKeysCommand",)):
        with pytest.raises(KeyUnnamed, match="sshd has TrustedUserCAKeys"):
            open_account(scene.asked(NEW, checked=checked), scene.host)
    assert scene.files() == before
    assert open_account(scene.asked(NEW, checked=("TrustedUserCAKeys",)), scene.host).state == "open"


@pytest.mark.parametrize("place", ["shadow", "second"])
@pytest.mark.parametrize("password", [OLD_PASSWORD, NEW_PASSWORD])
def test_a_password_that_was_set_meanwhile(scene: AccessScene, place: str, password: str) -> None:
    """A role may have set the former password again, with another salt: no hash shows that it is the same."""
    if place == "shadow":
        scene.shadow(hash_of(password), "1")
    else:
        scene.write("second", f"{ACCOUNT}:{hash_of(password)}\n")
    with pytest.raises(PasswordUnnamed):
        open_account(scene.asked(NEW), scene.host)
    if password == NEW_PASSWORD:
        open_account(scene.asked(NEW, password=NEW_PASSWORD), scene.host)
        assert [scene.takes(NEW_PASSWORD), scene.takes(OLD_PASSWORD)] == [True, False]


def test_the_hash_from_before_is_removed(scene: AccessScene) -> None:
    scene.shadow(str(json.loads(scene.read("closed/partner.json"))["password"]), "1")
    open_account(scene.asked(NEW), scene.host)
    assert (scene.password, scene.takes(OLD_PASSWORD)) == ("*", False)


def test_an_empty_password_does_not_come_back(tmp_path: Path) -> None:
    scene = AccessScene(tmp_path)
    scene.shadow("")
    close_account(scene.asked(), scene.host)
    scene.authorize(NEW)
    open_account(scene.asked(NEW), scene.host)
    assert scene.password == "*"


def test_an_account_that_is_open_is_judged_again(scene: AccessScene) -> None:
    """A run that finds it open does not report more than it saw."""
    open_account(scene.asked(NEW), scene.host)
    scene.authorize(NEW, OTHER)
    with pytest.raises(KeyUnnamed):
        open_account(scene.asked(NEW), scene.host)
    scene.authorize(NEW)
    scene.shadow("*", "1")
    with pytest.raises(AccountLocked, match="expired by an administrator since it was opened"):
        open_account(scene.asked(NEW), scene.host)
    scene.shadow("!" + hash_of(NEW_PASSWORD))
    with pytest.raises(AccountLocked, match="locked by an administrator since it was opened"):
        open_account(scene.asked(NEW), scene.host)
    scene.shadow("*")
    scene.write("list", "other\n")
    assert open_account(scene.asked(NEW), scene.host).changes == (), "the list of FTPS accounts is the administrator's"
    open_account(scene.asked(NEW, password=NEW_PASSWORD), scene.host)
    scene.write("list", f"{ACCOUNT}\n")
    assert scene.takes(NEW_PASSWORD)


def test_a_former_key_that_another_account_has(scene: AccessScene) -> None:
    """It is not revoked, so it must leave the file."""
    scene.authorize(OLD, NEW)
    scene.spared = (plain(OLD),)
    with pytest.raises(KeyUnnamed):
        open_account(scene.asked(NEW), scene.host)


def test_a_date_of_expiry_that_has_passed_meanwhile(tmp_path: Path) -> None:
    scene = AccessScene(tmp_path, expires="99999")
    close_account(scene.asked(), scene.host)
    scene.write("closed/partner.json", scene.read("closed/partner.json").replace("99999", "20000"))
    scene.authorize(NEW)
    with pytest.raises(AccountLocked):
        open_account(scene.asked(NEW), scene.host)


def test_a_date_of_expiry_in_the_future_comes_back(tmp_path: Path) -> None:
    scene = AccessScene(tmp_path, expires="99999")
    close_account(scene.asked(), scene.host)
    scene.authorize(NEW)
    open_account(scene.asked(NEW), scene.host)
    assert scene.expires == "99999"
