# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An archive holds the tree, or there is none."""

from __future__ import annotations

import errno
import os
import socket
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    AlreadyExists,
    NoSpace,
    NotFound,
    ProofFailed,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail import archive
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.archive import archive_tree
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.descent import remove_below


class Scene:
    """A tree with all kinds of entries, and a directory for archives."""

    def __init__(self, home: Path) -> None:
        self.source, self.target = home / "tree", home / "archives"
        (self.source / "in/deep").mkdir(parents=True)
        self.target.mkdir()
        (self.source / "in/file").write_bytes(os.urandom(3 << 20))
        (self.source / "in/deep/odd\nname").write_bytes(b"odd")
        (self.source / "link").symlink_to("/etc/passwd")
        os.mkfifo(self.source / "fifo")
        self.tree, self.parent = os.open(self.source, os.O_RDONLY), os.open(self.target, os.O_RDONLY)
        self.notes: list[str] = []

    def archive(self) -> archive.Archived:
        return archive_tree(self.tree, "a.tar.gz", self.notes.append, parent=self.parent)

    def left(self) -> list[str]:
        return sorted(path.name for path in self.target.iterdir())


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = Scene(tmp_path)
    yield made
    os.close(made.tree)
    os.close(made.parent)


def test_all_is_in_it(scene: Scene, tmp_path: Path) -> None:
    scene.archive()
    assert scene.left() == ["a.tar.gz"]
    assert (scene.target / "a.tar.gz").stat().st_mode & 0o777 == 0o600
    with tarfile.open(scene.target / "a.tar.gz") as found:
        found.extractall(tmp_path / "out", filter="tar")
    assert (tmp_path / "out/in/file").read_bytes() == (scene.source / "in/file").read_bytes()
    assert (tmp_path / "out/in/deep/odd\nname").read_bytes() == b"odd"
    assert os.readlink(tmp_path / "out/link") == "/etc/passwd"
    assert scene.notes == []


def test_sockets_are_told(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(scene.source)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("log")
    scene.archive()
    assert scene.notes == ["log is a socket or a device, which an archive cannot hold"]


def test_an_archive_is_never_replaced(scene: Scene) -> None:
    (scene.target / "a.tar.gz").write_bytes(b"older")
    with pytest.raises(AlreadyExists):
        scene.archive()
    assert (scene.target / "a.tar.gz").read_bytes() == b"older"
    assert scene.left() == ["a.tar.gz"]


def test_another_run_in_the_same_second_does_not_leave_its_part_as_the_archive(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two controllers with the same timetable: else the data is removed, and the archive is the other's first bytes."""
    monkeypatch.chdir(scene.source)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("log")

    def other_run(_note: str) -> None:
        scene.notes.append("")
        if len(scene.notes) > 1:
            raise KeyboardInterrupt  # it goes no further
        with pytest.raises(KeyboardInterrupt):
            archive_tree(scene.tree, "a.tar.gz", other_run, parent=scene.parent)

    with pytest.raises(NotFound):
        archive_tree(scene.tree, "a.tar.gz", other_run, parent=scene.parent)
    assert not (scene.target / "a.tar.gz").exists()


def test_what_was_not_stored_is_found(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    write = archive._write
    monkeypatch.setattr(archive, "_write", lambda *given: {**write(*given), "in/file": "0" * 64})
    with pytest.raises(ProofFailed):
        scene.archive()
    assert scene.left() == []


def test_a_full_disk_leaves_nothing(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(archive.os, "fsync", full)
    with pytest.raises(NoSpace):
        scene.archive()
    assert scene.left() == []


def test_an_entry_that_changed_after_the_archive_stays_with_its_directories(scene: Scene) -> None:
    archived = scene.archive()
    (scene.source / "in/deep/odd\nname").write_bytes(b"new")
    assert remove_below(scene.tree, archived.remove) == ["in/deep/odd\nname", "in/deep", "in"]
    assert [path.name for path in scene.source.rglob("*")] == ["in", "deep", "odd\nname"]


def test_an_entry_that_came_after_the_archive_stays(scene: Scene) -> None:
    archived = scene.archive()
    (scene.source / "in/late").touch()
    assert remove_below(scene.tree, archived.remove) == ["in/late", "in"]
