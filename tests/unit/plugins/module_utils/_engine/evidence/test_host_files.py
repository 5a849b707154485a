# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of a host that may be hostile: links, pipes, directories without end, files that grow."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.evidence.host_files import (
    Found,
    Missed,
    files_below,
)


def seen(path: Path | str) -> dict[str, str]:
    found = {}
    for each in files_below(str(path)):
        reason = os.pread(each.descriptor, 100, 0).decode() if isinstance(each, Found) else each.reason
        found[os.path.basename(each.path)] = reason
    return found


def test_files_of_a_directory(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/file").write_text("one")
    (tmp_path / "b").write_text("two")
    assert seen(tmp_path) == {"file": "one", "b": "two"}
    assert seen(tmp_path / "b") == {"b": "two"}
    assert seen(tmp_path / "none") == seen(tmp_path / "none/none") == {}
    assert seen(f"{tmp_path}/*") == {"file": "one", "b": "two"}


def test_no_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/file").write_text("secret")
    (tmp_path / "to_file").symlink_to(tmp_path / "secret/file")
    (tmp_path / "to_directory").symlink_to(tmp_path / "secret")
    assert seen(tmp_path / "to_file") == {"to_file": f"link to {tmp_path}/secret/file"}
    assert seen(tmp_path / "to_directory") == {"to_directory": f"link to {tmp_path}/secret"}
    assert next(iter(seen(tmp_path / "to_directory/file").values())).startswith(f"{tmp_path}/to_directory is a link")


def test_a_file_that_becomes_a_link_while_it_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "file").write_text("one")
    stat = os.stat

    def swap(name: str, **options: Any) -> os.stat_result:
        status = stat(name, **options)
        if name == "file":
            (tmp_path / "file").unlink()
            (tmp_path / "file").symlink_to(tmp_path / "secret")
        return status

    monkeypatch.setattr(os, "stat", swap)
    assert seen(tmp_path / "file")["file"].startswith("cannot be read")


def test_pipes_are_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert seen(tmp_path) == {"pipe": "not a regular file"}


def test_a_directory_without_end(tmp_path: Path) -> None:
    deep = tmp_path
    for number in range(12):
        deep = deep / str(number)
        deep.mkdir()
    (deep / "file").write_text("x")
    assert list(seen(tmp_path).values()) == ["has more entries or levels than are read"]


def test_facts(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("one")
    (each,) = files_below(str(tmp_path))
    assert (each.facts()["size"], each.facts()["path"]) == (3, f"{tmp_path}/file")
    assert Missed("/x", "gone").facts() == {"path": "/x", "reason": "gone"}
