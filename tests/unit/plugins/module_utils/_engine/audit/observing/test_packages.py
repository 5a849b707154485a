# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.forms import FORMS, fits
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing import upkeep as subject
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing.observed import (
    Unobservable,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.program import Completed

OUTPUT = """Reading package lists...
The following packages will be upgraded:
  bash openssh-server
Inst bash [5.2.37-2] (5.2.37-3 Debian:13.2/stable [amd64])
Inst openssh-server [1:10.0p1-7] (1:10.0p1-7+deb13u1 Debian-Security:13/stable-security [amd64]) []
Inst libssl3t64 [3.5.1-1] (3.5.4-1 Debian:13.2/stable [amd64])
Inst vsftpd (3.0.5-1 Debian:13.2/stable [amd64])
Conf openssh-server (1:10.0p1-7+deb13u1 Debian-Security:13/stable-security [amd64])
"""


@pytest.fixture
def stamp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "lists"
    path.mkdir()
    monkeypatch.setattr(subject, "_STAMPS", (str(tmp_path / "none"), str(path)))
    return path


def test_updates_of_the_programs_of_both_ends(stamp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.utime(stamp, (1764561600, 1764561600))
    monkeypatch.setattr(subject, "ask_program", lambda *_words: Completed(0, OUTPUT, ""))
    found = subject.packages()
    assert found == {
        "lists": "2025-12-01T04:00:00Z",
        "pending": [
            {
                "package": "openssh-server",
                "installed": "1:10.0p1-7",
                "fixed": "1:10.0p1-7+deb13u1",
                "security": True,
            },
            {"package": "libssl3t64", "installed": "3.5.1-1", "fixed": "3.5.4-1", "security": False},
        ],
    }
    assert fits(found, FORMS["packages"])


def missing(*_words: str) -> Completed:
    raise FileNotFoundError


@pytest.mark.parametrize(
    ("ask", "reason"),
    [(missing, "apt-get is missing"), (lambda *_words: Completed(100, "", "E: broken"), "apt-get reports: E: broken")],
)
def test_no_answer_is_a_reason(ask: object, reason: str, stamp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "ask_program", ask)
    with pytest.raises(Unobservable, match=reason):
        subject.packages()


def test_a_host_without_package_lists(stamp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stamp.rmdir()
    monkeypatch.setattr(subject, "ask_program", lambda *_words: Completed(0, "", ""))
    with pytest.raises(Unobservable, match="no package lists"):
        subject.packages()


def test_packages_on_hold_are_pending_too(stamp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(subject, "ask_program", lambda *words: asked.extend(words) or Completed(0, "", ""))
    subject.packages()
    assert "--ignore-hold" in asked


def test_a_failed_update_does_not_make_lists_new() -> None:
    """apt writes below `partial` also if no server answers."""
    assert not any(path.endswith("partial") for path in subject._STAMPS)
