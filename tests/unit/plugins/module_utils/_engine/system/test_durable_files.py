# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are complete on the disk before they get their names.

A test cannot cut the power: it records the system calls, and executes them.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system import durable_files


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The written data by file name, and each rename."""
    calls: list[str] = []
    fsync, rename = os.fsync, os.rename

    def noted_fsync(descriptor: int) -> None:
        calls.append(os.path.basename(os.readlink(f"/proc/self/fd/{descriptor}")))
        fsync(descriptor)

    def noted_rename(old: str, new: str) -> None:
        calls.append("rename")
        rename(old, new)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "rename", noted_rename)
    return calls


def test_a_file_is_replaced(tmp_path: Path, asked: list[str]) -> None:
    (tmp_path / "f").write_bytes(b"old")
    (tmp_path / "f.new").symlink_to("/nowhere")
    durable_files.put(f"{tmp_path}/f", b"new", 0o640)
    assert (tmp_path / "f").read_bytes() == b"new"
    assert (tmp_path / "f").stat().st_mode & 0o777 == 0o640
    assert asked == ["f.new", "rename", tmp_path.name]


def test_a_link_takes_the_place_of_a_file(tmp_path: Path, asked: list[str]) -> None:
    (tmp_path / "f").write_bytes(b"old")
    durable_files.link("there", f"{tmp_path}/f")
    assert os.readlink(tmp_path / "f") == "there"
    assert asked == ["rename", tmp_path.name]


def test_a_directory_gets_its_name_when_all_of_it_is_on_the_disk(tmp_path: Path, asked: list[str]) -> None:
    new = tmp_path / ".new"
    new.mkdir()
    for name in ("key.pem", "request.pem"):
        (new / name).write_bytes(b"written by a program")
    durable_files.complete(str(new), f"{tmp_path}/1")
    assert sorted(asked[:2]) == ["key.pem", "request.pem"]
    assert asked[2:] == [".new", "rename", tmp_path.name]
    assert sorted(os.listdir(tmp_path / "1")) == ["key.pem", "request.pem"]
