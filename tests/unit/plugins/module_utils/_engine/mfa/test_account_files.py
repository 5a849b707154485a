# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of an account, one at a time."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import NotFound, UnsafePath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.mfa.account_files import (
    ACCEPTED,
    SEED,
    AccountFiles,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.root_owned_path import Walker


@pytest.fixture
def files(tmp_path: Path) -> AccountFiles:
    (tmp_path / "mfa/seeds").mkdir(parents=True)
    walker = Walker(owner=os.getuid(), start=str(tmp_path))
    return AccountFiles("/mfa", "alice", walker, (os.getuid(), os.getgid()))


def test_a_file_is_written_read_and_removed(files: AccountFiles) -> None:
    assert files.text(SEED) is None
    files.write(SEED, "text\n")
    assert files.text(SEED) == "text\n"
    assert files.time(SEED) is not None
    files.remove(SEED)
    files.remove(SEED)
    assert files.time(SEED) is None


def test_a_missing_directory_holds_no_file(files: AccountFiles) -> None:
    assert (files.text(ACCEPTED), files.time(ACCEPTED)) == (None, None)
    files.remove(ACCEPTED)
    with pytest.raises(NotFound):
        files.write(ACCEPTED, "")


def test_a_directory_that_others_may_write(files: AccountFiles, tmp_path: Path) -> None:
    (tmp_path / "mfa/seeds").chmod(0o777)
    with pytest.raises(UnsafePath):
        files.text(SEED)


def test_a_file_of_another_account(files: AccountFiles) -> None:
    files.write(SEED, "text\n")
    with pytest.raises(UnsafePath):
        files._replace(root=(os.getuid() + 1, os.getgid())).text(SEED)


@pytest.mark.parametrize(("mode", "refused"), [(0o400, False), (0o600, False), (0o440, True), (0o404, True)])
def test_who_may_read_a_seed(files: AccountFiles, tmp_path: Path, mode: int, refused: bool) -> None:
    files.write(SEED, "text\n")
    (tmp_path / "mfa/seeds/alice").chmod(mode)
    if refused:
        with pytest.raises(UnsafePath):
            files.require_closed()
    else:
        files.require_closed()
