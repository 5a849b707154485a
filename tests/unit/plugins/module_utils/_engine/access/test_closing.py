# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An account is closed in every way, and a second run changes nothing."""

from __future__ import annotations

import errno
import fcntl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access import record
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access.authorized_lines import key_of
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access.closing import close_account
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access.opening import open_account
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access.record import parse_record
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    AccountMissing,
    KeyCompromised,
    Locked,
    NoSpace,
    NotClosed,
    NotSupported,
    OperationFailed,
    OwnerLockedOut,
    PasswordCompromised,
    SyncError,
    UserShared,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.passwords.password_hash import (
    hash_of,
)
from support.scenes.access_scene import ACCOUNT, NEW, NEW_PASSWORD, OLD, OLD_PASSWORD, OTHER, AccessScene


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


def test_sessions_end_as_soon_as_no_login_succeeds(tmp_path: Path) -> None:
    """All keys of the host are read after that, which may take a while."""
    scene = AccessScene(tmp_path)
    steps: list[str] = []

    def step(name: str, action: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *given, **options: (steps.append(f"{name} {scene.is_open()}"), action(*given, **options))[1]

    host = scene.host._replace(**{name: step(name, getattr(scene.host, name)) for name in ("end", "keys_of", "revoke")})
    close_account(scene.asked(), host)
    assert steps == ["end False", "keys_of False", "revoke False"]


def test_no_hash_is_in_the_report(tmp_path: Path) -> None:
    scene = AccessScene(tmp_path, second=NEW_PASSWORD)
    assert "$" not in repr(close_account(scene.asked(), scene.host))


def test_the_same_again_is_no_change(tmp_path: Path) -> None:
    scene = AccessScene(tmp_path)
    close_account(scene.asked(), scene.host)
    before = scene.files()
    assert close_account(scene.asked(), scene.host).changes == ()
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


def test_keys_of_another_account_are_spared(tmp_path: Path) -> None:
    """The account may have written them there. They are former keys of this account all the same."""
    scene = AccessScene(tmp_path)
    scene.authorize(OLD, NEW)
    scene.spared = (plain(NEW),)
    report = close_account(scene.asked(), scene.host)
    assert (len(report.revoked), len(report.spared)) == (2, 1)
    assert plain(NEW) not in scene.read("revoked")
    scene.authorize(OLD)
    assert close_account(scene.asked(), scene.host).changes == (), "the key left the file, and is still another's"
    scene.authorize(NEW)
    with pytest.raises(KeyCompromised):
        open_account(scene.asked(NEW), scene.host)


def test_keys_without_a_login_are_named(tmp_path: Path) -> None:
    """The account may have written keys of people there whom only a directory service knows."""
    scene = AccessScene(tmp_path)
    scene.authorize(OLD, NEW)
    scene.unused = (plain(NEW),)
    planned = close_account(scene.asked(check_mode=True), scene.host)
    report = close_account(scene.asked(), scene.host)
    unused = key_of(plain(NEW)).fingerprint
    assert (report.spared, report.unrevoked) == ((unused,), (f"no login of {ACCOUNT} with {unused} is on record",))
    assert (plain(OLD) in scene.read("revoked"), plain(NEW) in scene.read("revoked")) == (True, False)
    assert report == planned
    scene.unused = (plain(NEW), plain(OLD))
    again = close_account(scene.asked(), scene.host)
    assert (again.changes, again.spared) == ((), (unused,)), "the journal has lost the logins since"
    scene.write("revoked", scene.read("revoked") + plain(NEW))
    assert close_account(scene.asked(), scene.host).spared == ()


def test_without_a_journal(tmp_path: Path) -> None:
    """The account is closed, and its keys are on record."""
    scene = AccessScene(tmp_path)
    host = scene.host._replace(keys_of=lambda *given: scene.host.keys_of(*given)._replace(used=None))
    with pytest.raises(NotSupported, match="so the keys with which partner logged in are unknown"):
        close_account(scene.asked(), host)
    assert (scene.is_open(), scene.read("revoked")) == (False, "")
    record = parse_record(scene.read("closed/partner.json"), "")
    assert record is not None
    assert (record.keys, record.complete) == ((plain(OLD),), False)
    scene.spared = (plain(OLD),)
    assert close_account(scene.asked(), host).spared == (key_of(plain(OLD)).fingerprint,)


@pytest.mark.parametrize(
    ("login", "account", "named", "above"),
    [(ACCOUNT, ACCOUNT, "", 0), ("admin", "root", "", 0), ("", ACCOUNT, ACCOUNT, 0), ("", ACCOUNT, "", 1000)],
)
def test_the_owner_is_refused(tmp_path: Path, login: str, account: str, named: str, above: int) -> None:
    """By sshd's process, by the controller, or by an ancestor of this process."""
    scene = AccessScene(tmp_path)
    scene.login, scene.above = login, [0, above]
    before = scene.files()
    with pytest.raises(OwnerLockedOut):
        close_account(scene.asked(account=account, login=named), scene.host)
    assert scene.files() == before


def test_opened_by_hand_and_closed_again(tmp_path: Path) -> None:
    """The key and the password of the time between are compromised too."""
    scene = AccessScene(tmp_path)
    close_account(scene.asked(), scene.host)
    scene.authorize(NEW)
    scene.shadow(hash_of(NEW_PASSWORD))
    report = close_account(scene.asked(), scene.host)
    assert (len(report.revoked), scene.is_open()) == (2, False)
    assert plain(NEW) in scene.read("revoked")
    for asked in (scene.asked(NEW), scene.asked(password=NEW_PASSWORD)):
        with pytest.raises((KeyCompromised, PasswordCompromised)):
            open_account(asked, scene.host)


def test_lines_that_are_no_plain_key_are_named(tmp_path: Path) -> None:
    """Keys in them are revoked as far as they are found."""
    scene = AccessScene(tmp_path)
    scene.write("keys", f"cert-authority {OTHER}\n{plain(OLD)}\x0c\n")
    scene.ways = ("TrustedUserCAKeys",)
    report = close_account(scene.asked(), scene.host)
    assert report.unrevoked == (
        "line 1 of keys is not exactly one plain key",
        "line 2 of keys is not exactly one plain key",
        "sshd has TrustedUserCAKeys",
    )
    assert plain(OLD) in scene.read("revoked")
    assert plain(OTHER) not in scene.read("revoked")


@pytest.mark.parametrize("step", ["keys_of", "revoke"])
def test_while_another_run_opens_it(tmp_path: Path, step: str) -> None:
    """Another run that does not end holds up no closing. Its end may open the account, so the closing run fails."""
    scene = AccessScene(tmp_path)
    close_account(scene.asked(), scene.host)
    scene.authorize(NEW)
    impatient, action = scene.host._replace(patience=0), getattr(scene.host, step)
    seen: list[tuple[bool, str]] = []

    def during(*given: Any) -> Any:
        with pytest.raises(Locked, match=f"closing {ACCOUNT}: account: another run closes or opens {ACCOUNT}"):
            close_account(scene.asked(), impatient)
        seen.append((scene.is_open(), scene.read("sessions")))
        return action(*given)

    open_account(scene.asked(NEW), scene.host._replace(**{step: during}))
    assert seen == [(False, "0")]
    close_account(scene.asked(), impatient)
    assert not scene.is_open()


@pytest.mark.parametrize("step", ["end", "keys_of", "revoke"])
def test_no_other_run_opens_it_meanwhile(tmp_path: Path, step: str) -> None:
    scene = AccessScene(tmp_path)
    close_account(scene.asked(), scene.host)
    scene.authorize(NEW)
    action, seen = getattr(scene.host, step), []

    def during(*given: Any, **options: Any) -> Any:
        with pytest.raises(Locked):
            open_account(scene.asked(NEW), scene.host._replace(patience=0))
        seen.append(step)
        return action(*given, **options)

    assert close_account(scene.asked(), scene.host._replace(**{step: during})).state == "closed"
    assert (seen, scene.is_open()) == ([step], False)


def test_opened_by_the_run_that_it_waited_for(tmp_path: Path) -> None:
    """The account is closed as it is then: it was closed before, and is open now."""
    scene = AccessScene(tmp_path)
    close_account(scene.asked(), scene.host)
    scene.authorize(NEW)
    lock = scene.directory / "etc/closed/.partner.lock"
    with ThreadPoolExecutor(1) as pool, lock.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        closes = pool.submit(close_account, scene.asked(), scene.host)
        with pytest.raises(TimeoutError):
            closes.result(0.3)
        record = scene.read("closed/partner.json").replace('"closed"', '"open"')
        scene.write("closed/partner.json", record)
        scene.shadow("*", "")
        fcntl.flock(held, fcntl.LOCK_UN)
        assert len(closes.result(30).revoked) == 2
    assert not scene.is_open()


def test_the_version_of_the_ledger(tmp_path: Path) -> None:
    """It only rises, and is no change of the account."""
    scene = AccessScene(tmp_path)
    for version, kept in ((3, 3), (2, 3), (4, 4), (0, 4)):
        report = close_account(scene.asked(version=version), scene.host)
        record = parse_record(scene.read("closed/partner.json"), "")
        assert record is not None
        assert (record.version, bool(report.changes)) == (kept, version == 3)


def test_a_file_system_without_room_for_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = AccessScene(tmp_path)

    def full(*_given: Any, **_options: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(record, "opened_lock_file", full)
    with pytest.raises(NoSpace):
        close_account(scene.asked(), scene.host)
    assert (scene.is_open(), scene.read("sessions")) == (False, "0")


def failing(error: SyncError) -> Callable[..., Any]:
    def step(*_given: Any, **_options: Any) -> Any:
        raise error

    return step


ERROR = OperationFailed("the step failed")


@pytest.mark.parametrize("step", ["keys_of", "revoke", "end"])
def test_a_step_that_fails_holds_up_no_other(tmp_path: Path, step: str) -> None:
    scene = AccessScene(tmp_path)
    host = scene.host._replace(**{step: failing(ERROR)})
    with pytest.raises(OperationFailed, match=f"closing {ACCOUNT}: the step failed"):
        close_account(scene.asked(), host)
    assert not scene.is_open()
    assert ACCOUNT not in scene.read("list").split()
    assert (scene.read("sessions") == "0") is (step != "end")
    assert (plain(OLD) in scene.read("revoked")) is (step == "end")
    scene.authorize(OLD, NEW)
    with pytest.raises(NotClosed):
        open_account(scene.asked(NEW), scene.host)
    scene.authorize(OLD)
    close_account(scene.asked(), scene.host)
    assert plain(OLD) in scene.read("revoked")
    scene.authorize(OLD, NEW)
    open_account(scene.asked(NEW), scene.host)
    assert scene.good_keys() == {plain(NEW)}


def test_no_key_is_revoked_while_the_keys_of_others_are_not_known(tmp_path: Path) -> None:
    """An administrator could be locked out."""
    scene = AccessScene(tmp_path)
    scene.authorize(OLD, NEW)
    scene.spared = (plain(NEW),)
    close_account(scene.asked(), scene.host)
    with pytest.raises(OperationFailed):
        close_account(scene.asked(), scene.host._replace(keys_of=failing(ERROR)))
    assert plain(NEW) not in scene.read("revoked")


def test_an_account_that_pam_admits_is_not_reported_as_closed(tmp_path: Path) -> None:
    """All other steps are done: the next run has nothing left but the record."""
    scene = AccessScene(tmp_path)
    with pytest.raises(OperationFailed, match="closing partner: PAM admits it"):
        close_account(scene.asked(), scene.host._replace(require_refused=failing(OperationFailed("PAM admits it"))))
    assert plain(OLD) in scene.read("revoked")
    assert close_account(scene.asked(check_mode=True), scene.host).changes
    assert close_account(scene.asked(), scene.host).changes
    assert not close_account(scene.asked(), scene.host).changes


def test_keys_that_were_prepared_before_a_second_run_are_not_burned(tmp_path: Path) -> None:
    """The first run knew the keys, and failed later."""
    scene = AccessScene(tmp_path)
    with pytest.raises(NotSupported):
        close_account(scene.asked(), scene.host._replace(revoke=failing(NotSupported("sshd does not read it"))))
    scene.authorize(NEW)
    close_account(scene.asked(), scene.host)
    assert plain(NEW) not in scene.read("revoked")


def test_a_damaged_record_does_not_keep_the_account_open(tmp_path: Path) -> None:
    """It is not overwritten: it may have former keys."""
    scene = AccessScene(tmp_path)
    close_account(scene.asked(), scene.host)
    scene.write("closed/partner.json", "damaged")
    scene.shadow(hash_of(NEW_PASSWORD))
    scene.write("sessions", "1")
    scene.authorize(NEW)
    with pytest.raises(OperationFailed, match="is not the record of an account"):
        close_account(scene.asked(), scene.host)
    assert (scene.is_open(), scene.read("sessions")) == (False, "0")
    assert plain(NEW) in scene.read("revoked")
    assert scene.read("closed/partner.json") == "damaged"


def test_an_unsafe_list_does_not_keep_the_account_open(tmp_path: Path) -> None:
    scene = AccessScene(tmp_path)
    (tmp_path / "etc/list").unlink()
    (tmp_path / "etc/list").symlink_to("/etc/passwd")
    with pytest.raises(SyncError):
        close_account(scene.asked(), scene.host)
    assert (scene.is_open(), scene.read("sessions")) == (False, "0")
    record = parse_record(scene.read("closed/partner.json"), "")
    assert record is not None
    assert not record.complete


def test_a_password_that_was_not_read_is_read_by_the_next_run(tmp_path: Path) -> None:
    """Until then, nothing shows that it is a former password."""
    scene = AccessScene(tmp_path, second=NEW_PASSWORD)
    second = tmp_path / "etc/second"
    second.rename(tmp_path / "etc/moved")
    second.symlink_to("moved")
    with pytest.raises(SyncError):
        close_account(scene.asked(), scene.host)
    assert not scene.is_open()
    second.unlink()
    (tmp_path / "etc/moved").rename(second)
    close_account(scene.asked(), scene.host)
    with pytest.raises(PasswordCompromised):
        open_account(scene.asked(password=NEW_PASSWORD), scene.host)


def test_a_shared_user_id(tmp_path: Path) -> None:
    """Processes of the other account are not ended; this account is locked."""
    scene = AccessScene(tmp_path)
    scene.users = [ACCOUNT, "partner2"]
    with pytest.raises(UserShared, match="the same user id as partner2"):
        close_account(scene.asked(), scene.host)
    assert (scene.is_open(), scene.read("sessions")) == (False, "2")
    assert plain(OLD) in scene.read("revoked")


def test_an_account_that_does_not_exist(tmp_path: Path) -> None:
    scene = AccessScene(tmp_path)
    with pytest.raises(AccountMissing):
        close_account(scene.asked(account="nobody"), scene.host)
