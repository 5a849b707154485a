# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A guarded file: only root and this account can have written it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs import job_file
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.job_file import (
    OTHERS_READ,
    OTHERS_WRITE,
    PRIVATE,
    read_guarded,
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a file of this account."""
    path = tmp_path / "file"
    path.write_bytes(b"content")
    return path


@pytest.mark.parametrize(
    ("mode", "refused"),
    [(0o644, OTHERS_WRITE), (0o440, OTHERS_READ | OTHERS_WRITE), (0o600, PRIVATE), (0o400, PRIVATE)],
)
def test_a_good_mode(file: Path, mode: int, refused: int) -> None:
    file.chmod(mode)
    assert read_guarded(str(file), "file", refused=refused) == b"content"


@pytest.mark.parametrize(
    ("mode", "refused", "verb"),
    [
        (0o664, OTHERS_WRITE, "write"),
        (0o646, OTHERS_WRITE, "write"),
        (0o444, OTHERS_READ | OTHERS_WRITE, "read"),
        (0o640, PRIVATE, "read"),
        (0o604, PRIVATE, "read"),
    ],
)
def test_a_mode_for_others_is_refused(file: Path, mode: int, refused: int, verb: str) -> None:
    file.chmod(mode)
    with pytest.raises(InvalidRequest, match=f"^file: other accounts can {verb} .* mode {mode:04o}") as caught:
        read_guarded(str(file), "file", refused=refused)
    assert "chmod" in caught.value.cure


def test_a_file_of_another_account_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.chown(file, 12345, -1)
    with pytest.raises(InvalidRequest, match="uid 12345"):
        read_guarded(str(file), "file")


def test_what_is_no_small_file_is_refused(tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "fifo")
    monkeypatch.setattr(job_file, "_LARGEST", 3)
    for path in (tmp_path, tmp_path / "fifo", file):
        with pytest.raises(InvalidRequest, match="is not a regular file"):
            read_guarded(str(path), "file")


@pytest.mark.parametrize("path", ["missing", "a\0b"])
def test_a_path_that_cannot_be_opened(tmp_path: Path, path: str) -> None:
    with pytest.raises(InvalidRequest, match=r"^file: ") as caught:
        read_guarded(f"{tmp_path}/{path}", "file")
    assert caught.value.cure
