# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are put back. tests/hosts/test_sync_job.py has a deployment that fails on a full disk."""

from __future__ import annotations

import os
from pathlib import Path

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.deployment.deploy import (
    FormerFiles,
)


def test_files_are_as_they_were(tmp_path: Path) -> None:
    changed, removed, kept, made = (tmp_path / name for name in ("changed", "removed", "kept", "made"))
    for path in (changed, removed, kept):
        path.write_text("before")
        path.chmod(0o640)
    inode = kept.stat().st_ino
    former = FormerFiles(map(str, (changed, removed, kept, made, tmp_path / "missing")))
    changed.write_text("after")
    changed.chmod(0o600)
    removed.unlink()
    made.write_text("after")
    assert former.restore() == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["changed", "kept", "removed"]
    for path in (changed, removed, kept):
        assert (path.read_text(), path.stat().st_mode & 0o7777) == ("before", 0o640)
    assert kept.stat().st_ino == inode


def test_a_changed_mode_is_put_back(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    os.chmod(tmp_path / "file", 0o600)
    former = FormerFiles([str(tmp_path / "file")])
    os.chmod(tmp_path / "file", 0o644)
    assert former.restore() == []
    assert os.stat(tmp_path / "file").st_mode & 0o7777 == 0o600


def test_the_others_are_put_back_if_one_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    paths = [tmp_path / "gone/file", tmp_path / "file"]
    for path in paths:
        path.write_text("before")
    former = FormerFiles(map(str, paths))
    paths[0].unlink()
    (tmp_path / "gone").rmdir()
    paths[1].write_text("after")
    assert former.restore() == [str(paths[0])]
    assert paths[1].read_text() == "before"
