# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shell scripts on PATH that stand for programs of a host, such as systemctl: the machine of a unit test has no service
that a test may start.

    programs = Programs(tmp_path, monkeypatch)
    programs.put("systemctl", 'test "$1" != is-active')
    ...
    assert programs.calls == ["systemctl is-active ssh.socket"]
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest


class Programs:
    """calls: each run with its arguments, in their order."""

    def __init__(self, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.directory = directory / "programs"
        self.directory.mkdir()
        self._log = directory / "programs.log"
        monkeypatch.setenv("PATH", f"{self.directory}:{os.environ['PATH']}")

    def put(self, name: str, script: str = "") -> str:
        """Make a program, or replace it, and return its path."""
        path = self.directory / name
        path.write_text(f'#!/bin/sh\necho {name} "$@" >>{self._log}\n{script}\n')
        path.chmod(0o755)
        return str(path)

    @property
    def calls(self) -> list[str]:
        return self._log.read_text().splitlines() if self._log.exists() else []
