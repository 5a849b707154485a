# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.lock_file import (
    existing_lock_file,
    opened_lock_file,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.safe_path import closing


@pytest.mark.parametrize("before", [None, 0o644, 0o666])
def test_only_its_owner_can_open_the_file(tmp_path: Path, before: int | None) -> None:
    lock = tmp_path / "lock"
    if before is not None:
        lock.touch()
        lock.chmod(before)
    with closing(opened_lock_file(str(lock))):
        assert lock.stat().st_mode & 0o777 == 0o600


def test_a_file_in_a_directory(tmp_path: Path) -> None:
    with closing(os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)) as directory:
        assert existing_lock_file("lock", directory=directory) is None
        assert list(tmp_path.iterdir()) == []
        with closing(opened_lock_file("lock", directory=directory)):
            found = existing_lock_file("lock", directory=directory)
        assert found is not None
        os.close(found)


def test_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lock").symlink_to(tmp_path / "target")
    for opened in (opened_lock_file, existing_lock_file):
        with pytest.raises(OSError, match="symbolic links"):
            opened(str(tmp_path / "lock"))
    assert not (tmp_path / "target").exists()
