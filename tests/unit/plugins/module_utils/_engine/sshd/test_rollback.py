# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rollback restores the configuration, the moduli and the host keys, and removes no line of a file of keys.

The script of the host is real and runs in a directory of the test. There is no systemd: nothing starts its timer.
"""

from __future__ import annotations

import errno
import fcntl
import os
import pwd
import subprocess
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import Locked
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd import rollback as guard


@pytest.fixture
def etc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small /etc/ssh, which the guard treats as the real directory."""
    etc, home = tmp_path / "ssh", tmp_path / "guard_home"
    (etc / "sshd_config.d").mkdir(parents=True)
    for name in ("sshd_config", "moduli", "ssh_host_rsa_key", "sshd_config.d/10-ours.conf", "revoked_keys", "keys"):
        (etc / name).write_text(f"{name} before\n")
    places = tuple(place.replace("/etc/ssh", str(etc)) for place in guard._RESTORED_WHOLE)
    monkeypatch.setattr(guard, "_RESTORED_WHOLE", places)
    for name, path in (("_HOME", ""), ("GUARD", "/guard"), ("_RESTORED", "/restored"), ("_SCRIPT", "/script")):
        monkeypatch.setattr(guard, name, f"{home}{path}")
    monkeypatch.setattr(guard, "_BOOT_UNIT", str(tmp_path / "boot.service"))
    monkeypatch.setattr(guard, "_BOOT_WANTS", str(tmp_path / "wants/boot.service"))
    monkeypatch.setattr(guard, "run_program", lambda *_words: None)
    monkeypatch.setattr(guard, "_keep_rules", lambda: None)
    return etc


def arm(etc: Path, *changed: Path) -> None:
    growing = [str(etc / "revoked_keys"), str(etc / "keys")]
    guard.arm(60, "sshd-of-this-test.service", [*map(str, changed), str(etc / "sshd_config.d/10-ours.conf")], growing)


def roll_back() -> None:
    subprocess.run(guard._program(), check=True)


def test_configuration_moduli_and_host_keys_are_restored(etc: Path) -> None:
    arm(etc)
    for name in ("sshd_config", "moduli", "ssh_host_rsa_key", "sshd_config.d/10-ours.conf"):
        (etc / name).write_text("other")
    (etc / "sshd_config.d/00-new.conf").write_text("new")
    (etc / "ssh_host_ed25519_key").write_text("new")
    (etc / "ssh_host_rsa_key").unlink()
    roll_back()
    for name in ("sshd_config", "moduli", "ssh_host_rsa_key", "sshd_config.d/10-ours.conf"):
        assert (etc / name).read_text() == f"{name} before\n"
    assert sorted(each.name for each in etc.iterdir()) == [
        *("keys", "moduli", "revoked_keys", "ssh_host_rsa_key", "sshd_config", "sshd_config.d")
    ]
    assert [each.name for each in (etc / "sshd_config.d").iterdir()] == ["10-ours.conf"]


def test_accounts_of_jobs_still_reach_their_homes(etc: Path) -> None:
    arm(etc)
    home = Path(guard.GUARD).parent
    assert (home.stat().st_mode & 0o777, Path(guard.GUARD).stat().st_mode & 0o777) == (0o755, 0o700)
    assert all(not each.stat().st_mode & 0o077 for each in home.iterdir())


@pytest.mark.parametrize("held", [False, True])
def test_a_lock_holds_up_a_rollback_only_for_a_time(etc: Path, monkeypatch: pytest.MonkeyPatch, held: bool) -> None:
    monkeypatch.setattr(guard, "_PATIENCE", 1)
    arm(etc)
    (etc / "sshd_config").write_text("other")
    lock = Path(guard.GUARD + ".lock")
    if held:
        with lock.open("w") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            roll_back()
    else:
        roll_back()
        assert lock.stat().st_mode & 0o777 == 0o600
    assert (etc / "sshd_config").read_text() == "sshd_config before\n"


def test_a_lock_of_an_earlier_version_is_closed_before_its_directory_is_opened(
    etc: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = Path(guard.GUARD + ".lock")
    lock.parent.mkdir(mode=0o700)
    lock.touch(0o644)
    lock.chmod(0o644)
    modes, chmod = [], os.chmod

    def seen(path: str, *given: int, **options: bool) -> None:
        if path == guard._HOME:
            modes.append(lock.stat().st_mode & 0o777)
        chmod(path, *given, **options)

    monkeypatch.setattr(guard.os, "chmod", seen)
    arm(etc)
    assert modes == [0o600]


@pytest.mark.parametrize("held", [False, True])
def test_a_confirmation_waits_for_the_lock_only_for_a_time(
    etc: Path, monkeypatch: pytest.MonkeyPatch, held: bool
) -> None:
    """Without the lock, nothing shows whether the rollback has begun: the change is not confirmed."""
    monkeypatch.setattr(guard, "_PATIENCE", 0.3)
    monkeypatch.setattr(guard, "ask_program", lambda *_words: None)
    arm(etc)
    with Path(guard.GUARD + ".lock").open("w") as stream:
        if held:
            fcntl.flock(stream, fcntl.LOCK_EX)
            with pytest.raises(Locked):
                guard.disarm()
        else:
            assert guard.disarm()
    assert (guard.pending() is None) is not held


def test_a_file_that_the_change_made_goes_and_others_stay(etc: Path) -> None:
    banner, other = etc / "banner", etc / "authorized_keys.d/partner"
    arm(etc, banner)
    banner.write_text("new")
    other.parent.mkdir()
    other.write_text("ssh-ed25519 new\n")
    roll_back()
    assert not banner.exists()
    assert other.read_text() == "ssh-ed25519 new\n"


@pytest.mark.parametrize("name", ["revoked_keys", "keys"])
@pytest.mark.parametrize(
    ("before", "meanwhile", "after"),
    [
        ("one\n", "one\ntwo\n", "one\ntwo\n"),
        ("one", "two", "one\ntwo\n"),
        ("one\ntwo\n", "", "one\ntwo\n"),
        ("one\n", None, "one\n"),
        ("", "two\n", "two\n"),
        ("SSHKRL\n\0old", "SSHKRL\n\0old and new", "SSHKRL\n\0old and new"),
        ("SSHKRL\n\0old", None, "SSHKRL\n\0old"),
    ],
    ids=["more", "replaced", "emptied", "removed", "was empty", "own format", "own format removed"],
)
def test_a_list_of_keys_only_grows(etc: Path, name: str, before: str, meanwhile: str | None, after: str) -> None:
    keys = etc / name
    keys.write_text(before)
    keys.chmod(0o640)
    arm(etc)
    keys.write_text(meanwhile or "")
    keys.chmod(0o666)
    if meanwhile is None:
        keys.unlink()
    roll_back()
    assert keys.read_text() == after
    if "SSHKRL" not in after:
        assert keys.stat().st_mode & 0o777 == 0o640
    assert not list(etc.glob("*.restored"))


@pytest.mark.parametrize(
    ("link", "target", "kept"),
    [
        ("keys", None, True),
        ("keys", "/etc/passwd", False),
        ("keys", "own/file", True),
        ("../ssh", "own", True),
        ("../ssh", "/etc", False),
    ],
    ids=["no link", "a file of root's", "an own file", "an own directory", "a directory of root's"],
)
def test_a_link_of_the_account_does_not_choose_a_file_of_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, link: str, target: str | None, kept: bool
) -> None:
    """Otherwise, a rollback would add lines to it, such as a password that was changed meanwhile."""
    ssh, own = tmp_path / "ssh", tmp_path / "own"
    for each in (ssh, own):
        each.mkdir()
        (each / "file").write_text("own")
    (own / "passwd").write_text("own")
    if target is None:
        (ssh / "keys").write_text("own")
    elif link == "keys":
        (ssh / "keys").symlink_to(tmp_path / target)
    else:
        (ssh / "file").unlink()
        ssh.rmdir()
        ssh.symlink_to(tmp_path / target)
    if not os.geteuid():  # then it is another account's home
        for each in (tmp_path, own, *([] if ssh.is_symlink() else [ssh])):
            os.chown(each, 1, 1)
    entry = pwd.struct_passwd(("x", "x", tmp_path.stat().st_uid, 1, "", str(tmp_path), ""))
    monkeypatch.setattr(guard.pwd, "getpwnam", lambda _name: entry)
    found = guard.key_files("x", {"authorizedkeysfile": ("ssh/keys" if link == "keys" else "ssh/passwd",)})
    assert len(found) == kept
    assert all(os.path.realpath(path) == path for path in found)


@pytest.mark.parametrize("word", ["%h/keys", "%U-keys", "keys%%u"])
def test_the_files_of_keys_that_sshd_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    entry = pwd.struct_passwd(("x", "x", os.getuid(), 1, "", str(tmp_path), ""))
    monkeypatch.setattr(guard.pwd, "getpwnam", lambda _name: entry)
    for name in ("keys", f"{os.getuid()}-keys", "keys%u"):
        (tmp_path / name).touch()
    assert len(guard.key_files("x", {"authorizedkeysfile": (word,)})) == 1


def test_no_copy_of_a_private_key_stays(etc: Path) -> None:
    def copies() -> list[str]:
        tree = os.walk(Path(guard._HOME))
        paths = [Path(directory, name) for directory, _directories, names in tree for name in names]
        return [str(path) for path in paths if b"ssh_host_rsa_key before" in path.read_bytes()]

    arm(etc)
    assert len(copies()) == 1
    roll_back()
    assert copies() == []
    assert guard.restored()


def test_a_file_that_cannot_be_restored_is_tried_again(etc: Path) -> None:
    """It is not reported as restored, and the copies stay."""
    arm(etc)
    for name in ("sshd_config", "moduli"):
        (etc / name).write_text("other")
    (etc / "moduli").unlink()
    (etc / "moduli/in the way").mkdir(parents=True)
    with pytest.raises(subprocess.CalledProcessError):
        roll_back()
    assert (etc / "sshd_config").read_text() == "sshd_config before\n"
    assert not guard.restored()
    assert guard.pending() is not None
    (etc / "moduli/in the way").rmdir()
    (etc / "moduli").rmdir()
    roll_back()
    assert (etc / "moduli").read_text() == "moduli before\n"
    assert guard.restored()


def test_a_new_file_of_the_change_among_the_drop_ins(etc: Path) -> None:
    """Two patterns find it."""
    new = etc / "sshd_config.d/20-new.conf"
    arm(etc, new)
    new.write_text("new")
    roll_back()
    assert not new.exists()
    assert guard.restored()


def test_a_restored_file_needs_no_room_on_a_full_disk(etc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error stands for the disk: without root, a test cannot fill it."""
    arm(etc)
    (etc / "sshd_config").write_text("other")

    def full(*_given: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(guard.restoring.os, "fsync", full)
    guard.restoring.main(guard.GUARD)
    assert (etc / "sshd_config").read_text() == "sshd_config before\n"
    assert guard.restored()


def test_a_second_run_of_the_script_does_nothing(etc: Path) -> None:
    arm(etc)
    roll_back()
    (etc / "sshd_config").write_text("later")
    roll_back()
    assert (etc / "sshd_config").read_text() == "later"


def test_the_state_of_files_changes_with_each_content_and_place(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text("a")
    other.write_text("b")
    before = guard.state_of([str(one), str(other)])
    assert before == guard.state_of([str(one), str(other)])
    assert before != guard.state_of([str(one)]) != guard.state_of([])
    one.write_text("b")
    other.write_text("a")
    assert guard.state_of([str(one), str(other)]) != before
