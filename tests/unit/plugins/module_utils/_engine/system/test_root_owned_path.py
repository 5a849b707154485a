# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths are opened component by component, and redirectable components are refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    InvalidRequest,
    NotFound,
    UnsafePath,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.root_owned_path import (
    Walker,
    closing,
    parts_of,
)


@pytest.fixture
def walker(tmp_path: Path) -> Walker:
    (tmp_path / "a/b").mkdir(parents=True)
    return Walker(owner=os.getuid(), start=str(tmp_path))


def test_the_directory_is_opened(walker: Walker, tmp_path: Path) -> None:
    with closing(walker.open("/a/b")) as descriptor:
        assert os.fstat(descriptor).st_ino == (tmp_path / "a/b").stat().st_ino


def test_what_is_missing(walker: Walker) -> None:
    assert walker.open_existing("/a/c/d") is None
    with pytest.raises(NotFound):
        walker.open("/a/c/d")


@pytest.mark.parametrize("link", ["a", "a/b"])
def test_a_link_is_not_followed(walker: Walker, tmp_path: Path, link: str) -> None:
    (tmp_path / link).rename(tmp_path / "real")
    (tmp_path / link).symlink_to(tmp_path / "real")
    with pytest.raises(UnsafePath, match=f"/{link} is a symbolic link"):
        walker.open("/a/b")


def test_a_file_is_no_directory(walker: Walker, tmp_path: Path) -> None:
    (tmp_path / "a/b/c").touch()
    with pytest.raises(UnsafePath, match="/a/b/c is another kind of file"):
        walker.open("/a/b/c")


@pytest.mark.parametrize("part", ["a", "a/b"])
@pytest.mark.parametrize("mode", [0o775, 0o757, 0o1777])
def test_a_component_that_others_may_write(walker: Walker, tmp_path: Path, part: str, mode: int) -> None:
    (tmp_path / part).chmod(mode)
    with pytest.raises(UnsafePath, match=f"/{part} may be written by others"):
        walker.open("/a/b")


def test_a_component_of_another_owner(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(UnsafePath, match="/a belongs to the user"):
        Walker(owner=os.getuid() + 1, start=str(tmp_path)).open("/a")


def test_no_descriptor_is_left_open(walker: Walker, tmp_path: Path) -> None:
    (tmp_path / "a/b").chmod(0o777)
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(UnsafePath):
        walker.open("/a/b")
    assert walker.open_existing("/a/c/d") is None
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize("path", ["", "a", "a/b", "/a/..", "/./a", "/a\0b", "/a b", "/%h", "/a\n", "~/a"])
def test_what_is_no_plain_path(path: str) -> None:
    with pytest.raises(InvalidRequest):
        parts_of(path)


def test_parts() -> None:
    assert parts_of("/") == []
    assert parts_of("//srv/jail/") == ["srv", "jail"]
