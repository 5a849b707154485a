# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.journal import (
    Gap,
    Item,
    JournalUnreadable,
    read_journal,
)


def line(number: int) -> str:
    return json.dumps({"__CURSOR": f"c{number}", "__REALTIME_TIMESTAMP": str(number * 1000000), "MESSAGE": "x"})


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A stand-in for journalctl: a journal cannot be deleted at will here, it is on a real host in tests/hosts."""
    path = tmp_path / "journalctl"
    return path


def read(program: Path, script: str, cursor: str = "") -> list[Item]:
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return list(read_journal(cursor, 5.7, command=[str(program)]))


def test_the_first_run_reads_from_a_time_on(program: Path) -> None:
    script = f"""[ "$1" = --since=@5 ] && echo '{line(1)}' && echo '{line(2)}'"""
    assert [each.cursor for each in read(program, script)] == ["c1", "c2"]


def test_a_run_begins_behind_the_cursor(program: Path) -> None:
    script = f"""[ "$1" = --cursor=c1 ] && echo '{line(1)}' && echo '{line(2)}'"""
    assert [each.cursor for each in read(program, script, "c1")] == ["c2"]


def test_entries_that_were_deleted_are_reported(program: Path) -> None:
    first, second = read(program, f"echo '{line(7)}'", "c1")
    assert first == Gap("c1", 7.0)
    assert second.cursor == "c7"


def test_an_empty_journal(program: Path) -> None:
    assert read(program, "exit 0", "c1") == []


def test_a_journal_that_cannot_be_read(program: Path) -> None:
    with pytest.raises(JournalUnreadable, match="journalctl: no rights"):
        read(program, "echo no rights >&2; exit 1")


def test_the_selection_is_by_program_and_not_by_unit(program: Path) -> None:
    script = """for word; do case "$word" in _COMM=sshd-session) found=1;; *UNIT*) exit 3;; esac; done; [ "$found" ]"""
    assert read(program, script) == []


def test_the_selection_has_files_of_processes_without_a_program(program: Path) -> None:
    script = """for word; do [ "$last$word" = +SYSLOG_IDENTIFIER=internal-sftp ] && exit; last=$word; done; exit 3"""
    assert read(program, script) == []


def test_a_pass_that_ends_early_ends_journalctl(program: Path) -> None:
    begin = f"echo $$ > {program}.pid; trap '' PIPE"
    program.write_text(f"#!/bin/sh\n{begin}\nwhile :; do echo '{line(1)}'; done\n")
    program.chmod(0o755)
    entries = read_journal("", 0.0, command=[str(program)])
    next(entries)
    entries.close()  # type: ignore[attr-defined]
    with pytest.raises(ProcessLookupError):
        os.kill(int(Path(f"{program}.pid").read_text()), 0)
