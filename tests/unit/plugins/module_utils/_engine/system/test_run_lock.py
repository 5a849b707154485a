# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Only one run at a time works on the same files."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import Locked, OperationFailed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.run_lock import (
    locked_directory,
    locked_file,
)
from support.running.child import in_child

Lock = Callable[..., AbstractContextManager[object]]


@pytest.fixture(params=["directory", "file"])
def lock(request: pytest.FixtureRequest, tmp_path: Path) -> Lock:
    if request.param == "directory":
        return partial(locked_directory, bytes(tmp_path), ".list.lock", "this list")
    return partial(locked_file, str(tmp_path / "spread.json"), "this list")


def test_a_second_run_is_refused_until_the_first_ends(lock: Lock) -> None:
    refused = pytest.raises(Locked, match="another run works on this list")
    with lock(), refused, lock(patience=0):
        pytest.fail("two runs at once")
    with lock(patience=0):
        pass


def test_other_accounts_cannot_open_the_file_of_a_lock(tmp_path: Path) -> None:
    with locked_file(str(tmp_path / "spread.json"), "this record"):
        [path] = tmp_path.iterdir()
    assert (path.name, path.stat().st_mode & 0o777) == (".spread.json.lock", 0o600)
    with locked_directory(bytes(tmp_path), ".list.lock", "this list"):
        assert (tmp_path / ".list.lock").stat().st_mode & 0o777 == 0o600


def test_the_lock_of_an_account_that_may_only_read_the_directory(tmp_path: Path) -> None:
    reader = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(reader, fcntl.LOCK_EX)
    with locked_directory(bytes(tmp_path), ".list.lock", "this list", patience=0):
        os.close(reader)


def test_check_mode_makes_no_file(tmp_path: Path) -> None:
    with locked_directory(bytes(tmp_path), ".list.lock", "this list", check_mode=True):
        assert list(tmp_path.iterdir()) == []
    with locked_directory(bytes(tmp_path), ".list.lock", "this list"):
        refused = pytest.raises(Locked)
        with refused, locked_directory(bytes(tmp_path), ".list.lock", "this list", check_mode=True, patience=0):
            pytest.fail("the list is changed meanwhile")


@pytest.mark.skipif(os.geteuid() != 0, reason="needs several users")
def test_a_lock_of_another_user() -> None:
    """The error names the file, its owner and the cure. Check mode does not need the lock."""
    with tempfile.TemporaryDirectory() as base:
        os.chmod(base, 0o755)  # noqa: S103  # for the account without privileges
        (Path(base) / ".a list.lock").touch(0o600)

        def attempt(*, check_mode: bool) -> tuple[str, str]:
            try:
                with locked_directory(os.fsencode(base), ".a list.lock", "this list", check_mode=check_mode):
                    return "", ""
            except OperationFailed as error:
                return error.message, error.cure

        assert in_child(lambda: attempt(check_mode=False), unprivileged=True) == (
            f"path: {base}/.a list.lock belongs to root, and this user cannot open it",
            f"End other runs, then remove the file: rm '{base}/.a list.lock'",
        )
        assert in_child(lambda: attempt(check_mode=True), unprivileged=True) == ("", "")


@pytest.mark.skipif(os.geteuid() != 0, reason="needs an account that may not write")
def test_a_directory_that_cannot_be_written() -> None:
    with tempfile.TemporaryDirectory() as base:
        os.chmod(base, 0o755)  # noqa: S103  # for the account without privileges

        def attempt() -> str:
            try:
                with locked_file(base + "/list", "this list"):
                    return ""
            except PermissionError as error:
                return str(error.filename)

        assert in_child(attempt, unprivileged=True) == ".list.lock"
