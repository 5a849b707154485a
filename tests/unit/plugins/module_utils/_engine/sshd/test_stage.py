# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of the real configuration are replaced whole, also below a directory that is a link."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd.stage import File, read, write


def test_a_file_is_made_in_a_new_directory(tmp_path: Path) -> None:
    path = tmp_path / "sshd_config.d/10-own.conf"
    write(str(path), File("Port 22\n", 0o640))
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("Port 22\n", 0o640)


def test_a_directory_that_is_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "linked").symlink_to("real")
    write(str(tmp_path / "linked/own.conf"), File("Port 22\n"))
    assert (tmp_path / "linked").is_symlink()
    assert (tmp_path / "real/own.conf").read_text() == "Port 22\n"


def test_any_byte_is_kept_and_a_link_of_the_name_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"# caf\xe9\n")
    (tmp_path / "own.conf").symlink_to("latin")
    write(str(tmp_path / "own.conf"), File(read(str(tmp_path / "latin"))))
    assert not (tmp_path / "own.conf").is_symlink()
    assert (tmp_path / "own.conf").read_bytes() == b"# caf\xe9\n"


def test_a_file_without_a_text_is_removed(tmp_path: Path) -> None:
    (tmp_path / "own.conf").touch()
    write(str(tmp_path / "own.conf"), File(None))
    assert list(tmp_path.iterdir()) == []


def test_after_an_error_the_file_is_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own.conf").write_text("old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write(str(tmp_path / "own.conf"), File("new"))
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]
