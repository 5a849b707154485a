# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which ssh is there. Other versions than this machine's are small scripts."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.stream import (
    OLDEST_OPENSSH,
    ask_openssh,
    find_openssh,
    openssh_version,
)


def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    program = tmp_path / "ssh"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.mark.parametrize(
    ("script", "version"),
    [
        ("echo 'OpenSSH_10.0p2 Debian-7, OpenSSL 3.5.1' >&2", (10, 0)),
        ("echo 'OpenSSH_8.5p1'", (8, 5)),
        ("echo 'OpenSSH_for_Windows_9.5p1, LibreSSL 3.8.2' >&2", (9, 5)),
        ("echo 'Sun_SSH_1.1' >&2", None),
        ("echo 'dropbear v2022.83' >&2; exit 1", None),
        ("printf 'OpenSSH_\\377' >&2", None),
        ("exit 255", None),
    ],
)
def test_what_it_says_of_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, version: tuple[int, int] | None
) -> None:
    install(tmp_path, monkeypatch, script)
    assert find_openssh() == str(tmp_path / "ssh")
    assert openssh_version() == version


def test_it_is_asked_once_however_often_that_is_wanted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, monkeypatch, f"echo asked >> {tmp_path}/asked; echo OpenSSH_9.9")
    for _time in range(2):
        ask_openssh()
        assert openssh_version() == (9, 9)
    assert (tmp_path / "asked").read_text() == "asked\n"


def test_a_program_that_cannot_be_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, monkeypatch, "")
    (tmp_path / "ssh").write_bytes(b"\x7fELF and no more")
    assert openssh_version() is None


def test_none_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_openssh() is None
    ask_openssh()
    assert openssh_version() is None


def test_this_machine_s_own_is_new_enough() -> None:
    assert find_openssh() == shutil.which("ssh")
    assert openssh_version() >= OLDEST_OPENSSH
