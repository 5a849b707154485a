# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The private directory of a drill: keys by the real ssh-keygen, state, timelines."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import OperationFailed, Refused
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.incident.directory import (
    COMPROMISED,
    DrillDirectory,
)


def made(path: Path) -> DrillDirectory:
    directory = DrillDirectory(os.fsencode(path))
    directory.make()
    return directory


def test_it_is_private(tmp_path: Path) -> None:
    path = tmp_path / "new" / "drill"
    made(path)
    assert path.stat().st_mode & 0o777 == 0o700
    made(path)
    path.chmod(0o755)
    with pytest.raises(Refused, match="not a directory of this user alone"):
        made(path)


def test_a_link_and_a_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "file").touch(0o600)
    for name in ("link", "file"):
        with pytest.raises(Refused):
            made(tmp_path / name)
    with pytest.raises(OperationFailed):
        made(tmp_path / "file" / "below")


def test_a_key_is_of_ssh_keygen(tmp_path: Path) -> None:
    public = made(tmp_path / "drill").make_key(COMPROMISED)
    private = tmp_path / "drill" / COMPROMISED
    assert private.stat().st_mode & 0o777 == 0o600
    words = ["ssh-keygen", "-l", "-f", str(private)]
    assert public.fingerprint in subprocess.run(words, capture_output=True, text=True, check=True).stdout


def test_it_is_emptied_of_all_that_a_drill_makes_and_of_nothing_else(tmp_path: Path) -> None:
    directory = made(tmp_path / "drill")
    directory.make_key(COMPROMISED)
    directory.write({"key": "x"})
    (tmp_path / "drill" / "watch-0.jsonl").touch()
    (tmp_path / "drill" / "tasks").mkdir()
    (tmp_path / "drill" / "tasks" / "j1").touch()
    (tmp_path / "drill" / "notes").touch()
    directory.empty()
    directory.empty()
    assert [path.name for path in (tmp_path / "drill").iterdir()] == ["notes"]


def test_the_state(tmp_path: Path) -> None:
    directory = made(tmp_path / "drill")
    assert directory.read() is None
    directory.write({"key": "x"})
    assert directory.read() == {"key": "x"}
    for damaged in ("", "[]", "{"):
        (tmp_path / "drill" / "drill.json").write_text(damaged)
        with pytest.raises(Refused, match="is damaged"):
            directory.read()


def test_a_name_of_a_server_is_no_path(tmp_path: Path) -> None:
    directory = made(tmp_path / "drill")
    (tmp_path / "secret").write_text("x")
    assert directory.timeline("../secret") == b""
    name = "watch-%s.jsonl" % hashlib.sha256(b"files1").hexdigest()
    (tmp_path / "drill" / name).write_bytes(b"line")
    assert directory.timeline("files1") == b"line"


def test_a_directory_that_is_missing_has_no_drill(tmp_path: Path) -> None:
    directory = DrillDirectory(os.fsencode(tmp_path / "none"))
    directory.empty()
    assert directory.read() is None
