# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of this user in state_dir: replaced as a whole, and not believed if others can write them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.set_state import PrivateFile


@pytest.fixture
def state_dir(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "state"


def file(state_dir: Path, *parts: bytes) -> PrivateFile:
    return PrivateFile(os.fsencode(state_dir), b"kind", *parts)


def only_file(state_dir: Path) -> Path:
    (found,) = (state_dir / "kind").iterdir()
    return found


def test_a_file_is_replaced_and_private(state_dir: Path) -> None:
    with pytest.raises(FileNotFoundError):
        file(state_dir, b"a").read()
    for content in (b"one", b"", b"two" * 1000):
        file(state_dir, b"a").write(content)
        assert file(state_dir, b"a").read() == content
    assert only_file(state_dir).stat().st_mode & 0o777 == 0o600
    assert {each.stat().st_mode & 0o777 for each in (state_dir, state_dir / "kind")} == {0o700}


def test_parts_do_not_run_together(state_dir: Path) -> None:
    file(state_dir, b"a", b"b").write(b"x")
    with pytest.raises(FileNotFoundError):
        file(state_dir, b"ab").read()


@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_a_file_or_directory_that_others_can_write_is_not_believed(state_dir: Path, mode: int) -> None:
    file(state_dir, b"a").write(b"x")
    only_file(state_dir).chmod(mode)
    with pytest.raises(ValueError, match="others can write to it"):
        file(state_dir, b"a").read()
    only_file(state_dir).chmod(0o600)
    (state_dir / "kind").chmod(0o700 | mode)
    with pytest.raises(ValueError, match="others can write to it"):
        file(state_dir, b"a").read()
    with pytest.raises(ValueError, match="others can write to it"):
        file(state_dir, b"a").write(b"y")


def test_a_link_or_a_fifo_is_not_read(state_dir: Path, tmp_path: Path) -> None:
    file(state_dir, b"a").write(b"x")
    found = only_file(state_dir)
    found.rename(tmp_path / "real")
    found.symlink_to(tmp_path / "real")
    with pytest.raises(OSError, match="symbolic links"):
        file(state_dir, b"a").read()
    found.unlink()
    os.mkfifo(found)
    with pytest.raises(ValueError, match="not a regular file"):
        file(state_dir, b"a").read()


def test_every_file_that_can_be_believed_is_given(state_dir: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(file(state_dir).every())
    for name in (b"a", b"b", b"c"):
        file(state_dir, name).write(name)
    for each in (state_dir / "kind").iterdir():
        if each.read_bytes() == b"b":
            each.chmod(0o602)
    file(state_dir, b"c").remove()
    assert list(file(state_dir).every()) == [b"a"]
