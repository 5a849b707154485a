# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether ssh-keygen is new enough. Other versions than this machine's are small scripts."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import ClientMissing
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.signature_check import (
    require_new_keygen,
)


def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    program = tmp_path / "ssh"
    program.write_text(f"#!/bin/sh\necho '{said}' >&2\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.mark.parametrize("version", ["8.0", "8.6", "7.9"])
def test_an_old_program_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    install(tmp_path, monkeypatch, f"OpenSSH_{version}p1, OpenSSL 1.1.1k")
    with pytest.raises(ClientMissing, match=f"OpenSSH {version} is too old") as caught:
        require_new_keygen()
    assert "8.7 or newer" in caught.value.cure


@pytest.mark.parametrize("said", ["OpenSSH_8.7p1", "OpenSSH_10.0p2", "dropbear"])
def test_others_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    install(tmp_path, monkeypatch, said)
    require_new_keygen()


def test_without_ssh_nothing_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    require_new_keygen()
