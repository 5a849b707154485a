# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of this host, and of files that are not there."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system import host_state
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.host_state import (
    Question,
    Service,
    System,
    look,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.program import Completed

RELEASES = {
    "ID=debian\n": System("debian", []),
    '# a comment\nNAME="Rocky Linux"\nID="rocky"\nID_LIKE="rhel centos fedora"\n': System(
        "rocky", ["rhel", "centos", "fedora"]
    ),
    "NAME='broken\nID=alpine": System("alpine", []),
    "": System("linux", []),
}
SHOWN = "ActiveState=active\nActiveEnterTimestamp=@1795618963\nUnitFileState=enabled\n"


@pytest.mark.parametrize("text", RELEASES)
def test_the_system_is_read_from_os_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    (tmp_path / "os-release").write_text(text)
    monkeypatch.setattr(host_state, "_RELEASE_FILES", (str(tmp_path / "none"), str(tmp_path / "os-release")))
    assert look(Question()).system == RELEASES[text]


def test_a_system_without_the_file_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_state, "_RELEASE_FILES", (str(tmp_path / "none"),))
    assert look(Question()).system == System("unknown", ())


def test_files_and_programs(tmp_path: Path) -> None:
    file, none = tmp_path / "file", str(tmp_path / "none")
    file.write_bytes(b"text\xff")
    os.utime(file, (7.9, 7.9))
    (tmp_path / "link").symlink_to(file)
    os.mkfifo(tmp_path / "fifo")
    paths = [str(tmp_path / "link"), none, str(tmp_path / "fifo")]
    found = look(Question(files=paths[:2], contents=paths, programs=[str(tmp_path / "f*e"), none]))
    assert list(found.files.values()) == [7, None]
    assert list(found.contents.values()) == [base64.b64encode(b"text\xff").decode(), None, None]
    assert list(found.programs.values()) == [True, False]


@pytest.mark.parametrize(
    ("shown", "service"),
    [
        (SHOWN, Service(active=True, enabled=True, since=1795618963)),
        ("ActiveState=inactive\nActiveEnterTimestamp=\nUnitFileState=masked\n", Service(False, False, 0)),
        ("", Service(active=False, enabled=False, since=0)),
    ],
)
def test_the_service(monkeypatch: pytest.MonkeyPatch, shown: str, service: Service) -> None:
    monkeypatch.setattr(host_state, "ask_program", lambda *_words: Completed(0, shown, ""))
    assert look(Question(service="vsftpd")).service == service


def test_a_host_without_systemd_has_no_service(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_words: str) -> Completed:
        raise FileNotFoundError

    monkeypatch.setattr(host_state, "ask_program", missing)
    assert look(Question(service="vsftpd")).service == Service(active=False, enabled=False, since=0)
