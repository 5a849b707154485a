# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A path is guarded if no other account can put another entry there."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.guarded_path import owner_of_guarded


@pytest.mark.parametrize(("mode", "is_guarded"), [(0o755, True), (0o775, False), (0o757, False), (0o1777, True)])
def test_a_directory_above_decides(tmp_path: Path, mode: int, is_guarded: bool) -> None:
    path = tmp_path / "above" / "entry"
    path.parent.mkdir()
    path.touch()
    path.parent.chmod(mode)
    if is_guarded:
        assert owner_of_guarded(os.fsencode(path)) == os.geteuid()
        return
    with pytest.raises(PermissionError, match=r"others can write to the directory .*above"):
        owner_of_guarded(os.fsencode(path))


def test_the_target_of_a_link_counts(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open" / "entry").touch()
    (tmp_path / "open").chmod(0o777)
    (tmp_path / "link").symlink_to(tmp_path / "open" / "entry")
    with pytest.raises(PermissionError):
        owner_of_guarded(os.fsencode(tmp_path / "link"))


def test_a_directory_of_another_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Owners are made up: only root can change them."""
    path, owners, real = tmp_path / "above" / "entry", {"above": 12345, "entry": 0}, os.stat
    path.parent.mkdir()
    path.touch()

    def with_owner(place: bytes) -> SimpleNamespace:
        status = real(place)
        return SimpleNamespace(st_mode=status.st_mode, st_uid=owners.get(os.fsdecode(os.path.basename(place)), 0))

    monkeypatch.setattr(os, "stat", with_owner)
    with pytest.raises(PermissionError):
        owner_of_guarded(os.fsencode(path))
    owners["entry"] = 12345
    assert owner_of_guarded(os.fsencode(path)) == 12345


def test_a_missing_entry(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        owner_of_guarded(os.fsencode(tmp_path / "nothing"))
