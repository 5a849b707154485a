# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of keys on a server: two writers at once lose nothing, and paths that turn are refused."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    Locked,
    NotFound,
    UnsafePath,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation import server_files
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.server_files import (
    LOCK,
    KeyFile,
    change_file,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.entries import Attributes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.root_owned_path import (
    Walker,
    closing,
)

WRITERS = 8


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    (tmp_path / "keys").mkdir(mode=0o755)
    mine = Attributes(os.getuid(), os.getgid(), 0o640)
    return KeyFile("/keys/partner", mine, Walker(owner=os.getuid(), start=str(tmp_path)))


def test_writers_at_once_lose_nothing(tmp_path: Path, file: KeyFile) -> None:
    def add(number: int) -> None:
        def slowly(content: bytes) -> bytes:
            time.sleep(0.02)
            return content + b"%d\n" % number

        change_file(file, slowly, check_mode=False)

    threads = [threading.Thread(target=add, args=[number]) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    path = tmp_path / "keys/partner"
    assert sorted(map(int, path.read_text().split())) == list(range(WRITERS))
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_lock_that_any_account_can_take_holds_up_nothing(
    tmp_path: Path, file: KeyFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_files, "_PATIENCE", 0.0)
    with closing(os.open(tmp_path / "keys", os.O_RDONLY | os.O_DIRECTORY)) as directory:
        fcntl.flock(directory, fcntl.LOCK_EX)
        assert len(change_file(file, lambda _content: b"a\n", check_mode=False)) == 1
    assert (tmp_path / "keys" / LOCK).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("check_mode", [False, True])
def test_another_writer_is_waited_for(file: KeyFile, monkeypatch: pytest.MonkeyPatch, check_mode: bool) -> None:
    monkeypatch.setattr(server_files, "_PATIENCE", 0.0)

    def at_once(content: bytes) -> bytes:
        with pytest.raises(Locked, match="/keys/partner: another program holds the lock"):
            change_file(file, bytes, check_mode=check_mode)
        return content

    change_file(file, at_once, check_mode=False)


def test_the_same_again_is_no_change(file: KeyFile) -> None:
    assert len(change_file(file, lambda _content: b"a\n", check_mode=False)) == 1
    assert change_file(file, lambda _content: b"a\n", check_mode=False) == ()


def test_check_mode_writes_nothing(tmp_path: Path, file: KeyFile) -> None:
    assert len(change_file(file, lambda _content: b"a\n", check_mode=True)) == 1
    missing = file._replace(path="/not/there")
    assert len(change_file(missing, lambda _content: b"a\n", check_mode=True)) == 1
    assert list((tmp_path / "keys").iterdir()) == []


def test_a_missing_directory_is_told(file: KeyFile) -> None:
    with pytest.raises(NotFound, match="/not: the directory does not exist"):
        change_file(file._replace(path="/not/there"), bytes, check_mode=False)


def test_a_link_is_refused(tmp_path: Path, file: KeyFile) -> None:
    (tmp_path / "target").write_text("precious")
    (tmp_path / "keys/partner").symlink_to(tmp_path / "target")
    with pytest.raises(UnsafePath):
        change_file(file, lambda _content: b"a\n", check_mode=False)
    assert (tmp_path / "target").read_text() == "precious"
