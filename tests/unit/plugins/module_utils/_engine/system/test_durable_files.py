# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are complete on the disk before they get their names.

A test cannot cut the power: it records the system calls, and executes them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system import durable_files
from support.running.durable_calls import durable_calls


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The written data by file name, and each rename."""
    return durable_calls(monkeypatch)


def test_a_file_is_replaced(tmp_path: Path, asked: list[str]) -> None:
    (tmp_path / "f").write_bytes(b"old")
    (tmp_path / "f.new").symlink_to("/nowhere")
    os.utime(tmp_path / "f.new", (1, 1), follow_symlinks=False)
    durable_files.put(f"{tmp_path}/f", b"new", 0o640)
    assert (tmp_path / "f").read_bytes() == b"new"
    assert (tmp_path / "f").stat().st_mode & 0o777 == 0o640
    assert asked == ["f.new", "rename", tmp_path.name]


def test_runs_that_write_one_file_wait_for_each_other(tmp_path: Path) -> None:
    """Every run succeeds, and the file is always that of one run."""
    contents = [bytes([number]) * 300_000 for number in range(8)]

    def write(content: bytes) -> None:
        for _turn in range(5):
            durable_files.put(f"{tmp_path}/f", content, 0o640)
            assert (tmp_path / "f").read_bytes() in contents

    with ThreadPoolExecutor(len(contents)) as pool:
        list(pool.map(write, contents))
    assert os.listdir(tmp_path) == ["f"]


def test_an_incomplete_file_of_a_killed_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new one may belong to another run, and stays for a moment."""
    pauses: list[float] = []
    monkeypatch.setattr(time, "monotonic", lambda: sum(pauses))
    monkeypatch.setattr(time, "sleep", pauses.append)
    (tmp_path / "f.new").write_bytes(b"half")
    durable_files.put(f"{tmp_path}/f", b"new", 0o640)
    assert sum(pauses) > 1
    pauses.clear()
    (tmp_path / "f.new").write_bytes(b"half")
    os.utime(tmp_path / "f.new", (1, 1))
    durable_files.put(f"{tmp_path}/f", b"newer", 0o640)
    assert pauses == []
    assert os.listdir(tmp_path) == ["f"]


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[int]:
    descriptor = os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)
    yield descriptor
    os.close(descriptor)


def test_a_link_is_replaced_and_not_followed(tmp_path: Path, directory: int, asked: list[str]) -> None:
    (tmp_path / "other").write_bytes(b"kept")
    (tmp_path / "f").symlink_to("other")
    assert durable_files.replace("f", b"new", directory=directory, settle=lambda descriptor: None)
    assert not (tmp_path / "f").is_symlink()
    assert (tmp_path / "f").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "other").read_bytes() == b"kept"
    assert asked[1:] == ["rename", tmp_path.name]


def test_owner_and_mode_are_kept(tmp_path: Path, directory: int) -> None:
    (tmp_path / "f").write_bytes(b"old")
    (tmp_path / "f").chmod(0o604)
    if os.geteuid() == 0:
        os.chown(tmp_path / "f", 1234, 5678)
    before = (tmp_path / "f").stat()
    durable_files.replace(
        "f", b"new", directory=directory, settle=lambda descriptor: durable_files.keep_status(descriptor, before)
    )
    after = (tmp_path / "f").stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert after.st_ino != before.st_ino


def test_the_file_stays_if_it_may_not_be_replaced_at_the_last_moment(tmp_path: Path, directory: int) -> None:
    (tmp_path / "f").write_bytes(b"old")
    assert not durable_files.replace(
        "f", b"new", directory=directory, settle=lambda descriptor: None, may_replace=lambda: False
    )
    assert os.listdir(tmp_path) == ["f"]
    assert (tmp_path / "f").read_bytes() == b"old"


def test_nothing_is_left_behind_by_an_error(tmp_path: Path, directory: int) -> None:
    (tmp_path / "f").write_bytes(b"old")

    def refused(descriptor: int) -> None:
        raise PermissionError("chown")

    with pytest.raises(PermissionError):
        durable_files.replace("f", b"new", directory=directory, settle=refused)
    assert os.listdir(tmp_path) == ["f"]
    assert (tmp_path / "f").read_bytes() == b"old"


def test_a_link_takes_the_place_of_a_file(tmp_path: Path, asked: list[str]) -> None:
    (tmp_path / "f").write_bytes(b"old")
    durable_files.link("there", f"{tmp_path}/f")
    assert os.readlink(tmp_path / "f") == "there"
    assert asked == ["rename", tmp_path.name]


def test_a_file_of_a_program_gets_its_name_when_it_is_on_the_disk(tmp_path: Path, asked: list[str]) -> None:
    (tmp_path / "key.new").write_bytes(b"written by a program")
    durable_files.finish(f"{tmp_path}/key.new", f"{tmp_path}/key")
    assert asked == ["key.new", "rename", tmp_path.name]
    assert os.listdir(tmp_path) == ["key"]


def test_a_directory_gets_its_name_when_all_of_it_is_on_the_disk(tmp_path: Path, asked: list[str]) -> None:
    new = tmp_path / ".new"
    new.mkdir()
    for name in ("key.pem", "request.pem"):
        (new / name).write_bytes(b"written by a program")
    durable_files.complete(str(new), f"{tmp_path}/1")
    assert sorted(asked[:2]) == ["key.pem", "request.pem"]
    assert asked[2:] == [".new", "rename", tmp_path.name]
    assert sorted(os.listdir(tmp_path / "1")) == ["key.pem", "request.pem"]
