# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directory of records: a chain with a limit, replaced as a whole."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import Locked, OperationFailed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs import records
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.records import (
    Records,
    first_broken_link,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system import run_lock


def counted(before: dict[str, Any], record: dict[str, Any]) -> dict[str, Any]:
    """Count the runs."""
    return {"runs": before.get("runs", 0) + 1, "last": record["run"]}


def numbers(directory: Path) -> list[int]:
    """Return the numbers of the recorded runs."""
    return [json.loads(line)["run"] for line in (directory / "runs.jsonl").read_text().splitlines()]


def test_records_form_a_chain_with_a_limit(tmp_path: Path) -> None:
    kept = Records(str(tmp_path / "jobs"), 3)
    for run in range(5):
        assert kept.append({"run": run}, counted) == {"runs": run + 1, "last": run}
    directory = tmp_path / "jobs"
    history = (directory / "runs.jsonl").read_bytes()
    assert numbers(directory) == [2, 3, 4]
    assert (directory / "last.json").read_bytes() == history.splitlines(keepends=True)[-1]
    assert first_broken_link(history) is None
    modes = {path.name: path.stat().st_mode & 0o777 for path in directory.iterdir()}
    assert modes == {**dict.fromkeys(["counters.json", "last.json", "runs.jsonl"], 0o640), ".lock": 0o600}


def test_an_account_that_may_read_the_records_holds_up_no_run(tmp_path: Path) -> None:
    """It can lock the directory, and would delay each record for as long as it likes."""
    reader = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(reader, fcntl.LOCK_EX)
    assert Records(str(tmp_path), 3).append({"run": 1}, counted) == {"runs": 1, "last": 1}
    os.close(reader)


def test_records_that_another_run_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Records(str(tmp_path), 3).append({"run": 1}, counted)
    monkeypatch.setattr(run_lock.time, "monotonic", iter([0.0, 100.0]).__next__)
    with (tmp_path / ".lock").open("r+") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(Locked, match=f"records: another run works on {tmp_path}"):
            Records(str(tmp_path), 3).append({"run": 2}, counted)


def test_counters_begin_once_and_once_more_for_a_fresh_job(tmp_path: Path) -> None:
    kept = Records(str(tmp_path), 3)
    assert kept.begin(lambda: {"since": 1}, fresh=False) == {"since": 1}
    assert kept.begin(lambda: {"since": 2}, fresh=False) == {"since": 1}
    kept.append({"run": 1}, lambda before, record: {**before, "run": 1})
    assert kept.begin(lambda: {"since": 3}, fresh=False) == {"since": 1, "run": 1}
    assert kept.begin(lambda: {"since": 4}, fresh=True) == {"since": 4}
    assert numbers(tmp_path) == [1], "the records of the removed job stay"


def test_the_first_record_has_no_previous(tmp_path: Path) -> None:
    Records(str(tmp_path), 3).append({"run": 1}, counted)
    assert json.loads((tmp_path / "last.json").read_text())["previous_sha256"] == "0" * 64


def test_a_change_in_the_middle_shows(tmp_path: Path) -> None:
    kept = Records(str(tmp_path), 9)
    for run in range(4):
        kept.append({"run": run, "result": "failed"}, counted)
    lines = (tmp_path / "runs.jsonl").read_bytes().splitlines(keepends=True)
    changed = lines[1].replace(b"failed", b"ok")
    assert first_broken_link(b"".join([lines[0], changed, *lines[2:]])) == 3
    assert first_broken_link(b"".join([lines[0], *lines[2:]])) == 2
    assert first_broken_link(lines[0] + b"[]\n") == 2
    assert first_broken_link(lines[0] + b"{\n") == 2


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff"])
def test_damaged_counters_start_again(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "counters.json").write_bytes(content)
    assert Records(str(tmp_path), 3).append({"run": 1}, counted)["runs"] == 1


def test_a_link_in_the_place_of_the_history_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "jobs").mkdir()
    victim = tmp_path / "victim"
    victim.write_text("untouched")
    os.symlink(victim, tmp_path / "jobs/runs.jsonl")
    with pytest.raises(OperationFailed, match=r"^records: "):
        Records(str(tmp_path / "jobs"), 3).append({"run": 1}, counted)
    assert victim.read_text() == "untouched"


def test_a_full_disk_leaves_the_former_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Records(str(tmp_path), 3)
    kept.append({"run": 1}, counted)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def full(*_arguments: Any, **_options: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(records, "replace", full)
    with pytest.raises(OperationFailed, match=r"^records: .*No space left on device") as caught:
        kept.append({"run": 2}, counted)
    assert caught.value.cure
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_two_recorders_at_once_keep_the_chain(tmp_path: Path) -> None:
    threads = [
        threading.Thread(target=Records(str(tmp_path), 99).append, args=({"run": run}, counted)) for run in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers(tmp_path)) == list(range(8))
    assert first_broken_link((tmp_path / "runs.jsonl").read_bytes()) is None
