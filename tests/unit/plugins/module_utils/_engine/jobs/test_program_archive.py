# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The archive of the program: only its sources decide its bytes."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.program_archive import (
    program_archive,
)

SOURCES = {
    "edge/deep/main.py": b"from ...engine.words import TEXT\n\ndef main():\n    print(TEXT)\n    return 3\n",
    "engine/words.py": b'TEXT = "hello"\n',
}
START = "edge/deep/main.py"


def test_the_archive_runs(tmp_path: Path) -> None:
    path = tmp_path / "program.pyz"
    path.write_bytes(program_archive(SOURCES, START))
    ran = subprocess.run([sys.executable, "-I", "-S", str(path)], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (3, "hello\n", "")


def test_neither_order_nor_time_nor_umask_changes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    first = program_archive(SOURCES, START)
    monkeypatch.setattr(time, "time", lambda: 2_000_000_000.0)
    monkeypatch.setenv("TZ", "Pacific/Chatham")
    time.tzset()
    before = os.umask(0o077)
    try:
        assert program_archive(dict(reversed(SOURCES.items())), START) == first
    finally:
        os.umask(before)
        monkeypatch.undo()
        time.tzset()


def test_nothing_is_compressed_and_every_package_is_one() -> None:
    with zipfile.ZipFile(io.BytesIO(program_archive(SOURCES, START))) as archive:
        assert archive.testzip() is None
        members = archive.infolist()
    assert {member.compress_type for member in members} == {zipfile.ZIP_STORED}
    assert [member.filename for member in members] == [
        "__main__.py",
        "secure_ftp_synchronize/__init__.py",
        "secure_ftp_synchronize/edge/__init__.py",
        "secure_ftp_synchronize/edge/deep/__init__.py",
        "secure_ftp_synchronize/edge/deep/main.py",
        "secure_ftp_synchronize/engine/__init__.py",
        "secure_ftp_synchronize/engine/words.py",
    ]


def test_a_changed_source_changes_it() -> None:
    assert program_archive({**SOURCES, "engine/words.py": b'TEXT = "hellO"\n'}, START) != program_archive(
        SOURCES, START
    )
