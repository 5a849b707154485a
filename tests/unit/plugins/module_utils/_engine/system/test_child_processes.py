# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The private directory and the end of everything that was started through it."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine import errors
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system import child_processes as module
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.child_processes import (
    ChildProcesses,
    pipe,
)
from support.running.patience import HANG_SECONDS


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def gone(pid: int, seconds: float = 3.0) -> bool:
    deadline = time.monotonic() + seconds
    while runs(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not runs(pid)


def start(guard: ChildProcesses) -> tuple[subprocess.Popen[bytes], int]:
    """A program with a child of its own; gives the program and the child's id."""
    child = guard.start(["/bin/sh", "-c", "sleep 60 & echo $!; wait"], stdout=subprocess.PIPE)
    assert child.stdout is not None
    with child.stdout:
        return child, int(child.stdout.readline())


def test_close_ends_whole_groups_and_removes_the_directory() -> None:
    guard = ChildProcesses()
    child, grandchild = start(guard)
    assert runs(child.pid)
    assert runs(grandchild)
    guard.close()
    guard.close()
    assert gone(child.pid)
    assert gone(grandchild)
    assert not os.path.exists(guard.directory)


def test_a_leader_that_has_ended_does_not_hide_its_group() -> None:
    guard = ChildProcesses()
    child = guard.start(["/bin/sh", "-c", "sleep 60 & echo $!"], stdout=subprocess.PIPE)
    assert child.stdout is not None
    with child.stdout:
        grandchild = int(child.stdout.readline())
    while not guard.has_ended(child):
        time.sleep(0.005)
    assert runs(grandchild)
    guard.close()
    assert gone(grandchild)


def test_the_end_of_the_pipe_is_the_end_of_everything() -> None:
    """The kernel's effect on a killed process: its end of the pipe closes."""
    guard = ChildProcesses()
    child, grandchild = start(guard)
    assert guard._watcher is not None
    assert guard._watcher.stdin is not None
    guard._watcher.stdin.close()
    guard._watcher.wait(HANG_SECONDS)
    assert gone(grandchild)
    child.wait(HANG_SECONDS)
    assert not os.path.exists(guard.directory)
    guard.close()


def test_files_are_private() -> None:
    guard = ChildProcesses()
    try:
        assert stat.S_IMODE(os.stat(guard.directory).st_mode) == 0o700
        assert stat.S_IMODE(os.stat(guard.write("plain", "text")).st_mode) == 0o600
        assert stat.S_IMODE(os.stat(guard.write("program", "text", executable=True)).st_mode) == 0o700
    finally:
        guard.close()


def test_odd_and_long_places_are_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("sp ace", 'quo"te', "l" * 90):
        (tmp_path / name).mkdir()
        monkeypatch.setattr(module.tempfile, "tempdir", str(tmp_path / name))
        guard = ChildProcesses()
        assert not guard.directory.startswith(str(tmp_path))
        guard.close()


def test_no_place_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_is_plain", lambda _parent: False)
    with pytest.raises(errors.InvalidRequest, match="noexec"):
        ChildProcesses()


def test_old_directories_that_nobody_holds_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Path(tempfile.mkdtemp(prefix="sync-tmp-"))
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    held = ChildProcesses()
    for name in ("ftp_sync-old", "ftp_sync-young", "other"):
        (place / name).mkdir()
        (place / name / "target").touch()
    (place / "ftp_sync-link").symlink_to(tmp_path)
    for path in (Path(held.directory), place / "ftp_sync-old", place / "other"):
        os.utime(path, (0, 0))
    ChildProcesses().close()
    left = {path.name for path in place.iterdir()}
    assert left == {Path(held.directory).name, "ftp_sync-young", "ftp_sync-link", "other"}
    held.close()
    assert tmp_path.is_dir()
    shutil.rmtree(place)


def test_a_pipe_must_have_been_asked_for() -> None:
    with pytest.raises(AssertionError, match="no pipe"):
        pipe(None)


@pytest.mark.parametrize("killed", [False, True])
def test_another_directory_is_removed_too(tmp_path: Path, killed: bool) -> None:
    other = tmp_path / "with a blank"
    other.mkdir()
    (other / "socket").touch()
    guard = ChildProcesses()
    child, grandchild = start(guard)
    guard.remove_too(str(other))
    if killed:
        assert guard._watcher is not None
        assert guard._watcher.stdin is not None
        guard._watcher.stdin.close()
        guard._watcher.wait(HANG_SECONDS)
        assert not os.path.exists(guard.directory)
        assert not other.exists()
        assert gone(grandchild)
        child.wait(HANG_SECONDS)
    guard.close()
    assert not other.exists()
    assert tmp_path.exists()


def test_a_directory_in_memory_is_not_on_a_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr(module, "is_in_memory", lambda path: path == "/dev/shm")  # noqa: S108
    guard = ChildProcesses(in_memory=True)
    assert os.path.dirname(guard.directory) == "/dev/shm"  # noqa: S108
    guard.close()


def test_without_a_file_system_in_memory_nothing_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "is_in_memory", lambda path: False)
    with pytest.raises(errors.InvalidRequest, match="no file system in memory"):
        ChildProcesses(in_memory=True)
