# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A capture on this machine, with a few sources; a whole host is in tests/hosts/test_evidence.py."""

from __future__ import annotations

import io
import json
import os
import tarfile
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import NotFound, Refused, SyncError
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.evidence import capture as capturing
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.evidence.capture import (
    capture,
    discard,
    read_part,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.evidence.scope import Output, Scope
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.integrity.digest import sha256
from support.servers.ssh_keys import key

SCOPE = Scope(60, ("sshd",))
MOST = 1 << 20


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a capture looks on this machine."""
    for name, value in (("PROGRAMS", ()), ("SETTINGS", (f"{tmp_path}/etc",)), ("LOGS", (f"{tmp_path}/log",))):
        monkeypatch.setattr(capturing, name, value)
    monkeypatch.setattr(capturing, "HASHED", (f"{tmp_path}/bin",))
    monkeypatch.setattr(capturing, "key_files", lambda _accounts: [])
    monkeypatch.setattr(capturing, "journal", lambda _scope: Output("journal.export", ("true",)))
    for name in ("etc", "bin"):
        (tmp_path / name).mkdir()
    return tmp_path


def captured(place: Path, most: int = MOST) -> tuple[Any, dict[str, bytes]]:
    directory = str(place / "kept")
    done = capture(SCOPE, "a" * 16, most, directory=directory)
    data = read_part("a" * 16, 0, directory=directory)
    assert (len(data), sha256(data).hexdigest()) == (done.size, done.digest)
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        members = {name: tar.extractfile(name) for name in tar.getnames()}
        return done, {name.removeprefix(f"files{place}/"): file.read() for name, file in members.items() if file}


def test_settings_logs_and_digests(place: Path) -> None:
    (place / "etc/sshd_config").write_text("Port 22\n")
    (place / "etc/key").write_text(key("stolen").path.read_text())
    (place / "log").write_text("a name like -----BEGIN OPENSSH PRIVATE KEY----- of a file\n")
    (place / "bin/program").write_text("x")
    done, members = captured(place)
    assert members["etc/sshd_config"] == b"Port 22\n"
    assert "etc/key" not in members
    assert members["log"].startswith(b"a name like")  # clients choose it, so it is no reason to leave the log out
    assert [(each["path"], each["reason"]) for each in done.left_out] == [(f"{place}/etc/key", "private key")]
    listing = [json.loads(line) for line in members["listing.jsonl"].splitlines()]
    assert {Path(each["path"]).name for each in listing} == {"sshd_config", "log", "program"}
    assert "bin/program" not in members
    assert [json.loads(line)["program"][0] for line in members["ran.jsonl"].splitlines()] == ["ps", "true"]


def test_a_large_file_of_settings(place: Path) -> None:
    (place / "etc/large").write_text("x" * ((1 << 20) + 1))
    done, _members = captured(place, 1 << 24)
    assert [each["reason"] for each in done.left_out] == ["larger than 1048576 bytes"]


def test_too_much_leaves_nothing(place: Path) -> None:
    (place / "log").write_text("x" * 5000)
    with pytest.raises(SyncError, match="max_size"):
        captured(place, 4000)
    assert os.listdir(place / "kept") == []


def test_old_archives_go_and_others_stay(place: Path) -> None:
    captured(place)
    kept = place / "kept"
    (kept / "old.tar.gz").touch()
    (kept / "other").touch()
    for name in ("old.tar.gz", "other"):
        os.utime(kept / name, (0, time.time() - 2 * 86400))
    capture(SCOPE, "b" * 16, MOST, directory=str(kept))
    assert sorted(os.listdir(kept)) == ["a" * 16 + ".tar.gz", "b" * 16 + ".tar.gz", "other"]
    assert discard("a" * 16, directory=str(kept))
    assert not discard("a" * 16, directory=str(kept))
    with pytest.raises(NotFound):
        read_part("a" * 16, 0, directory=str(kept))


def test_a_directory_that_is_not_private(place: Path) -> None:
    (place / "kept").symlink_to(place / "etc")
    with pytest.raises(Refused, match="is a link, or open to others"):
        captured(place)
