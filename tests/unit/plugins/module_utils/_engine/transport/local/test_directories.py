# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import List

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import ROOT, RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.local.directories import (
    Directories,
)


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


def make(directories: Directories, path: bytes) -> None:
    directories.at(RelPath(path), lambda parent, name: os.mkdir(name, dir_fd=parent))


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for number in range(20):
        (tmp_path / f"d{number}" / "e").mkdir(parents=True)
    return tmp_path


def test_what_was_used_lately_is_opened_once(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: List[object] = []
    real = os.open
    monkeypatch.setattr(os, "open", lambda *args, **options: opened.append(args[0]) or real(*args, **options))
    directories = Directories(os.fsencode(tree))
    for _time in range(10):
        directories.get(b"d1/e")
        directories.get(b"d1")
    assert opened == [os.fsencode(tree), b"d1", b"e"]


def test_few_stay_open_and_none_after_close(tree: Path) -> None:
    before = open_files()
    directories = Directories(os.fsencode(tree), limit=5)
    for number in range(20):
        directories.get(b"d%d/e" % number)
        assert open_files() - before <= 6
    directories.close()
    assert open_files() == before


def test_one_that_is_held_stays_usable_when_it_is_forgotten(tree: Path) -> None:
    directories = Directories(os.fsencode(tree), limit=2)
    held = directories.get(b"d1")
    for number in range(20):
        directories.get(b"d%d/e" % number)
    directories.close()
    assert os.listdir(b"/proc/self/fd/%d" % held.fd) == [b"e"]


def test_one_that_somebody_removed_and_made_again_is_found(tree: Path) -> None:
    directories = Directories(os.fsencode(tree))
    make(directories, b"d1/e/old")
    shutil.rmtree(tree / "d1")
    (tree / "d1" / "e").mkdir(parents=True)
    make(directories, b"d1/e/new")
    assert os.listdir(tree / "d1" / "e") == ["new"]


def test_one_that_somebody_removed_is_missing(tree: Path) -> None:
    directories = Directories(os.fsencode(tree))
    make(directories, b"d1/e/old")
    shutil.rmtree(tree / "d1")
    with pytest.raises(FileNotFoundError):
        make(directories, b"d1/e/new")


def test_one_that_somebody_moved_is_used_for_its_lifetime_only(tree: Path) -> None:
    directories = Directories(os.fsencode(tree), lifetime=0.0)
    make(directories, b"d1/e/first")
    (tree / "d1").rename(tree / "away")
    (tree / "d1" / "e").mkdir(parents=True)
    make(directories, b"d1/e/second")
    assert os.listdir(tree / "d1" / "e") == ["second"]


def test_a_directory_below_is_as_old_as_the_walk_from_the_root(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock is the test's, so that the order of events is too."""
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    directories = Directories(os.fsencode(tree), lifetime=1.0)
    directories.get(b"d1")
    now[0] += 0.9
    directories.get(b"d1/e")
    (tree / "d1").rename(tree / "away")
    (tree / "d1" / "e").mkdir(parents=True)
    now[0] += 0.2
    make(directories, b"d1/e/f")
    assert os.listdir(tree / "d1" / "e") == ["f"]


def test_forget_takes_all_below_and_nothing_beside(tree: Path) -> None:
    (tree / "d10").rename(tree / "d1 beside")
    directories = Directories(os.fsencode(tree))
    beside = directories.get(b"d1 beside")
    inner = directories.get(b"d1/e")
    directories.forget(b"d1")
    assert directories.get(b"d1 beside") is beside
    assert directories.get(b"d1/e") is not inner
    directories.forget(ROOT)
    assert directories.get(b"d1 beside") is not beside


@pytest.mark.parametrize(("target", "error"), [("d2", "a symbolic link"), (None, "Not a directory")])
def test_what_is_no_directory_is_not_walked(tree: Path, target: str, error: str) -> None:
    if target is None:
        (tree / "x").write_bytes(b"")
    else:
        (tree / "x").symlink_to(target)
    with pytest.raises(OSError, match=error):
        Directories(os.fsencode(tree)).get(b"x/e")


def test_300_levels_with_few_descriptors(tmp_path: Path) -> None:
    before = open_files()
    directories = Directories(os.fsencode(tmp_path), limit=3)
    for depth in range(1, 301):
        make(directories, b"/".join([b"d"] * depth))
        assert open_files() - before <= 4
    directories.close()
    walked = Directories(os.fsencode(tmp_path), limit=3)
    assert os.fstat(walked.get(b"/".join([b"d"] * 300)).fd).st_nlink == 2
