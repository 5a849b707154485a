# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of a spread as a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import OperationFailed
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.revocation_spread import (
    only_run,
    read_record,
    write_record,
)


def test_a_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "spread.json"
    assert read_record(str(path)) == ""
    write_record(str(path), "{}\n")
    assert (read_record(str(path)), path.stat().st_mode & 0o777) == ("{}\n", 0o644)
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "spread.json"
    path.write_bytes(b"\xff")
    with pytest.raises(OperationFailed, match=r"spread\.json: not UTF-8 text"):
        read_record(str(path))
    with pytest.raises(OperationFailed, match="Is a directory"):
        read_record(str(tmp_path))
    with pytest.raises(OperationFailed, match="No such file"):
        write_record(str(tmp_path / "none" / "spread.json"), "")


def test_one_run_at_a_time(tmp_path: Path) -> None:
    with only_run(str(tmp_path / "spread.json")):
        write_record(str(tmp_path / "spread.json"), "{}\n")
    with pytest.raises(OperationFailed, match="No such file"), only_run(str(tmp_path / "none" / "spread.json")):
        pytest.fail("a directory that does not exist")


def test_check_mode_makes_no_lock(tmp_path: Path) -> None:
    with only_run(str(tmp_path / "spread.json"), check_mode=True):
        assert list(tmp_path.iterdir()) == []
