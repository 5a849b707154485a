# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of the steps of a change. sshd is a stand-in; tests/hosts has real servers."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd import change
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd.stage import File


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The steps that were taken."""
    taken: list[str] = []
    guard = {name: lambda *_given, name=name: taken.append(name) for name in ("arm", "note", "restore")}
    monkeypatch.setattr(
        change, "guard", SimpleNamespace(key_files=lambda *_given: [], state_of=lambda *_given: "", **guard)
    )
    monkeypatch.setattr(
        change, "daemon", SimpleNamespace(check=lambda: taken.append("check"), effective=lambda *_given: {})
    )
    monkeypatch.setattr(change, "listening_unit", lambda _service: "ssh.service")
    monkeypatch.setattr(change, "differences", lambda *_given: [])
    monkeypatch.setattr(change, "write", lambda path, _file: taken.append(path))
    monkeypatch.setattr(change, "_reload", lambda *_given: taken.append("reload"))
    return taken


def carry_out(files: dict[str, File]) -> None:
    owner = SimpleNamespace(user="admin")
    change._carry_out(
        SimpleNamespace(files=files, owner=owner, new_keys=[], open_keys=[], expected=[]),
        SimpleNamespace(service="ssh", timeout=60),
    )


def test_a_file_of_the_end_is_written_after_sshd_has_the_others(steps: list[str]) -> None:
    carry_out({"pam": File("rest", last=True), "drop-in": File("new")})
    assert steps == ["arm", "drop-in", "check", "reload", "pam", "note"]


def test_other_files_are_written_in_their_order(steps: list[str]) -> None:
    carry_out({"pam": File("block and rest"), "drop-in": File("new")})
    assert steps == ["arm", "pam", "drop-in", "check", "reload", "note"]


def test_an_error_at_the_end_restores_all(steps: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(change, "write", lambda path, _file: (tmp_path / path / "none").touch())
    with pytest.raises(FileNotFoundError):
        carry_out({"pam": File("rest", last=True)})
    assert steps == ["arm", "check", "reload", "restore"]
