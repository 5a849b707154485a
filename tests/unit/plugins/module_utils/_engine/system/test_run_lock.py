# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Only one run at a time works on the same files."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import Locked
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.run_lock import (
    locked_directory,
    locked_file,
)

Lock = Callable[..., AbstractContextManager[object]]


@pytest.fixture(params=["directory", "file"])
def lock(request: pytest.FixtureRequest, tmp_path: Path) -> Lock:
    if request.param == "directory":
        return partial(locked_directory, bytes(tmp_path), "this list")
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
