# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing import sshd_view
from support.servers import ssh_keys


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "revoked"
    monkeypatch.setattr(sshd_view, "for_login", lambda _name, _address: {"revokedkeys": (str(path),)})
    return path


def made(file: Path) -> bytes:
    (file.parent / "key.pub").write_text(ssh_keys.key("observed").public + "\n")
    command = ["ssh-keygen", "-q", "-k", "-z", "7", "-f", str(file), str(file.parent / "key.pub")]
    subprocess.run(command, check=True)
    return file.read_bytes()


def test_a_list(file: Path) -> None:
    made(file)
    found = sshd_view.revocation_list("192.0.2.1")
    assert (found["path"], found["form"], found["version"]) == (str(file), "krl", 7)
    assert found["date"].endswith("Z")
    assert (found["parts"][0]["path"], found["parts"][-1]["path"], found["target"]) == ("/", str(file), str(file))


@pytest.mark.parametrize("cut", [7, 20, -1])
def test_a_list_that_was_cut(file: Path, cut: int) -> None:
    file.write_bytes(made(file)[:cut])
    assert sshd_view.revocation_list("192.0.2.1")["form"] == "damaged"


def test_other_forms(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sshd_view.revocation_list("192.0.2.1")["form"] == "missing"
    file.write_text(ssh_keys.key("observed").public)
    assert sshd_view.revocation_list("192.0.2.1")["form"] == "text"
    monkeypatch.setattr(sshd_view, "for_login", lambda _name, _address: {"revokedkeys": ("none",)})
    none = {"path": "", "target": "", "parts": [], "form": "none", "version": 0, "date": ""}
    assert sshd_view.revocation_list("192.0.2.1") == none
