# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole runs of the sync engine against real FTPS servers."""

from __future__ import annotations

import os
import re
import shutil
import signal
import time
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import (
    PULL,
    PUSH,
    DeleteLimit,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync import lock
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps import (
    small_files as ftps_keeper,
)
from support.contracts.transport_contract import transfers_of
from support.running.patience import HANG_SECONDS
from support.scenes.changed_once_read import ChangedOnceRead
from support.scenes.ftps_ends import Ends, every_server, fresh_ends, good, transport_of
from support.scenes.sync_pair import codes, done
from support.servers.vsftpd import Vsftpd
from support.trees.memory_transport import MemoryTransport
from support.trees.real_tree import read_tree
from support.trees.tree_spec import MTIME, SECOND, Directory, File, TreeSpec

TREE: TreeSpec = {
    b"a": File(b"a" * 100, 0o640, MTIME),
    b"d/b": File(b"b" * 300_000, 0o600, MTIME + SECOND),
    b"d/e/c": File(b"", 0o644, MTIME + 2 * SECOND),
    b"empty": Directory(0o750, MTIME),
    "\u00fc \xe9; -> x".encode(): File(b"odd", 0o644, MTIME),
    **{b"many/%d" % number: File(b"%d" % number, 0o644, MTIME + number * SECOND) for number in range(300)},
}
LOCK = ".secure_sync.lock"
WRITING = re.compile(r"\b(STOR|APPE|STOU|DELE|RNFR|RNTO|MKD|RMD|MFMT|CHMOD|UTIME|MDTM \d{14} )\b", re.IGNORECASE)

server, ends = every_server(), fresh_ends()


def test_push_and_again(ends: Ends) -> None:
    ends.write_local(TREE)
    first = good(ends.run())
    local, remote = ends.trees()
    assert remote == local
    assert sum(first.proofs.values()) == 304
    second = good(ends.run())
    assert done(second) == []
    assert second.stats["bytes_sent"] == 0
    assert second.peer is not None
    assert second.peer.protocol.startswith("TLSv1.")


def test_push_of_changes_deletions_and_kinds(ends: Ends) -> None:
    ends.write_local(TREE)
    ends.write_remote({b"a": File(b"old" * 40, 0o666), b"extra/x": b"x", b"d/e": b"a file", b"many/1": File(b"9")})
    good(ends.run(delete=True))
    local, remote = ends.trees()
    assert remote == local
    assert done(good(ends.run(delete=True))) == []


@pytest.mark.parametrize("direction", [PUSH, PULL])
def test_renamed_files_are_moved(ends: Ends, direction: str) -> None:
    """A pull moves files only if the server hashes them: the new name of a file is in no record."""
    old = {b"d/%d" % number: File(b"%d" % number * 50_000, 0o644, MTIME + number * SECOND) for number in range(9)}
    new = {path.replace(b"d/", b"new/"): found for path, found in old.items()}
    write, tree = (ends.write_local, ends.local) if direction == PUSH else (ends.write_remote, ends.remote)
    write(old)
    good(ends.run(direction, delete=True))
    shutil.rmtree(tree)
    write(new)
    report = good(ends.run(direction, delete=True, max_delete=DeleteLimit(100, True)))
    moved = [path for path, action in done(report) if action == "move"]
    if direction == PUSH or report.proofs["server_hash"]:
        assert moved == sorted(new)
        assert report.stats["bytes_sent"] == report.stats["bytes_received"] == 0
    else:
        assert moved == []
    local, remote = ends.trees()
    assert remote == local
    assert done(good(ends.run(direction, delete=True))) == []


def test_push_with_trash(ends: Ends) -> None:
    ends.write_local({b"a": File(b"new"), b"b": File(b"b")})
    ends.write_remote({b"a": b"old", b"gone": b"x"})
    good(ends.run(delete=True, trash=b".trash"))
    found = read_tree(os.fsencode(ends.remote))
    kept = {path: one.content for path, one in found.items() if isinstance(one, File)}
    assert kept.pop(b"a") == b"new"
    assert kept.pop(b"b") == b"b"
    assert sorted(kept.values()) == [b"old", b"x"]


def test_pull_and_again(ends: Ends) -> None:
    ends.write_remote(TREE)
    ends.write_local({b"a": b"old", b"extra": b"x"})
    good(ends.run(PULL, delete=True))
    local, remote = ends.trees()
    assert local == remote
    assert done(good(ends.run(PULL, delete=True))) == []


def test_check_mode_writes_nothing(ends: Ends) -> None:
    ends.write_local(TREE)
    ends.write_remote({b"a": b"old", b"extra": b"x"})
    before = ends.trees()
    start = len(ends.server.transcript())
    foretold = good(ends.run(delete=True, check_mode=True))
    said = ends.server.transcript()[start:]
    assert "prot" in said.lower()  # the transcript shows this run
    assert WRITING.findall(said) == []
    assert ends.trees() == before
    real = good(ends.run(delete=True))
    assert [(action.path, action.action) for action in foretold.plan.actions] == [
        (action.path, action.action) for action in real.plan.actions
    ]


def test_a_size_that_is_the_same_and_other_content_is_found_by_checksum(ends: Ends) -> None:
    ends.write_local({b"f": File(b"new", 0o644, MTIME)})
    ends.write_remote({b"f": File(b"old", 0o644, MTIME)})
    good(ends.run(compare="checksum"))
    local, remote = ends.trees()
    assert remote == local


def test_a_local_file_whose_name_ftp_cannot_carry_fails_alone(ends: Ends) -> None:
    ends.write_local({b"bad\nname": b"x", b"good": b"y"})
    report = ends.run()
    assert codes(report) == {"unsafe_name"}
    assert (b"good", "store") in done(report)


def test_what_is_stopped_waits_for_no_server_that_hangs(ends: Ends) -> None:
    """Two sessions, each in the middle of a file: the server hangs, and the results are no longer needed."""
    ends.write_remote({})
    server = ends.server
    source = MemoryTransport({b"a": File(b"small"), b"b": File(bytes(32 << 20)), b"c": File(bytes(32 << 20))})
    transport = transport_of(ends)
    uploading = transport.upload(transfers_of(source.snapshot()), source)
    assert next(uploading).error is None
    stopped = server.session_pids()
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    time.sleep(0.2)
    began = time.monotonic()
    uploading.close()
    assert time.monotonic() - began < HANG_SECONDS
    for pid in stopped:
        os.kill(pid, signal.SIGCONT)
    transport.reconnect()
    assert [error for _path, _entry, error in transport.look([RelPath(b"a.stage")])] == [None]
    transport.close()


def test_signs_of_life_come_during_a_long_transfer(ends: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
    """One session is busy with the content; the other touches the lock, each time after its previous work."""
    monkeypatch.setattr(lock, "SIGN_OF_LIFE", 0.5)
    ends.write_local({b"large": File(os.urandom(6 << 20))})
    start = len(ends.server.transcript())
    good(ends.run(bandwidth_limit=2 << 20))
    said = ends.server.transcript()[start:]
    touched = [line for line in said.splitlines() if re.search(r"(MFMT|MDTM|UTIME)\W+.*\d{14}.*" + LOCK, line, re.I)]
    assert len(touched) >= 4
    assert not (ends.remote / LOCK).exists()


@pytest.mark.parametrize("direction", [PUSH, PULL])
def test_idle_sessions_are_kept_alive(ends: Ends, direction: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Idle sessions of many small files must not disturb the session that carries the last, large file."""
    monkeypatch.setattr(ftps_keeper, "_SILENCE", 0.6)
    tree = {**{b"s/%d" % number: b"x" for number in range(40)}, b"z": File(os.urandom(6 << 20))}
    ends.write_local(tree if direction == PUSH else {})
    ends.write_remote(tree if direction == PULL else {})
    start = len(ends.server.transcript())
    good(ends.run(direction, bandwidth_limit=2 << 20, lock=False, parallel=2))
    said = ends.server.transcript()[start:]
    assert len(re.findall(r"\bnoop\b", said, re.I)) >= 2


def test_a_file_that_changes_as_soon_as_it_was_read(ends: Ends) -> None:
    """Its bytes may come from two versions: the mtime shows it, although end and size are unchanged."""
    tree: TreeSpec = {b"f": File(b"one version", mtime=MTIME)}
    ends.write_remote(tree)
    transport = transport_of(ends)
    sink = ChangedOnceRead(lambda: os.utime(ends.remote / "f"))
    (answer,) = transport.download(transfers_of(tree), sink)
    transport.close()
    assert (answer.error.code, answer.error.path) == ("source_changed", b"f")
    assert (sink.snapshot(), sink.open_files) == ({}, 0)


@pytest.mark.parametrize("limit", ["max_per_ip", "max_clients"])
def test_a_server_that_admits_one_session(limit: str, tmp_path: Path) -> None:
    """The runs succeed with the only session, log in no more often than necessary, and report it.

    They have no lock: its heartbeat tries another session while the only session is busy."""
    with Vsftpd(**{limit: 1}) as server:
        ends = Ends(server, tmp_path)
        ends.write_local(TREE)
        first = good(ends.run(parallel=4, lock=False))
        assert any("refused more sessions than 1: " in note for note in first.notes)
        local, remote = ends.trees()
        assert remote == local
        shutil.rmtree(ends.local / "many")
        good(ends.run(PULL, parallel=4, lock=False))
        local, remote = ends.trees()
        assert local == remote
        said = server.transcript()
        assert said.count('"PASS ') == 2
        assert 0 < said.count('"421 ') <= 2 * 3
