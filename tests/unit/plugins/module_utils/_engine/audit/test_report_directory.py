# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit import report_directory
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.report_directory import (
    latest_data,
    opened,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import Locked, OperationFailed

FILES = {"audit.json": b"{}", "audit.html": b"<p>"}


def write(path: Path, made: float = 0.0, files: dict[str, bytes] = FILES) -> str:
    with opened(str(path)) as directory:
        return directory.write(made, files)


def test_a_report_is_there_whole_and_the_newest_is_named(tmp_path: Path) -> None:
    first = write(tmp_path / "reports")
    assert first == str(tmp_path / "reports/19700101T000000Z")
    assert sorted(os.listdir(first)) == sorted(FILES)
    assert write(tmp_path / "reports", 60.0, {"audit.json": b"new"}).endswith("/19700101T000100Z")
    assert latest_data(str(tmp_path / "reports")) == b"new"
    assert sorted(os.listdir(tmp_path / "reports")) == ["19700101T000000Z", "19700101T000100Z", "latest"]


def test_two_reports_of_one_second(tmp_path: Path) -> None:
    names = [Path(write(tmp_path / "reports")).name for _number in range(3)]
    assert names == ["19700101T000000Z", "19700101T000000Z-2", "19700101T000000Z-3"]


def test_two_runs_at_once(tmp_path: Path) -> None:
    threads = [threading.Thread(target=write, args=(tmp_path / "reports",)) for _number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    reports = [path for path in (tmp_path / "reports").iterdir() if path.name != "latest"]
    assert len(reports) == 6
    assert all(sorted(os.listdir(path)) == sorted(FILES) for path in reports)


def test_a_full_disk_leaves_the_report_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "reports")

    def full(name: str, content: bytes, **options: object) -> bool:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(report_directory, "replace", full)
    with pytest.raises(OperationFailed, match="No space left on device"):
        write(tmp_path / "reports", 60.0)
    assert sorted(os.listdir(tmp_path / "reports")) == ["19700101T000000Z", "latest"]


def test_without_space_for_the_link_there_is_no_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "reports")

    def full(*_words: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "symlink", full)
        with pytest.raises(OperationFailed, match="No space left on device"):
            write(tmp_path / "reports", 60.0, {"audit.json": b"new"})
    assert sorted(os.listdir(tmp_path / "reports")) == ["19700101T000000Z", "latest"]
    (tmp_path / "reports/latest.new").symlink_to("left by a killed run")
    write(tmp_path / "reports", 120.0, {"audit.json": b"new"})
    assert latest_data(str(tmp_path / "reports")) == b"new"


def test_an_unfinished_report_of_a_killed_run_is_removed(tmp_path: Path) -> None:
    write(tmp_path / "reports")
    for name in ("19700101T000030Z.new", "19700101T000030Z-2.new", "site.new"):
        (tmp_path / "reports" / name).mkdir()
    write(tmp_path / "reports", 60.0)
    assert sorted(os.listdir(tmp_path / "reports")) == ["19700101T000000Z", "19700101T000100Z", "latest", "site.new"]


def test_a_directory_that_is_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_directory, "_PATIENCE", 0.0)
    with opened(str(tmp_path / "reports")), pytest.raises(Locked):
        write(tmp_path / "reports")


def test_a_directory_without_a_parent(tmp_path: Path) -> None:
    with pytest.raises(OperationFailed, match="No such file"):
        write(tmp_path / "none/reports")


def test_files_and_directories_are_not_for_others(tmp_path: Path) -> None:
    report = Path(write(tmp_path / "reports"))
    assert report.stat().st_mode & 0o777 == 0o750
    assert (report / "audit.json").stat().st_mode & 0o777 == 0o640
