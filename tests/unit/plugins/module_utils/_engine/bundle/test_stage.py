# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A new file gets its name when it is complete; one run at a time writes in a directory."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.bundle.making import (
    Stage,
    lock_directory,
    sweep,
)


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[int]:
    descriptor = os.open(tmp_path, os.O_RDONLY)
    yield descriptor
    os.close(descriptor)


def test_a_published_file(directory: int, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    (tmp_path / "a").chmod(0o640)
    stage = Stage(directory, b"a")
    stage.write(b"al")
    stage.write(b"pha")
    file = stage.settle((tmp_path / "a").stat())
    assert (tmp_path / "a").read_bytes() == b"old"
    file.seek(0)
    assert file.read() == b"alpha"
    stage.publish()
    stage.close()
    assert (stage.tell(), stage.digest.digest()) == (5, hashlib.sha256(b"alpha").digest())
    assert (os.listdir(tmp_path), (tmp_path / "a").read_bytes()) == (["a"], b"alpha")
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640


def test_a_file_that_is_not_published(directory: int, tmp_path: Path) -> None:
    stage = Stage(directory, b"a")
    stage.write(b"x")
    (name,) = os.listdir(tmp_path)
    assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    stage.close()
    assert os.listdir(tmp_path) == []


def test_the_sweep_removes_stages_of_this_name_alone(directory: int, tmp_path: Path) -> None:
    kept = ["a", ".a.0123456789abcdef", ".a.0123456789abcdeX.new", ".b.0123456789abcdef.new", ".a.new"]
    for name in [*kept, ".a.0123456789abcdef.new"]:
        (tmp_path / name).write_bytes(b"")
    sweep(directory, b"a")
    assert sorted(os.listdir(tmp_path)) == sorted(kept)


def test_one_run_at_a_time(directory: int, tmp_path: Path) -> None:
    """An account that may only read the directory can lock the directory, but not the file."""
    reader = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(reader, fcntl.LOCK_EX)
    with ExitStack() as stack:
        assert lock_directory(directory, stack)
        with (tmp_path / ".bundles.lock").open("r+") as other, pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(reader)
    with (tmp_path / ".bundles.lock").open("r+") as other:
        assert os.fstat(other.fileno()).st_mode & 0o777 == 0o600
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_file_system_without_locks(tmp_path: Path) -> None:
    """A closed descriptor stands for it: the call fails."""
    closed = os.open(tmp_path, os.O_RDONLY)
    os.close(closed)
    with ExitStack() as stack:
        assert not lock_directory(closed, stack)
