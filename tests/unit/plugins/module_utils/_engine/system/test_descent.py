# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trees of any depth, with real directories: walked, archived, removed."""

from __future__ import annotations

import os
import resource
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import UnsafePath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.removal import remove_jail
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.request import ABSENT, Jail
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.changes import Changes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.descent import remove_below, walk

LEVELS = 1500
NAME = "n" * 20
"""Long enough that no path leads to the lowest levels."""


@pytest.fixture
def base(tmp_path: Path) -> Iterator[int]:
    descriptor = os.open(tmp_path, os.O_RDONLY)
    yield descriptor
    os.close(descriptor)


@pytest.fixture
def few_descriptors() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    open_now = max(map(int, os.listdir("/proc/self/fd")))
    resource.setrlimit(resource.RLIMIT_NOFILE, (open_now + 12, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def nest(top: Path, levels: int = LEVELS) -> None:
    """Make so many levels, with a file in each hundredth."""
    at = os.open(top, os.O_RDONLY)
    for level in range(levels):
        os.mkdir(NAME, dir_fd=at)
        below = os.open(NAME, os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = below
        if level % 100 == 0:
            os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=at))
    os.close(at)


def test_every_directory_is_met_parents_first(tmp_path: Path) -> None:
    for name in ("a/b/c", "a/d", "e"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "a/b/file").touch()
    (tmp_path / "link").symlink_to("a")
    top = os.open(tmp_path, os.O_RDONLY)
    before = len(os.listdir("/proc/self/fd"))
    met = [(folder.path, folder.folders, folder.others) for folder in walk(top)]
    assert met == [
        ("", ["a", "e"], ["link"]),
        ("a", ["b", "d"], []),
        ("a/b", ["c"], ["file"]),
        ("a/b/c", [], []),
        ("a/d", [], []),
        ("e", [], []),
    ]
    assert len(os.listdir("/proc/self/fd")) == before
    os.close(top)


def test_a_deep_tree_is_archived_and_removed(base: int, tmp_path: Path, few_descriptors: None) -> None:
    jail = Jail("no-such-account", ABSENT)
    (tmp_path / jail.name).mkdir()
    nest(tmp_path / jail.name)
    changes = Changes(check_mode=False)
    archive = f"{tmp_path}/a.tar.gz"
    remove_jail(jail, changes, base=base, shown=f"{tmp_path}/{jail.name}", archives=base, archive=archive)
    assert os.listdir(tmp_path) == ["a.tar.gz"]
    with tarfile.open(archive) as found:
        names = found.getnames()
    assert len(names) == LEVELS + LEVELS // 100
    assert max(name.count("/") for name in names) == LEVELS - 1


def test_links_are_removed_and_what_they_point_to_stays(tmp_path: Path) -> None:
    (tmp_path / "tree/in").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/file").touch()
    (tmp_path / "tree/in/link").symlink_to(tmp_path / "outside")
    os.mkfifo(tmp_path / "tree/fifo")
    top = os.open(tmp_path / "tree", os.O_RDONLY)
    remove_below(top)
    os.close(top)
    assert list((tmp_path / "tree").iterdir()) == []
    assert (tmp_path / "outside/file").exists()


def test_a_directory_that_is_moved_away_meanwhile_ends_it(tmp_path: Path) -> None:
    (tmp_path / "tree/a/b").mkdir(parents=True)
    (tmp_path / "tree/z").mkdir()
    (tmp_path / "outside").mkdir()
    top = os.open(tmp_path / "tree", os.O_RDONLY)
    steps = walk(top)
    assert [next(steps).path for _step in range(3)] == ["", "a", "a/b"]
    (tmp_path / "tree/a/b").rename(tmp_path / "outside/b")
    with pytest.raises(UnsafePath):
        list(steps)
    os.close(top)
