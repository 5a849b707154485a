# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that root keeps. Root's own directories are needed: tests/hosts/test_sync_job.py keeps files."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.deployment import (
    job_account as kept_paths,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.deployment.job_account import (
    PRIVATE,
    PUBLIC,
    keep_path,
    put_secret,
    remove_file,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.changes import Changes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.root_owned_path import Walker


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


def test_modes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory of this test stands for root's."""
    monkeypatch.setattr(kept_paths, "Walker", partial(Walker, owner=os.getuid(), start=str(tmp_path)))
    for name in ("PUBLIC", "PRIVATE", "_OPEN_DIRECTORY"):
        mine = getattr(kept_paths, name)._replace(user=os.getuid(), group=os.getgid())
        monkeypatch.setattr(kept_paths, name, mine)
    old = os.umask(0)
    try:
        put_secret("/a/b/secret", b"x")
    finally:
        os.umask(old)
    modes = [(tmp_path / name).stat().st_mode & 0o7777 for name in ("a", "a/b", "a/b/secret")]
    assert modes == [0o755, 0o755, 0o600]
    assert (PUBLIC.mode, PRIVATE.mode) == (0o644, 0o600)
