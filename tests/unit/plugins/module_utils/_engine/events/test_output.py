# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.state import Output


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"first\n")
    return path


@pytest.mark.parametrize("done", range(8))
def test_lines_that_are_partly_written_are_completed(path: Path, done: int) -> None:
    output = Output(str(path))
    pending = output.place(b"second\n")
    output.close()
    with path.open("ab") as file:
        file.write(b"second\n"[:done])
    for _time in range(2):
        output = Output(str(path))
        output.complete(pending)
        output.close()
        assert path.read_bytes() == b"first\nsecond\n"


@pytest.mark.parametrize("done", [0, 3, 7])
def test_lines_are_completed_in_the_file_that_logrotate_has_renamed(path: Path, done: int) -> None:
    output = Output(str(path))
    pending = output.place(b"second\n")
    output.close()
    with path.open("ab") as file:
        file.write(b"second\n"[:done])
    rotated = path.with_name("events.jsonl.1")
    path.rename(rotated)
    path.write_bytes(b"")
    output = Output(str(path))
    output.complete(pending)
    output.close()
    assert rotated.read_bytes() == b"first\nsecond\n"
    assert path.read_bytes() == b""


def test_lines_of_a_removed_file_come_into_the_new_file(path: Path) -> None:
    output = Output(str(path))
    pending = output.place(b"second\n")._replace(inode=1)
    output.complete(pending)
    output.close()
    assert path.read_bytes() == b"first\nsecond\n"


def test_a_run_writes_to_one_file(path: Path) -> None:
    output = Output(str(path))
    rotated = path.with_name("events.jsonl.1")
    path.rename(rotated)
    output.complete(output.place(b"second\n"))
    output.close()
    assert rotated.read_bytes() == b"first\nsecond\n"


def test_a_new_file_is_not_for_others(tmp_path: Path) -> None:
    path = tmp_path / "new.jsonl"
    Output(str(path)).close()
    assert path.stat().st_mode & 0o777 == 0o640
