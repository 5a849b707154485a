# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file is read with the rights of its account, and nothing in its place holds the run up."""

from __future__ import annotations

import os
import pwd
import time
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access import known_keys as module
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access.known_keys import read_as
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import OperationFailed

OWN = pwd.getpwuid(os.geteuid()).pw_name


def test_contents(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    assert read_as(OWN, str(file)) is None
    assert read_as(OWN, f"{Path(__file__)}/keys") is None
    file.write_bytes(b"")
    assert read_as(OWN, str(file)) == b""
    file.write_bytes(b"x\0" * 300_000)
    assert read_as(OWN, str(file)) == b"x\0" * 300_000


def test_what_is_no_file_of_keys(tmp_path: Path) -> None:
    """Unread keys are unknown keys. A fifo does not block."""
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "long").write_bytes(b"#" * ((1 << 20) + 1))
    (tmp_path / "loop").symlink_to("loop")
    for name in ("fifo", "long", "loop", "."):
        with pytest.raises(OperationFailed, match="cannot be read as"):
            read_as(OWN, str(tmp_path / name))


def test_a_file_that_the_account_cannot_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rights of an account can be taken by root alone; another user gets a given answer."""
    if os.geteuid():
        monkeypatch.setattr(module, "_said", lambda _path: b"!Permission denied")
    with pytest.raises(OperationFailed, match="as nobody: Permission denied"):
        read_as("nobody", "/etc/shadow")


def test_an_answer_that_does_not_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dead network file system: the read does not return."""
    mark = tmp_path / "mark"

    def stuck(_path: str) -> bytes:
        mark.write_text(str(os.getpid()))
        time.sleep(60)
        return b"+"

    monkeypatch.setattr(module, "_said", stuck)
    with pytest.raises(OperationFailed, match="no answer"):
        read_as(OWN, "/x", seconds=1.0)
    assert not Path(f"/proc/{mark.read_text()}/exe").exists()
