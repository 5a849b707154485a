# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files for locks: who can open them. Tests with several users need root."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.lock_file import (
    existing_lock_file,
    opened_lock_file,
    shared_lock_file,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.root_owned_path import closing
from support.running.child import NOBODY, in_child

OTHER = 2
"""Another user, in the same group."""
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs several users")


@pytest.mark.parametrize("before", [None, 0o644, 0o666])
def test_only_its_owner_can_open_the_file(tmp_path: Path, before: int | None) -> None:
    lock = tmp_path / "lock"
    if before is not None:
        lock.touch()
        lock.chmod(before)
    with closing(opened_lock_file(str(lock))):
        assert lock.stat().st_mode & 0o777 == 0o600


def test_a_file_in_a_directory(tmp_path: Path) -> None:
    with closing(os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)) as directory:
        assert existing_lock_file("lock", directory=directory) is None
        assert list(tmp_path.iterdir()) == []
        with closing(opened_lock_file("lock", directory=directory)):
            found = existing_lock_file("lock", directory=directory)
        assert found is not None
        os.close(found)


def test_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lock").symlink_to(tmp_path / "target")
    for opened in (opened_lock_file, existing_lock_file):
        with pytest.raises(OSError, match="symbolic links"):
            opened(str(tmp_path / "lock"))
    assert not (tmp_path / "target").exists()


@pytest.fixture
def shared() -> Iterator[Path]:
    """A directory that all users can reach."""
    with tempfile.TemporaryDirectory() as base:
        os.chmod(base, 0o755)  # noqa: S103  # for the accounts without privileges
        path = Path(base) / "shared"
        path.mkdir()
        yield path


def give(path: Path, user: int, mode: int) -> None:
    os.chown(path, user, NOBODY)
    path.chmod(mode)


def open_lock(path: Path) -> bool:
    with closing(os.open(path, os.O_RDONLY | os.O_DIRECTORY)) as directory:
        os.close(shared_lock_file("lock", directory=directory))
    return True


def opens(path: Path, user: int) -> bool:
    def attempt() -> bool:
        try:
            return open_lock(path)
        except PermissionError:
            return False

    return in_child(attempt, unprivileged=True, user=user)


def status(path: Path) -> tuple[int, int]:
    found = (path / "lock").stat()
    return found.st_uid, found.st_mode & 0o777


@as_root
def test_the_lock_of_a_directory_of_others_after_a_run_of_root(shared: Path) -> None:
    give(shared, OTHER, 0o755)
    open_lock(shared)
    assert status(shared) == (OTHER, 0o600)
    assert opens(shared, OTHER)
    assert not opens(shared, NOBODY), "it may only read the directory"


@as_root
@pytest.mark.parametrize("first", [0, NOBODY, OTHER])
def test_the_lock_of_a_directory_of_a_group(shared: Path, first: int) -> None:
    give(shared, 0, 0o2775)
    assert opens(shared, first) if first else open_lock(shared)
    assert status(shared) == (first, 0o660)
    assert [opens(shared, NOBODY), opens(shared, OTHER), open_lock(shared)] == [True, True, True]


@as_root
def test_the_lock_of_a_directory_without_the_bit_for_its_group(shared: Path) -> None:
    """A new file has the group of the user, and the directory has another group."""
    os.chown(shared, NOBODY, 12)
    shared.chmod(0o775)
    assert opens(shared, NOBODY)
    assert status(shared) == (NOBODY, 0o600), "the group of the user may not write to the directory"
    open_lock(shared)
    assert opens(shared, NOBODY)


@as_root
@pytest.mark.parametrize("mode", [0o600, 0o644, 0o666])
def test_the_lock_of_an_earlier_version(shared: Path, mode: int) -> None:
    """Its owner lets in the accounts that may write to the directory, and no other account."""
    give(shared, NOBODY, 0o2775)
    (shared / "lock").touch()
    give(shared / "lock", NOBODY, mode)
    assert opens(shared, NOBODY)
    assert status(shared) == (NOBODY, 0o660)
    give(shared, NOBODY, 0o755)
    assert opens(shared, NOBODY)
    assert status(shared) == (NOBODY, 0o600)


@as_root
@pytest.mark.parametrize("planted", ["a link", "content"])
def test_root_gives_no_other_file_away(shared: Path, planted: str) -> None:
    """The owner of the directory can put a file of root there under the name of the lock."""
    give(shared, NOBODY, 0o2775)
    lock = shared / "lock"
    lock.write_text("secret" if planted == "content" else "")
    lock.chmod(0o600)
    if planted == "a link":
        os.link(lock, shared / "another name")
    open_lock(shared)
    assert status(shared) == (0, 0o600)
    assert not opens(shared, NOBODY)
