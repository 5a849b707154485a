# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import bz2
import gzip
import lzma
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    NotFound,
    OperationFailed,
    PermissionDenied,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.event import LOGIN, Event, line_of
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.event_log import (
    EventLog,
    Period,
)
from support.trees.trees import IRREGULAR

ALWAYS = Period(0, 10**10)


def lines(*moments: float) -> bytes:
    return b"".join(line_of(Event(moment, LOGIN, account="partner")) for moment in moments)


def read(path: Path, period: Period = ALWAYS) -> tuple[list[float], int, int]:
    log = EventLog(os.fsencode(path))
    moments = [event.moment for event in log.events(period)]
    return moments, log.files, log.skipped


def test_only_events_of_the_period_count(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(lines(1, 2, 3, 4))
    assert read(path, Period(2, 4))[0] == [2, 3]


@pytest.mark.parametrize(
    ("suffix", "pack"),
    [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress), ("", bytes)],
)
@pytest.mark.parametrize("rotated", [".2", "-20261127"])
def test_rotated_files_are_read_too(tmp_path: Path, rotated: str, suffix: str, pack: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(lines(3))
    (tmp_path / f"events.jsonl{rotated}{suffix}").write_bytes(pack(lines(1, 2)))
    assert sorted(read(path)[0]) == [1, 2, 3]
    assert read(path)[1] == 2


def test_other_files_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(lines(3))
    for name in ("events.jsonl.bak", "events.jsonl.1.swp", "events.json", "xevents.jsonl.1", "events.jsonl.gz"):
        (tmp_path / name).write_bytes(lines(1))
    assert read(path) == ([3], 1, 0)


def test_files_that_were_rotated_before_the_period_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(lines(3))
    old = tmp_path / "events.jsonl.1"
    old.write_bytes(b"x\n")
    os.utime(old, (1000, 1000))
    assert read(path, Period(2000, 10**10))[1:] == (1, 0)


def test_a_log_that_is_rotated_while_it_is_opened_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, rotated, real, turns = tmp_path / "events.jsonl", tmp_path / "events.jsonl.1", os.open, []
    path.write_bytes(lines(1, 2))

    def opened(name: bytes, *options: int) -> int:
        if not turns:
            turns.append(name)
            path.rename(rotated)
            path.write_bytes(lines(3))
        return real(name, *options)

    monkeypatch.setattr(os, "open", opened)
    assert sorted(read(path)[0]) == [1, 2, 3]


def test_lines_that_are_no_events_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"x\n" + lines(1) + b'{"a": 1}\n\xff\n' + lines(2) + lines(3)[:20])
    assert read(path) == ([1, 2], 1, 3), "the last line is still written"


def test_a_damaged_file_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(lines(3))
    (tmp_path / "events.jsonl.1.gz").write_bytes(gzip.compress(lines(*range(1, 2000)))[:-300])
    (tmp_path / "events.jsonl.2.gz").write_bytes(b"no archive")
    moments, files, skipped = read(path)
    assert 3 in moments
    assert (files, skipped) == (3, 2)


def test_a_line_has_a_greatest_length(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"x" * (3 << 20) + b"\n" + lines(1))
    assert read(path)[0] == [1]


def test_a_log_that_is_not_there_is_an_error_with_a_cure(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="the log of events does not exist") as caught:
        read(tmp_path / "events.jsonl")
    assert caught.value.cure.startswith("Set path ")
    with pytest.raises(NotFound):
        read(tmp_path / "missing" / "events.jsonl")
    (tmp_path / "events.jsonl").symlink_to("missing")
    with pytest.raises(NotFound):
        read(tmp_path / "events.jsonl")


@pytest.mark.parametrize("make", IRREGULAR)
@pytest.mark.parametrize("name", ["events.jsonl", "events.jsonl.1"])
def test_a_log_that_is_no_file_is_an_error(tmp_path: Path, name: str, make: Callable[[Path], object]) -> None:
    (tmp_path / "events.jsonl").write_bytes(lines(1))
    (tmp_path / name).unlink(missing_ok=True)
    make(tmp_path / name)
    with pytest.raises(OperationFailed, match=rf"is not a regular file: .*{name}$") as caught:
        read(tmp_path / "events.jsonl")
    assert caught.value.cure.startswith("Set path ")


def test_a_log_that_may_not_be_read_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(lines(1))

    def refused(*_options: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refused)  # the tests may run as root
    with pytest.raises(PermissionDenied, match="cannot be read"):
        read(path)
