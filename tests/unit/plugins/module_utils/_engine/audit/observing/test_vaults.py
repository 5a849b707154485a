# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.forms import FORMS, fits
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing import upkeep as subject
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.program import (
    Completed,
    ask_program,
)


def answer(program: str, *words: str) -> Completed:
    """Show a mount of gocryptfs and an encrypted directory, which need devices; otherwise ask the program."""
    if (program, words[-1]) == ("findmnt", "/dev"):
        return Completed(0, "tmpfs\nfuse.gocryptfs\n", "")
    if (program, words[-1]) == ("lsattr", "/sys"):
        return Completed(0, "-----------E-------- /sys\n", "")
    return ask_program(program, *words)


def test_a_vault_is_open_if_an_encrypted_directory_is_mounted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """/proc and /sys are other mounts."""
    monkeypatch.setattr(subject, "ask_program", answer)
    (tmp_path / "secure_ftp_synchronize-vault-a.service").write_text("[Unit]\nX-Mount=/dev\n")
    (tmp_path / "secure_ftp_synchronize-vault-b.service").write_text(f"[Unit]\nX-Mount={tmp_path}\n")
    (tmp_path / "secure_ftp_synchronize-vault-c.service").write_text("[Unit]\n")
    (tmp_path / "secure_ftp_synchronize-vault-d.service").write_text("[Unit]\nX-Mount=/proc\n")
    (tmp_path / "secure_ftp_synchronize-vault-e.service").write_text("[Unit]\nX-Mount=/sys\n")
    found = subject.vaults(str(tmp_path))
    assert [(each["mount"], each["open"]) for each in found] == [
        ("/dev", True),
        (str(tmp_path), False),
        ("/proc", False),
        ("/sys", True),
    ]
    assert fits(found, FORMS["vaults"])


def test_mounts_below_a_vault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "ask_program", answer)
    monkeypatch.setattr(subject, "mounts_below", lambda _path: ["/proc", "/sys", "/nowhere"])
    (tmp_path / "secure_ftp_synchronize-vault-a.service").write_text("[Unit]\nX-Mount=/dev\n")
    (found,) = subject.vaults(str(tmp_path))
    assert found["unencrypted"] == ["/proc", "/nowhere"]
