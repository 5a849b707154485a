# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The progress file: whole at every moment, and never a reason for a failure."""

from __future__ import annotations

import json
import os
import stat
import threading
import time
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.report import ProgressState
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.progress import Progress
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.progress_file import (
    write_state,
    written,
)
from support.running.patience import HANG_SECONDS

STATE = ProgressState(1.5, "moving", 1, 2, 3, 4, 5, 6, 7)


def test_the_content(tmp_path: Path) -> None:
    path = tmp_path / "state"
    for _time in range(2):
        write_state(str(path), STATE)
    assert json.loads(path.read_bytes()) == {
        "v": 1,
        "at": 1.5,
        "phase": "moving",
        "files": 1,
        "files_total": 2,
        "bytes": 3,
        "bytes_total": 4,
        "entries": 5,
        "proof": 6,
        "proof_total": 7,
    }
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["state"]


@pytest.mark.parametrize("kind", ["link", "file", "fifo"])
def test_nothing_is_written_through_the_temporary_name(tmp_path: Path, kind: str) -> None:
    precious, trap = tmp_path / "precious", tmp_path / f"state.{os.getpid()}"
    precious.write_text("precious")
    if kind == "link":
        trap.symlink_to(precious)
    elif kind == "file":
        os.link(precious, trap)
    else:
        os.mkfifo(trap)
    with pytest.raises(FileExistsError):
        write_state(str(tmp_path / "state"), STATE)
    assert precious.read_text() == "precious"
    assert not (tmp_path / "state").exists()


def test_is_written_while_the_run_goes_on(tmp_path: Path) -> None:
    path, progress = tmp_path / "state", Progress()
    with written(progress, str(path), every=0.01):
        progress.hashing(7)
        deadline = time.monotonic() + HANG_SECONDS
        while not (path.exists() and b"hashing" in path.read_bytes()) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert json.loads(path.read_bytes())["files_total"] == 7
    path.unlink()
    time.sleep(0.05)
    assert os.listdir(tmp_path) == []


def test_a_directory_that_is_gone_or_closed_ends_the_writing_alone(tmp_path: Path) -> None:
    with written(Progress(), str(tmp_path / "none/state"), every=0.005):
        deadline = time.monotonic() + HANG_SECONDS
        while any(thread.name == "progress" for thread in threading.enumerate()) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert [thread.name for thread in threading.enumerate() if thread.name == "progress"] == []


def test_a_short_run_writes_nothing(tmp_path: Path) -> None:
    with written(Progress(), str(tmp_path / "state")):
        pass
    assert os.listdir(tmp_path) == []
