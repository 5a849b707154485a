# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import gzip
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import OperationFailed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.log_file import LogFiles
from support.trees.trees import IRREGULAR


class Reader:
    """A log file and the positions of its reader, which outlive each pass."""

    def __init__(self, path: Path) -> None:
        self.path, self.saved, self.lost = path, None, False

    def read(self, most: int = 1 << 30) -> list[bytes]:
        with LogFiles(str(self.path), self.saved) as files:
            self.lost = files.lost
            lines = []
            for line in files.lines():
                lines.append(line.text)
                if len(lines) == most:
                    break
            self.saved = json.loads(json.dumps(files.positions()))
        return lines


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "server.log"
    path.write_bytes(b"old\n")
    return path


@pytest.fixture
def reader(log: Path) -> Reader:
    reader = Reader(log)
    assert reader.read() == [], "the first pass begins at the end"
    return reader


def add(path: Path, *lines: str) -> None:
    with path.open("ab") as file:
        file.write("".join(lines).encode())


def rotate(path: Path, *, compress: bool = False) -> None:
    first = path.with_name(path.name + ".1")
    if first.exists():
        first.rename(path.with_name(path.name + ".2"))
    path.rename(first)
    if compress:
        with first.open("rb") as source, gzip.open(f"{first}.gz", "wb") as target:
            shutil.copyfileobj(source, target)
        first.unlink()


def test_each_line_once(log: Path, reader: Reader) -> None:
    add(log, "one\n", "two\n")
    assert (reader.read(), reader.read()) == ([b"one", b"two"], [])
    add(log, "thr")
    assert reader.read() == [], "an incomplete line waits"
    add(log, "ee\n")
    assert reader.read() == [b"three"]


def test_a_pass_may_end_after_any_line(log: Path, reader: Reader) -> None:
    add(log, *(f"{number}\n" for number in range(5)))
    assert [reader.read(1) for _line in range(6)] == [[b"0"], [b"1"], [b"2"], [b"3"], [b"4"], []]


@pytest.mark.parametrize("times", [1, 2])
def test_a_rotation_loses_nothing(log: Path, reader: Reader, times: int) -> None:
    add(log, "one\n")
    reader.read()
    wanted = []
    for number in range(times):
        add(log, f"before {number}\n")
        rotate(log)
        wanted.append(b"before %d" % number)
    add(log, "new\n")
    assert reader.read() == [*wanted, b"new"]
    assert (reader.read(), reader.lost) == ([], False)


def test_a_session_may_write_to_the_rotated_file(log: Path, reader: Reader) -> None:
    with log.open("ab", buffering=0) as session:
        rotate(log)
        add(log, "new\n")
        assert reader.read() == [b"new"]
        session.write(b"late\n")
    assert reader.read() == [b"late"]


def test_a_compressed_file_is_read_to_its_end_once(log: Path, reader: Reader) -> None:
    add(log, "one\n")
    reader.read()
    add(log, "last\n")
    rotate(log, compress=True)
    add(log, "new\n")
    assert reader.read() == [b"last", b"new"]
    assert (reader.read(), reader.lost) == ([], False)


def test_old_compressed_files_are_not_read(log: Path, reader: Reader) -> None:
    with gzip.open(f"{log}.7.gz", "wb") as file:
        file.write(b"long ago\n")
    assert (reader.read(), reader.lost) == ([], False)


def test_a_deleted_file_is_reported(log: Path, reader: Reader) -> None:
    log.unlink()
    log.with_name("x").touch()
    assert (reader.read(), reader.lost) == ([], True)
    assert (reader.read(), reader.lost) == ([], False)


def test_a_new_file_with_the_inode_of_the_old(log: Path, reader: Reader) -> None:
    """The file system may give the inode of a deleted file to the next."""
    log.write_bytes(b"completely different\n")
    assert reader.read() == [b"completely different"]
    assert reader.lost


def test_a_truncated_file_begins_again(log: Path, reader: Reader) -> None:
    add(log, "one\n")
    reader.read()
    log.write_bytes(b"")
    assert reader.read() == []
    add(log, "two\n")
    assert reader.read() == [b"two"]


def test_a_log_that_comes_later_is_read_from_its_beginning(tmp_path: Path) -> None:
    reader = Reader(tmp_path / "late.log")
    assert reader.read() == []
    add(reader.path, "first\n")
    assert reader.read() == [b"first"]


def test_a_line_without_end_takes_no_memory(log: Path, reader: Reader) -> None:
    add(log, "x" * 300_000, "\n", "next\n")
    assert reader.read() == [b"", b"next"]


def test_other_names_are_not_the_log(log: Path, reader: Reader) -> None:
    add(log.with_name("server.log2"), "other\n")
    os.mkfifo(log.with_name("server.log.fifo"))
    log.with_name("server.log.d").mkdir()
    assert reader.read() == []


@pytest.mark.parametrize("make", IRREGULAR)
def test_a_log_that_is_no_file_is_an_error(tmp_path: Path, make: Callable[[Path], object]) -> None:
    make(tmp_path / "server.log")
    with pytest.raises(OperationFailed, match=r"server\.log: is not a regular file$"):
        Reader(tmp_path / "server.log").read()
