# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The library detect-secrets: its detectors, its baseline, and no word to any service."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.secret_scan.detected import (
    UnusableBaseline,
    detector,
)

AWS = "AKIAQX7R2MZ5LW4NTB3K"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "code.sh"
    path.write_text(f"first\nID={AWS}\npassword = 'hunter2-88'\n")
    return path


def baseline(file: Path) -> str:
    command = [sys.executable, "-m", "detect_secrets", "scan", "--no-verify", "--all-files", file.name]
    return subprocess.run(command, cwd=file.parent, capture_output=True, text=True, check=True).stdout


def found(file: Path, known: str | None = None) -> list[tuple[int, str]]:
    with detector(known) as detect:
        return [(each.line, each.type) for each in detect(str(file))]


def test_secrets_with_their_lines(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(*_arguments: object) -> None:
        raise AssertionError("a service was asked")

    monkeypatch.setattr(socket.socket, "connect", connect)
    assert sorted(found(file)) == [(2, "AWS Access Key"), (3, "Secret Keyword")]


def test_its_own_baseline_permits_what_it_has(file: Path) -> None:
    known = baseline(file)
    assert AWS not in known
    assert found(file, known) == []
    file.write_text(file.read_text() + "password = 'another-77'\n")
    assert found(file, known) == [(4, "Secret Keyword")]


def test_a_secret_that_an_audit_called_real_is_found(file: Path) -> None:
    known = json.loads(baseline(file))
    for each in known["results"][file.name]:
        each["is_secret"] = each["type"] == "AWS Access Key"
    assert found(file, json.dumps(known)) == [(2, "AWS Access Key")]


def test_a_baseline_never_turns_verification_on(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = json.loads(baseline(file))
    known["results"] = {}
    path = "detect_secrets.filters.common.is_ignored_due_to_verification_policies"
    known["filters_used"].append({"path": path, "min_level": 2})

    def connect(*_arguments: object) -> None:
        raise AssertionError("a service was asked")

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket, "getaddrinfo", connect)
    assert len(found(file, json.dumps(known))) == 2


@pytest.mark.parametrize("text", ["", "no", "[]", "{}", '{"results": []}'])
def test_other_files_are_no_baseline(text: str) -> None:
    with pytest.raises(UnusableBaseline), detector(text):
        pass
