# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Directories and files with their owner and mode, created and repaired; the ids belong to the test."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import NoSpace, UnsafePath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.changes import Change, Changes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.entries import (
    Attributes,
    keep_directory,
    keep_file,
)

MINE = Attributes(os.getuid(), os.getgid(), 0o750)
WORDS = f"{os.getuid()}:{os.getgid()}"


@pytest.fixture
def parent(tmp_path: Path) -> Iterator[int]:
    descriptor = os.open(tmp_path, os.O_RDONLY)
    yield descriptor
    os.close(descriptor)


def directory(changes: Changes, parent: int | None) -> None:
    descriptor = keep_directory("d", MINE, changes, parent=parent, shown="/x/d")
    if descriptor is not None:
        os.close(descriptor)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_directory_is_made_once(parent: int, tmp_path: Path) -> None:
    first, second = Changes(check_mode=False), Changes(check_mode=False)
    directory(first, parent)
    directory(second, parent)
    assert mode_of(tmp_path / "d") == 0o750
    assert first.report().changes == (Change("/x/d", "missing", f"directory {WORDS} 0750"),)
    assert second.report().changes == ()


def test_a_full_disk_is_the_error_of_the_directory(parent: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def mkdir(*_arguments: object, **_options: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "mkdir", mkdir)
    with pytest.raises(NoSpace) as caught:
        directory(Changes(check_mode=False), parent)
    assert caught.value.path == b"/x/d"


def test_a_directory_is_mended(parent: int, tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d").chmod(0o4777)
    changes = Changes(check_mode=False)
    directory(changes, parent)
    assert mode_of(tmp_path / "d") == 0o750
    assert changes.report().changes == (Change("/x/d", f"{WORDS} 4777", f"{WORDS} 0750"),)


def test_check_mode_touches_nothing(parent: int, tmp_path: Path) -> None:
    changes = Changes(check_mode=True)
    directory(changes, parent)
    directory(changes, None)
    keep_file("f", b"new", MINE, changes, parent=parent, shown="/x/f")
    assert list(tmp_path.iterdir()) == []
    assert [change.before for change in changes.report().changes] == ["missing"] * 3


def test_a_link_in_the_place_of_a_directory(parent: int, tmp_path: Path) -> None:
    (tmp_path / "d").symlink_to("/etc")
    with pytest.raises(UnsafePath, match="/x/d is a symbolic link"):
        directory(Changes(check_mode=False), parent)


def test_a_file_is_written_replaced_and_mended(parent: int, tmp_path: Path) -> None:
    for content, mode in ((b"one", 0o640), (b"two", 0o640), (b"two", 0o600)):
        changes = Changes(check_mode=False)
        keep_file("f", content, MINE._replace(mode=mode), changes, parent=parent, shown="/x/f")
        assert ((tmp_path / "f").read_bytes(), mode_of(tmp_path / "f")) == (content, mode)
        assert len(changes.report().changes) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


@pytest.mark.parametrize("kind", ["link", "directory", "fifo"])
def test_what_is_no_file(parent: int, tmp_path: Path, kind: str) -> None:
    make = {"link": lambda path: path.symlink_to("/etc/passwd"), "directory": Path.mkdir, "fifo": os.mkfifo}
    make[kind](tmp_path / "f")
    with pytest.raises(UnsafePath, match="/x/f"):
        keep_file("f", b"x", MINE, Changes(check_mode=False), parent=parent, shown="/x/f")
