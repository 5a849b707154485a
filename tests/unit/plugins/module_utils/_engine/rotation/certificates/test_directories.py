# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Directories of keys with a component that another account can redirect are refused."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import NotFound, UnsafePath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.certificates.store import (
    require_private,
)


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    directory = tmp_path / "a" / "keys"
    directory.mkdir(parents=True)
    for each in (directory, directory.parent):
        each.chmod(0o755)
    return directory


def linked(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    os.symlink("elsewhere", path)


def test_private_ones(keys: Path) -> None:
    require_private(str(keys), str(keys), str(keys / "not_there_yet"))


def test_one_below_a_directory_like_tmp(keys: Path) -> None:
    keys.parent.chmod(0o1777)
    require_private(str(keys), str(keys / "not_there_yet"))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (linked, "is a symbolic link"),
        (lambda keys: linked(keys.parent), "is a symbolic link"),
        (lambda keys: keys.chmod(0o777), "may be written by others"),
        (lambda keys: keys.chmod(0o1777), "may be written by others"),
        (lambda keys: keys.parent.chmod(0o775), "may be written by others"),
    ],
)
def test_what_others_can_turn_is_refused(keys: Path, change: Callable[[Path], None], why: str) -> None:
    change(keys)
    with pytest.raises(UnsafePath, match=why):
        require_private(str(keys), str(keys / "not_there_yet"))
    with pytest.raises(UnsafePath, match=why):
        require_private(str(keys.parent / "keys"))


def test_a_missing_one(keys: Path) -> None:
    with pytest.raises(NotFound):
        require_private(str(keys / "missing"), str(keys))
