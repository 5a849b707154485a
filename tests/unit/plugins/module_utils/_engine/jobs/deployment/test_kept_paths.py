# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that root keeps. Root's own directories are needed: tests/hosts/test_sync_job.py keeps files."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.deployment.job_account import (
    PUBLIC,
    keep_path,
    remove_file,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.changes import Changes


def test_check_mode_makes_no_directory() -> None:
    changes = Changes(check_mode=True)
    keep_path("/usr/missing/deep/file", PUBLIC, changes, b"text\n")
    assert [(each.path, each.before) for each in changes.report().changes] == [("/usr/missing/deep/file", "missing")]
    assert not Path("/usr/missing").exists()


def test_a_file_is_removed_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    looked, changes = Changes(check_mode=True), Changes(check_mode=False)
    remove_file(str(tmp_path / "file"), looked)
    assert (tmp_path / "file").exists()
    for _time in range(2):
        remove_file(str(tmp_path / "file"), changes)
    assert not (tmp_path / "file").exists()
    assert [len(each.report().changes) for each in (looked, changes)] == [1, 1]
