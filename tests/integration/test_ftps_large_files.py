# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Large files over FTPS: over several sessions, resumed, changed and interrupted meanwhile."""

from __future__ import annotations

import os
import random
import re
import signal
import threading
import time
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ConnectionLost,
    NoSpace,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps import transfer
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.control import Control
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import (
    PULL,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.transport import (
    FtpsOptions,
)
from support.contracts.transport_contract import transfers_of
from support.scenes.ftps_ends import Ends, every_server, fresh_ends, good, transport_of
from support.scenes.sync_pair import codes
from support.servers.killed_sessions import at_byte, lose_sessions_at
from support.servers.proftpd_ftps import ProftpdFtps
from support.trees.memory_transport import MemoryTransport
from support.trees.tree_spec import MTIME, File, TreeSpec

LARGE = 96 << 20

server, ends = every_server(), fresh_ends()


@pytest.mark.parametrize(("parallel", "lost_at"), [(1, 80), (2, 100)])
def test_a_large_file_goes_on_where_the_session_was_lost(
    ends: Ends, parallel: int, lost_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All sessions are lost; each part goes on where it stopped."""
    size = 160
    block = os.urandom(1 << 20)
    ends.write_local({})
    ends.write_remote({b"large": File(block * size)})

    start = len(ends.server.transcript())
    lose_sessions_at(ends.server, lost_at << 20, monkeypatch)
    good(ends.run(PULL, proof="none", parallel=parallel))
    assert (ends.local / "large").read_bytes() == block * size
    asked = asked_offsets(ends.server.transcript()[start:])
    parts = {(size << 20) * number // 4 for number in range(4)} if parallel > 1 else {0}
    resumed = sorted(set(asked) - parts)
    assert resumed
    assert parallel > 1 or lost_at << 20 <= resumed[0] < (lost_at + 16) << 20


def asked_offsets(said: str) -> list[int]:
    return sorted(int(offset) for offset in re.findall(r"\brest\b\W+(\d+)", said, re.I))


def test_a_large_file_is_read_over_two_sessions(ends: Ends) -> None:
    """In four parts, of which each ends where the next begins; nothing is left of the ends in the middle."""
    content = random.Random(1).randbytes(LARGE)
    ends.write_local({})
    ends.write_remote({b"large": File(content, 0o640, MTIME), b"small": File(b"small")})
    start = len(ends.server.transcript())
    began = time.monotonic()
    # How many sessions it takes by itself depends on the round trip, which is long on a busy machine.
    report = good(ends.run(PULL, proof="none", parallel=2))
    print(f"{LARGE >> 20} MiB in {time.monotonic() - began:.2f} s")
    assert asked_offsets(ends.server.transcript()[start:]) == [LARGE // 4, LARGE // 2, LARGE // 4 * 3]
    assert (ends.local / "large").read_bytes() == content
    local, remote = ends.trees()
    assert local == remote
    assert report.stats["bytes_received"] == LARGE + len(b"small")
    assert good(ends.run(PULL, compare="checksum")).plan.actions == ()


def test_a_large_file_over_sessions_that_end_with_each_part(ends: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
    """As ProFTPD's do now and then when a transfer is given up."""

    def lost(control: Control, **_options: object) -> None:
        control.channel.cut()
        raise ConnectionLost("the server closed the connection")

    monkeypatch.setattr(transfer, "take_end", lost)
    content = random.Random(4).randbytes(LARGE)
    ends.write_local({})
    ends.write_remote({b"large": File(content)})
    good(ends.run(PULL, proof="none"))
    assert (ends.local / "large").read_bytes() == content


def test_large_files_that_are_alike_are_read_whole(ends: Ends) -> None:
    """Two keep two sessions at work."""
    content = random.Random(2).randbytes(65 << 20)
    ends.write_local({})
    ends.write_remote({b"large": File(content), b"large too": File(content)})
    start = len(ends.server.transcript())
    good(ends.run(PULL, proof="none", parallel=2))
    assert asked_offsets(ends.server.transcript()[start:]) == []
    assert [(ends.local / name).read_bytes() == content for name in ("large", "large too")] == [True, True]


def test_a_large_file_that_changes_while_it_is_read_is_not_stored(ends: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
    ends.write_local({})
    ends.write_remote({b"large": File(bytes(LARGE), mtime=MTIME)})

    def change() -> None:
        with open(ends.remote / "large", "r+b") as file:
            file.write(b"other")

    at_byte(1 << 20, change, monkeypatch)
    report = ends.run(PULL, lock=False)
    assert codes(report) == {"source_changed"}
    assert list(ends.local.iterdir()) == []


def test_an_interrupted_download_of_a_large_file_leaves_no_open_file(
    ends: Ends, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While both sessions read. The stage is for the caller to remove. The transport can be used on."""
    tree: TreeSpec = {b"large": File(bytes(LARGE), mtime=MTIME)}
    ends.write_remote(tree)
    transport = transport_of(ends, FtpsOptions(bandwidth_limit=32 << 20))
    (transfer,) = transfers_of(tree)
    sink = MemoryTransport({})

    def interrupt() -> None:
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    at_byte(8 << 20, interrupt, monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        list(transport.download([transfer], sink))
    assert (list(sink.snapshot()), sink.open_files) == ([bytes(transfer.stage)], 0)
    assert [error for _path, _entry, error in transport.look([transfer.source])] == [None]
    transport.close()


def test_a_large_file_that_finds_no_room_is_fetched_once(ends: Ends) -> None:
    """Another try would find none either."""
    tree: TreeSpec = {b"large": File(bytes(LARGE), mtime=MTIME)}
    ends.write_remote(tree)
    transport = transport_of(ends)
    (transfer,) = transfers_of(tree)
    sink = MemoryTransport({})
    sink.faults.fail("write_at", transfer.stage, NoSpace("No space left on device"))
    made: list[RelPath] = []
    create_stage = sink.create_stage
    sink.create_stage = lambda path, kept: made.append(path) or create_stage(path, kept)
    (answer,) = transport.download([transfer], sink)
    transport.close()
    assert (answer.error.code, answer.error.path) == ("no_space", b"large")
    assert (sink.snapshot(), sink.open_files) == ({}, 0)
    assert made == [transfer.stage]


def test_a_server_that_reads_from_the_beginning_only(tmp_path: Path) -> None:
    """ProFTPD offers REST all the same, and refuses when a part is asked for."""
    with ProftpdFtps(config=("AllowRetrieveRestart off",)) as server:
        ends = Ends(server, tmp_path)
        content = random.Random(3).randbytes(LARGE)
        ends.write_local({})
        ends.write_remote({b"large": File(content)})
        start = len(server.transcript())
        good(ends.run(PULL, proof="none"))
        assert asked_offsets(server.transcript()[start:])
        assert (ends.local / "large").read_bytes() == content
