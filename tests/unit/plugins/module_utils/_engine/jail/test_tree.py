# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The key file of a jail: the role's own, or a foreign file; the ids belong to the test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import OperationFailed, UnsafePath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail import tree
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.request import (
    Jail,
    JailDirectory,
    Quota,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.accounts import Owner
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.changes import (
    Change,
    ChangeReport,
    Changes,
)

ROTATED = Jail("partner", rotated=True)
ME = Owner(os.getuid(), os.getgid())


@pytest.fixture
def parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(tree, "ROOT_ID", os.getuid())
    descriptor = os.open(tmp_path, os.O_RDONLY)
    yield descriptor
    os.close(descriptor)


def changes(jail: Jail, parent: int | None) -> tuple[Change, ...]:
    changes = Changes(check_mode=parent is None)
    tree.keep_keys(jail, ME, changes, parent=parent, shown="/keys/partner")
    return changes.report().changes


def test_the_file_of_rotated_keys_is_made_and_then_left_alone(tmp_path: Path, parent: int) -> None:
    assert len(changes(ROTATED, parent)) == 1
    path = tmp_path / "partner"
    head = "# Kept by the role client_key_rotation of the Ansible collection secure.ftp_synchronize.\n"
    assert path.read_text() == head
    path.write_text("restrict ssh-ed25519 AAAA client_key_rotation:x\n")
    assert changes(ROTATED, parent) == ()
    assert path.read_text() == "restrict ssh-ed25519 AAAA client_key_rotation:x\n"


def test_its_mode_is_mended(tmp_path: Path, parent: int) -> None:
    changes(ROTATED, parent)
    (tmp_path / "partner").chmod(0o666)
    assert len(changes(ROTATED, parent)) == 1
    assert (tmp_path / "partner").stat().st_mode & 0o777 == 0o640


def test_without_rotation_the_file_is_the_roles_own(tmp_path: Path, parent: int) -> None:
    (tmp_path / "partner").write_text("ssh-ed25519 AAAA intruder\n")
    assert len(changes(Jail("partner"), parent)) == 1
    assert "intruder" not in (tmp_path / "partner").read_text()


def test_check_mode_on_a_bare_host() -> None:
    assert len(changes(ROTATED, None)) == 1


def jailed(jail: Jail, parent: int | None, *, check_mode: bool = False, owner: Owner | None = ME) -> ChangeReport:
    changes = Changes(check_mode=check_mode)
    tree.keep_jail(jail, owner, changes, base=parent, shown="/srv/sftp/partner")
    return changes.report()


DIRECTORIES = Jail("partner", directories=(JailDirectory("in"), JailDirectory("out", writable=False)))
MADE = ["", "/dev", "/dev/log", "/in", "/out"]


def test_a_tree_is_made_once_and_not_in_check_mode(
    tmp_path: Path, parent: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tree, "user_id", lambda _name: os.getuid())
    planned = jailed(DIRECTORIES, parent, check_mode=True)
    assert list(tmp_path.iterdir()) == []
    made = jailed(DIRECTORIES, parent)
    assert [each.path for each in planned.changes] == [each.path for each in made.changes]
    assert [each.path for each in made.changes] == [f"/srv/sftp/partner{name}" for name in MADE]
    modes = {name: (tmp_path / f"partner{name}").stat().st_mode & 0o7777 for name in MADE}
    assert modes == {"": 0o750, "/dev": 0o711, "/dev/log": 0o600, "/in": 0o2770, "/out": 0o2750}
    assert jailed(DIRECTORIES, parent).changes == ()
    (tmp_path / "partner/in").chmod(0o777)
    assert [each.path for each in jailed(DIRECTORIES, parent).changes] == ["/srv/sftp/partner/in"]


def test_entries_of_others_are_named_and_left_alone(tmp_path: Path, parent: int) -> None:
    assert jailed(Jail("partner"), parent).notes == ()
    (tmp_path / "partner/found").touch()
    (tmp_path / "partner/another").touch()
    (note,) = jailed(Jail("partner"), parent).notes
    assert note == "/srv/sftp/partner holds unmanaged entries, which were left alone: another, found"
    assert (tmp_path / "partner/found").exists()


def test_a_quota_that_the_file_system_does_not_keep_is_noted(parent: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "read_quota", lambda _directory, _user: None)  # whether it can depends on the machine
    limited = Jail("partner", quota=Quota(1024, None))
    assert [("has no quota" in note) for note in jailed(limited, parent).notes] == [True]
    assert jailed(limited, parent, owner=None).notes == ()
    assert jailed(Jail("partner"), parent).notes == ()


def test_a_place_of_the_logs_socket_that_is_a_directory(tmp_path: Path, parent: int) -> None:
    (tmp_path / "partner/dev/log").mkdir(parents=True)
    with pytest.raises(UnsafePath, match="neither a file nor a socket"):
        jailed(Jail("partner"), parent)


@pytest.mark.parametrize(
    ("check_mode", "present", "taken", "is_enforced", "change", "note"),
    [
        (False, Quota(None, 9), True, True, ("any size, number of files 9", "2048 bytes, any number of files"), ""),
        (True, Quota(None, 9), True, True, ("any size, number of files 9", "2048 bytes, any number of files"), ""),
        (False, Quota(2048, None), True, True, None, ""),
        (False, Quota(2048, None), True, False, None, "is not enforced: mount its file system with usrquota"),
        (False, Quota(None, None), False, True, None, "did not take the quota"),
    ],
    ids=["changed", "check-mode", "kept", "not-enforced", "not-taken"],
)
def test_the_quota_of_an_account_is_kept(
    monkeypatch: pytest.MonkeyPatch,
    check_mode: bool,
    present: Quota,
    taken: bool,
    is_enforced: bool,
    change: tuple[str, str] | None,
    note: str,
) -> None:
    """The calls of the kernel, which need a file system with quotas, are a variable here."""
    now = [present]

    def set_quota(_directory: int, user: int, quota: Quota) -> None:
        assert user == ME.user
        now[0] = quota if taken else now[0]

    monkeypatch.setattr(tree, "read_quota", lambda _directory, _user: now[0])
    monkeypatch.setattr(tree, "set_quota", set_quota)
    monkeypatch.setattr(tree, "enforced", lambda _directory: is_enforced)
    found = Changes(check_mode=check_mode)
    if not taken:
        with pytest.raises(OperationFailed, match=note):
            tree.keep_quota(Quota(2000, None), ME, found, 0, "/srv/jail/partner")
        return
    tree.keep_quota(Quota(2000, None), ME, found, 0, "/srv/jail/partner")
    report = found.report()
    assert report.changes == ((Change("quota of /srv/jail/partner", *change),) if change else ())
    assert [note in each for each in report.notes] == [True] * bool(note)
    assert now == [present if check_mode else Quota(2048, None)]
