# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Directories and files in one run; the ids belong to the test, and paths begin at its directory."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    InvalidRequest,
    NotFound,
    UnsafePath,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.changes import ChangeReport
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.kept_files import (
    FilesRequest,
    KeptDirectory,
    KeptFile,
    keep_files,
)

DIRECTORIES = (KeptDirectory("/a", 0o755), KeptDirectory("/a/b", 0o750))
FILES = (KeptFile("/a/b/file", "text\n", 0o640), KeptFile("/top", "", 0o644))


def kept(
    place: Path, *, check_mode: bool = False, directories: tuple = DIRECTORIES, files: tuple = FILES
) -> ChangeReport:
    return keep_files(FilesRequest(directories, files, check_mode, os.getuid(), str(place)))


def test_all_are_made_and_a_second_run_changes_nothing(tmp_path: Path) -> None:
    assert [each.path for each in kept(tmp_path).changes] == ["/a", "/a/b", "/a/b/file", "/top"]
    assert (tmp_path / "a/b/file").read_text() == "text\n"
    assert stat.S_IMODE((tmp_path / "a/b/file").stat().st_mode) == 0o640
    assert kept(tmp_path).changes == ()


def test_check_mode_reports_the_same_and_makes_nothing(tmp_path: Path) -> None:
    planned = kept(tmp_path, check_mode=True).changes
    assert list(tmp_path.iterdir()) == []
    assert planned == kept(tmp_path).changes


def test_drift_is_corrected(tmp_path: Path) -> None:
    kept(tmp_path)
    (tmp_path / "a/b/file").write_text("other")
    (tmp_path / "top").chmod(0o600)
    assert [each.path for each in kept(tmp_path).changes] == ["/a/b/file", "/top"]
    assert kept(tmp_path).changes == ()


def test_a_link_on_the_way_and_in_the_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "a").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UnsafePath):
        kept(tmp_path)
    assert list((tmp_path / "elsewhere").iterdir()) == []
    (tmp_path / "top").symlink_to(tmp_path / "elsewhere/file")
    with pytest.raises(UnsafePath):
        kept(tmp_path, directories=(), files=FILES[1:])


def test_a_missing_parent_and_a_path_without_a_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        kept(tmp_path, directories=())
    with pytest.raises(InvalidRequest, match="has no name"):
        kept(tmp_path, directories=(KeptDirectory("/", 0o755),))
