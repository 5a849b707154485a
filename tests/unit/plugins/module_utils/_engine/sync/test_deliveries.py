# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of deliveries: after a killed run, damaged, written by others."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    Locked,
    OperationFailed,
    Refused,
    SyncError,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.deliveries import (
    Delivered,
    Deliveries,
)

ONE = Delivered(3, 1_600_000_000_000_000_001, b"\1" * 32, "read_back")
ODD = RelPath(b"d/\xff \n\"'")
NAME = "0123"


@pytest.fixture(name="opened")
def _opened(tmp_path: Path) -> Iterator[list[Deliveries]]:
    """The records that a test opened, which are closed after it."""
    opened: list[Deliveries] = []
    yield opened
    for each in opened:
        each.close()


def claimed(tmp_path: Path, opened: list[Deliveries]) -> Deliveries:
    deliveries = Deliveries(os.fsencode(tmp_path / "state"), NAME)
    opened.append(deliveries)
    deliveries.claim()
    return deliveries


def known(tmp_path: Path) -> dict[RelPath, Delivered]:
    deliveries = Deliveries(os.fsencode(tmp_path / "state"), NAME)
    deliveries.read()
    deliveries.close()
    return deliveries.known


def file_of(tmp_path: Path) -> Path:
    return tmp_path / "state" / f"{NAME}.deliveries"


def test_deliveries_are_known_to_the_next_run(tmp_path: Path, opened: list[Deliveries]) -> None:
    deliveries = claimed(tmp_path, opened)
    deliveries.add({ODD: ONE, RelPath(b"a"): ONE, RelPath(b"b"): ONE})
    deliveries.forget([RelPath(b"a"), RelPath(b"unknown")])
    assert known(tmp_path) == {ODD: ONE, RelPath(b"b"): ONE}
    assert file_of(tmp_path).stat().st_mode & 0o777 == 0o600
    assert len(file_of(tmp_path).read_bytes().splitlines()) == 4


def test_nothing_is_made_for_reading(tmp_path: Path) -> None:
    assert known(tmp_path) == {}
    assert list(tmp_path.iterdir()) == []


def test_an_incomplete_last_line_does_not_count(tmp_path: Path, opened: list[Deliveries]) -> None:
    claimed(tmp_path, opened).add({RelPath(b"a"): ONE})
    opened.pop().close()
    with file_of(tmp_path).open("ab") as stream:
        stream.write(b'["b", 3, 16')
    assert set(known(tmp_path)) == {b"a"}
    claimed(tmp_path, opened).add({RelPath(b"c"): ONE})
    assert set(known(tmp_path)) == {b"a", b"c"}


@pytest.mark.parametrize(
    "line",
    [b"no json", b"{}", b"[]", b"3", b'["../a", 1, 2, "00", "none"]', b'["a", "x", 2, "00", "none"]', b'["a", 1, 2]'],
)
def test_a_damaged_line_is_refused(tmp_path: Path, opened: list[Deliveries], line: bytes) -> None:
    claimed(tmp_path, opened).add({RelPath(b"a"): ONE})
    opened.pop().close()
    with file_of(tmp_path).open("ab") as stream:
        stream.write(line + b"\n")
    with pytest.raises(Refused, match="line 2 of the record of deliveries is damaged"):
        known(tmp_path)


def test_a_second_run_is_refused(tmp_path: Path, opened: list[Deliveries]) -> None:
    claimed(tmp_path, opened)
    with pytest.raises(Locked):
        claimed(tmp_path, opened)


def test_lines_that_no_longer_count_are_removed(tmp_path: Path, opened: list[Deliveries]) -> None:
    deliveries = claimed(tmp_path, opened)
    for number in range(600):
        path = RelPath(b"%d" % number)
        deliveries.add({path: ONE})
        deliveries.forget([path])
    deliveries.add({RelPath(b"last"): ONE})
    assert len(file_of(tmp_path).read_bytes().splitlines()) < 600
    assert known(tmp_path) == {b"last": ONE}
    with pytest.raises(Locked):
        claimed(tmp_path, opened)
    assert [path.name for path in (tmp_path / "state").iterdir()] == [f"{NAME}.deliveries"]


def test_a_record_that_others_can_write_is_refused(tmp_path: Path, opened: list[Deliveries]) -> None:
    claimed(tmp_path, opened)
    for place in (file_of(tmp_path), tmp_path / "state"):
        for mode in (0o720, 0o702):
            place.chmod(mode)
            with pytest.raises(Refused, match="others can write"):
                known(tmp_path)
        place.chmod(0o755)
        known(tmp_path)


@pytest.mark.parametrize("kind", ["link", "fifo", "directory"])
def test_another_kind_of_entry_is_refused(tmp_path: Path, opened: list[Deliveries], kind: str) -> None:
    (tmp_path / "state").mkdir(mode=0o700)
    path = file_of(tmp_path)
    {"link": lambda: path.symlink_to("x"), "fifo": lambda: os.mkfifo(path), "directory": path.mkdir}[kind]()
    with pytest.raises(SyncError):
        claimed(tmp_path, opened)


def test_a_directory_that_cannot_be_made(tmp_path: Path, opened: list[Deliveries]) -> None:
    (tmp_path / "state").write_text("")
    with pytest.raises(OperationFailed, match="state_dir: the record of deliveries cannot be written"):
        claimed(tmp_path, opened)


FORMER = "4567"


def test_the_record_of_a_former_version_is_taken_over_once(tmp_path: Path, opened: list[Deliveries]) -> None:
    claimed(tmp_path, opened).add({ODD: ONE})
    opened.pop().close()
    former = file_of(tmp_path).rename(file_of(tmp_path).with_name(f"{FORMER}.deliveries"))
    looked = Deliveries(os.fsencode(tmp_path / "state"), NAME, former=FORMER)
    looked.read()
    looked.close()
    assert (looked.known, former.exists()) == ({ODD: ONE}, True)
    for again in (False, True):
        taken = Deliveries(os.fsencode(tmp_path / "state"), NAME, former=FORMER)
        taken.claim()
        taken.close()
        assert taken.known == {ODD: ONE}
        assert former.exists() == again
        former.touch(0o600)


def test_the_only_file_of_a_run_is_known_by_any_name(tmp_path: Path, opened: list[Deliveries]) -> None:
    claimed(tmp_path, opened).add({ODD: ONE})
    opened.pop().close()
    only = RelPath(b"orders.csv")
    deliveries = Deliveries(os.fsencode(tmp_path / "state"), NAME, only=only)
    deliveries.read()
    deliveries.close()
    assert deliveries.known == {only: ONE}
