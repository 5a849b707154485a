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
from random import Random
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


def test_missing_tools(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing program and a failing program hold up nothing, and the archive has the status of both."""
    missing, failing = Output("missing.txt", ("no-such-program",)), Output("failing.txt", ("sh", "-c", "exit 3"))
    monkeypatch.setattr(capturing, "PROGRAMS", (missing, failing))
    monkeypatch.setattr(capturing, "journal", lambda _scope: Output("journal.export", ("no-journalctl",)))
    (place / "log").write_text("a line")
    _done, members = captured(place)
    assert ("programs/missing.txt" in members, members["programs/failing.txt"]) == (False, b"")
    assert "programs/journal.export" not in members
    assert members["log"] == b"a line"
    ran = {each["program"][0]: each["status"] for each in map(json.loads, members["ran.jsonl"].splitlines())}
    assert ran == {"ps": 0, "no-such-program": None, "sh": 3, "no-journalctl": None}


def test_a_large_file_of_settings(place: Path) -> None:
    (place / "etc/large").write_text("x" * ((1 << 20) + 1))
    done, _members = captured(place, 1 << 24)
    assert [each["reason"] for each in done.left_out] == ["larger than 1048576 bytes"]


def test_too_little_room_for_the_lists_leaves_nothing(place: Path) -> None:
    with pytest.raises(SyncError, match="max_size"):
        captured(place, 4000)
    assert os.listdir(place / "kept") == []


def logs(place: Path, monkeypatch: pytest.MonkeyPatch, **content: bytes) -> None:
    monkeypatch.setattr(capturing, "LOGS", tuple(f"{place}/{name}" for name in content))
    monkeypatch.setattr(capturing, "PROCESSES", {False: Output("processes.txt", ("echo", "1"))})
    for name, data in content.items():
        (place / name).write_bytes(data)


def test_a_log_that_a_client_filled(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other logs, the settings and the journal stay whole; both ends of the log stay, at the bytes that are named.
    The flood does not become smaller by compression."""
    flood = b"attack\n" + Random(1).randbytes(4 * MOST) + b"newest\n"
    logs(place, monkeypatch, auth=b"other\n" * 1000, filled=flood, vsftpd=b"third\n")
    monkeypatch.setattr(capturing, "journal", lambda _scope: Output("journal.export", ("seq", "1000")))
    (place / "etc/sshd_config").write_text("Port 22\n")
    done, members = captured(place)
    assert (members["auth"], members["vsftpd"]) == (b"other\n" * 1000, b"third\n")
    assert members["programs/journal.export"].endswith(b"\n1000\n")
    assert members["etc/sshd_config"] == b"Port 22\n"
    (cut,) = [json.loads(line) for line in members["cut.jsonl"].splitlines()]
    assert [cut] == done.cut
    first, newest = cut["parts"]
    assert (cut["name"], cut["size"]) == (f"files{place}/filled", len(flood))
    assert (first["start"], newest["end"], done.left_out) == (0, len(flood), [])
    assert MOST * 0.4 < first["end"] == newest["end"] - newest["start"] + (newest["start"] - len(flood) + first["end"])
    for part in cut["parts"]:
        kept = members["filled" + part["suffix"]]
        assert (kept, sha256(kept).hexdigest()) == (flood[part["start"] : part["end"]], part["sha256"])
    assert members["filled.first"].startswith(b"attack\n")
    assert members["filled.newest"].endswith(b"newest\n")
    listed = {each["path"]: each["sha256"] for each in map(json.loads, members["listing.jsonl"].splitlines())}
    assert (listed[f"{place}/filled"], listed[f"{place}/auth"]) == (None, sha256(members["auth"]).hexdigest())


def test_several_filled_logs_and_a_filled_journal(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = "__CURSOR=%d\n_COMM=sshd\nMESSAGE=x\n\n"
    (place / "entries").write_text("".join(entry % number for number in range(100000)))
    logs(place, monkeypatch, one=b"1" * MOST, two=b"2" * MOST, small=b"3")
    monkeypatch.setattr(capturing, "journal", lambda _scope: Output("journal.export", ("cat", f"{place}/entries")))
    done, members = captured(place)
    assert [each["name"] for each in done.cut] == [
        "programs/journal.export",
        f"files{place}/one",
        f"files{place}/two",
    ]
    assert members["small"] == b"3"
    for suffix in (".first", ".newest"):
        assert MOST * 0.1 < len(members["one" + suffix]) < MOST * 0.2
        journal = members["programs/journal.export" + suffix]
        assert journal.startswith(b"__CURSOR=")
        assert journal.endswith(b"\n\n")
    assert members["programs/journal.export.newest"].endswith((entry % 99999).encode())


def test_filled_outputs_of_programs_and_settings(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither many processes nor many files of settings take the room of the logs."""
    logs(place, monkeypatch, auth=b"x" * (MOST // 5))
    (place / "lines").write_bytes(b"x" * 4 * MOST)
    monkeypatch.setattr(capturing, "PROCESSES", {False: Output("processes.txt", ("cat", f"{place}/lines"))})
    for number in range(20):
        (place / f"etc/authorized_keys{number:02}").write_text("x" * 40000)
    done, members = captured(place)
    assert len(members["auth"]) == MOST // 5
    assert [(each["name"], each["size"]) for each in done.cut] == [("programs/processes.txt", 4 * MOST)]
    assert {each["reason"] for each in done.left_out} == {"no room in max_size"}
    assert 5 < len(done.left_out) < 15
    assert "etc/authorized_keys00" in members


def test_a_log_that_changes_during_the_capture(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is read up to the size that it had, and a log that is new is not in this capture."""
    logs(place, monkeypatch, grows=b"x" * 100, other=b"")
    (place / "other").unlink()
    program = ("sh", "-c", f"echo more >>{place}/grows; echo new >{place}/other")
    monkeypatch.setattr(capturing, "journal", lambda _scope: Output("journal.export", program))
    done, members = captured(place)
    assert (members["grows"], done.cut, "other" in members) == (b"x" * 100, [], False)


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
