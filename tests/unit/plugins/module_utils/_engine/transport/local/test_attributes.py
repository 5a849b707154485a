# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mode and mtime are set on regular files and directories alone, with and without /proc."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import Attributes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.local import transport

MTIME = 981_173_106_000_000_000


@pytest.fixture(params=["proc", "chroot"])
def parent(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Yield a descriptor of the directory; in a bare chroot there is no /proc."""
    if request.param == "chroot":
        monkeypatch.setattr(transport, "_DESCRIPTORS", b"/no/such/")
    descriptor = os.open(tmp_path, os.O_RDONLY)
    yield descriptor
    os.close(descriptor)


def test_a_file_and_a_directory(parent: int, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("content")
    (tmp_path / "directory").mkdir()
    for name in ("file", "directory"):
        transport.set_attributes(Attributes(0o750, MTIME), parent, name.encode())
        status = (tmp_path / name).stat()
        assert (status.st_mode & 0o7777, status.st_mtime_ns) == (0o750, MTIME)


def test_special_bits_stay(parent: int, tmp_path: Path) -> None:
    (tmp_path / "directory").mkdir()
    (tmp_path / "directory").chmod(0o3777)
    transport.set_attributes(Attributes(0o4700), parent, b"directory")
    assert (tmp_path / "directory").stat().st_mode & 0o7777 == 0o3700


def test_equal_attributes_are_not_written(parent: int, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("content")
    status = (tmp_path / "file").stat()
    transport.set_attributes(Attributes(status.st_mode & 0o777, status.st_mtime_ns), parent, b"file")
    transport.set_attributes(Attributes(), parent, b"file")
    assert (tmp_path / "file").stat().st_ctime_ns == status.st_ctime_ns


def test_a_link_is_refused_and_its_target_stays(parent: int, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("content")
    (tmp_path / "link").symlink_to("file")
    before = (tmp_path / "file").stat()
    with pytest.raises(OSError, match="symbolic link") as caught:
        transport.set_attributes(Attributes(0o777, MTIME), parent, b"link")
    assert caught.value.errno == errno.ELOOP
    assert (tmp_path / "file").stat() == before


def test_a_fifo_is_refused_without_waiting_for_a_writer(parent: int, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(OSError, match="neither a regular file nor a directory"):
        transport.set_attributes(Attributes(0o777), parent, b"fifo")


def test_a_missing_name_is_reported(parent: int) -> None:
    with pytest.raises(FileNotFoundError):
        transport.set_attributes(Attributes(0o777), parent, b"missing")


def test_a_file_that_takes_the_place_meanwhile_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("content")
    (tmp_path / "other").write_text("content")
    descriptor = os.open(tmp_path, os.O_RDONLY)
    monkeypatch.setattr(transport, "_DESCRIPTORS", b"/no/such/")
    checked = transport._demand_settable

    def swap(status: os.stat_result) -> None:
        checked(status)
        (tmp_path / "other").replace(tmp_path / "file")

    monkeypatch.setattr(transport, "_demand_settable", swap)
    try:
        with pytest.raises(OSError, match="another file took its place"):
            transport.set_attributes(Attributes(0o600, MTIME), descriptor, b"file")
    finally:
        os.close(descriptor)
    assert (tmp_path / "file").stat().st_mtime_ns != MTIME
