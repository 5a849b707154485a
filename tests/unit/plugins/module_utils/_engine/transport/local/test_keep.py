# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A new name for a local file: never an empty file under it, never both names behind a failure."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.local.directories import (
    Directories,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.local.transport import move_new

CHANGES = ("link", "open", "rename", "unlink")
OLD, NEW = RelPath(b"old"), RelPath(b"new")


@pytest.fixture
def directories(tmp_path: Path) -> Directories:
    (tmp_path / "old").write_bytes(b"whole")
    return Directories(os.fsencode(tmp_path))


def each_call(patch: pytest.MonkeyPatch, watch: Callable[[str], None]) -> None:
    """Call `watch` with the name of each call that changes names, before it is made."""
    for name in CHANGES:
        real = getattr(os, name)

        def watched(*given: object, _name: str = name, _real: Callable = real, **named: object) -> object:
            watch(_name)
            return _real(*given, **named)

        patch.setattr(os, name, watched)


def test_the_new_name_is_whole_at_each_moment(
    directories: Directories, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process can be killed before each call: the name of a lock must not stand for an empty file then."""
    seen = []

    def watch(_name: str) -> None:
        seen.append((tmp_path / "new").read_bytes() if (tmp_path / "new").exists() else None)

    each_call(monkeypatch, watch)
    move_new(directories, OLD, NEW)
    assert b"whole" in seen
    assert set(seen) <= {None, b"whole"}
    assert sorted(os.listdir(tmp_path)) == ["new"]


@pytest.mark.parametrize("fails", ["link", "unlink", "rename"])
def test_a_call_that_fails_leaves_the_old_name_alone(
    fails: str, directories: Directories, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The failures are mocks, as is a file system without hard links: a test may be unable to mount it."""
    left = [errno.EIO]

    def watch(name: str) -> None:
        if name == "link" and fails == "rename":
            raise OSError(errno.EPERM, "no hard links here")
        if name == fails and left:
            raise OSError(left.pop(), "broken")

    each_call(monkeypatch, watch)
    with pytest.raises(OSError, match="broken"):
        move_new(directories, OLD, NEW)
    assert sorted(os.listdir(tmp_path)) == ["old"]
    move_new(directories, OLD, NEW)
    assert (tmp_path / "new").read_bytes() == b"whole"


def test_without_hard_links_nothing_is_replaced_either(
    directories: Directories, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file system is a mock, as above."""

    def watch(name: str) -> None:
        if name == "link":
            raise OSError(errno.EPERM, "no hard links here")

    each_call(monkeypatch, watch)
    (tmp_path / "new").write_bytes(b"another's")
    with pytest.raises(FileExistsError):
        move_new(directories, OLD, NEW)
    assert (tmp_path / "new").read_bytes() == b"another's"
