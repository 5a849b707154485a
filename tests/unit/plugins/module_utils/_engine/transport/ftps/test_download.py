# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are fetched: whether each is still the file that the scan found."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    NotFound,
    NotSupported,
    OperationFailed,
    PermissionDenied,
    SourceChanged,
    SyncError,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.replies import Reply
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import FILE, Attributes, Entry
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Staged, Transfer
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.download import (
    Downloads,
    _Receiving,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.lane import (
    Lane,
    SharedPacer,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.server import Server
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.local.transport import (
    LocalTransport,
)
from support.scripted.scripted_session import MISSING, MLST, OK, TIME, ToldReader, ToldSession, mlst, told_lane
from support.trees.memory_transport import MemoryTransport
from support.trees.tree_spec import File

CONTENT = b"hello"
FILES = {b"/t/a": CONTENT}
TRANSFER = Transfer(RelPath(b"a"), RelPath(b"b"), RelPath(b"s"), Entry(FILE, 5, TIME, 0o644), Attributes(mode=0o640))
SAME = {b"MLST /t/a": mlst(b"/t/a")}
LATER = Reply(213, (b"20261201000001",))
MDTM, SIZE = {b"MDTM /t/a": Reply(213, (b"20261201000000",))}, {b"SIZE /t/a": Reply(213, (b"5",))}


class Run:
    def __init__(self) -> None:
        self.results: list[Staged] = []
        self.emit = self.results.append

    def check(self) -> None:
        pass


def fetched(lane: Lane, *, width: int = 0) -> tuple[MemoryTransport, Staged]:
    sink, run = MemoryTransport({}), Run()
    downloads = Downloads(sink, SharedPacer(None), {})
    for job in downloads.striped(TRANSFER, width) if width else [downloads.job([TRANSFER])]:
        job(lane, run)
    (staged,) = run.results
    assert sink.open_files == 0
    assert (b"s" in sink.snapshot()) is (staged.error is None)
    assert staged.error is None or staged.error.path == b"b"
    return sink, staged


@pytest.mark.parametrize("width", [0, 2])
@pytest.mark.parametrize(
    ("features", "replies"), [(MLST, SAME), ((), MDTM), ((), SIZE)], ids=["MLST", "MDTM", "SIZE alone"]
)
def test_a_file_that_is_still_the_same(features: tuple[bytes, ...], replies: dict[bytes, Reply], width: int) -> None:
    sink, staged = fetched(told_lane(replies, features=features, contents=FILES), width=width)
    assert (staged.size, staged.error) == (5, None)
    found = sink.snapshot()[b"s"]
    assert isinstance(found, File)
    assert (found.content, found.mode) == (CONTENT, 0o640)


@pytest.mark.parametrize(("reached", "content"), [(b"hello", CONTENT), (b"hehel", [CONTENT])], ids=["right", "wrong"])
def test_a_file_of_which_all_bytes_came_is_ended_by_the_server(
    reached: bytes, content: bytes | list[bytes], tmp_path: Path
) -> None:
    """A server that ignored the offset, before the session was lost, sends too much."""
    sink, run = LocalTransport(os.fsencode(tmp_path)), Run()
    stage = sink.create_stage(TRANSFER.stage)
    stage.write_at(reached, 0)
    lane = told_lane(SAME, features=MLST, contents={b"/t/a": content})
    Downloads(sink, SharedPacer(None), {TRANSFER.stage: _Receiving(stage)}).job([TRANSFER])(lane, run)
    (staged,) = run.results
    assert (staged.error, staged.digest) == (None, hashlib.sha256(CONTENT).digest())
    assert (tmp_path / "s").read_bytes() == CONTENT
    assert lane.session.sent[0] == b"REST 4 RETR /t/a"


@pytest.mark.parametrize("width", [0, 2])
@pytest.mark.parametrize(
    ("features", "replies", "error"),
    [
        (MLST, {b"MLST /t/a": mlst(b"/t/a", size=6)}, SourceChanged),
        (MLST, {b"MLST /t/a": MISSING}, SourceChanged),
        (MLST, {b"MLST /t/a": Reply(550, (b"Permission denied",))}, PermissionDenied),
        ((), {b"MDTM /t/a": LATER}, SourceChanged),
        ((), {b"SIZE /t/a": Reply(213, (b"6",))}, SourceChanged),
        ((), {b"SIZE /t/a": Reply(213, (b"five",))}, OperationFailed),
        ((), {}, OperationFailed),
    ],
)
def test_a_file_that_changed_leaves_nothing(
    features: tuple[bytes, ...], replies: dict[bytes, Reply], error: type[SyncError], width: int
) -> None:
    staged = fetched(told_lane(replies, features=features, contents=FILES), width=width)[1]
    assert type(staged.error) is error


@pytest.mark.parametrize("content", [b"hell", b"hello!", b""])
def test_a_file_of_another_length_leaves_nothing(content: bytes) -> None:
    staged = fetched(told_lane(SAME, features=MLST, contents={b"/t/a": content}))[1]
    assert isinstance(staged.error, SourceChanged)


@pytest.mark.parametrize(
    ("looked", "error"),
    [(MISSING, NotFound), (mlst(b"/t/a", size=3), SourceChanged), (mlst(b"/t/a"), OperationFailed)],
)
def test_a_vague_refusal_is_explained(looked: Reply, error: type[SyncError]) -> None:
    staged = fetched(told_lane({b"MLST /t/a": looked, **SIZE}, features=MLST))[1]
    assert type(staged.error) is error


def test_a_size_alone_explains_it_too() -> None:
    staged = fetched(told_lane({**SAME, b"SIZE /t/a": Reply(213, (b"3",))}, features=MLST))[1]
    assert isinstance(staged.error, SourceChanged)


def test_a_failure_in_the_middle_ends_the_transfer() -> None:
    lane = told_lane({**SAME, **SIZE}, features=MLST, contents={b"/t/a": [b"he", OperationFailed("read error")]})
    assert type(fetched(lane)[1].error) is OperationFailed
    assert lane.session.readers[0].ended == "abandoned"


def test_a_session_that_ended_with_a_failure_logs_in_again() -> None:
    lane = told_lane({**SAME, **SIZE, b"PWD": Reply(257, (b'"/t"',)), b"SITE UMASK 077": OK}, features=MLST)
    lane.session.closed = True
    fetched(lane)
    assert b"login" in lane.session.sent
    assert not lane.session.closed


class WholeFilesOnly(ToldSession):
    """A server that sends files from their first byte only."""

    def retrieve(self, path: bytes, **options: Any) -> ToldReader:
        if options.get("offset"):
            raise NotSupported("REST is not allowed")
        return super().retrieve(path, **options)


def test_a_server_that_gives_no_parts_gives_the_whole_file() -> None:
    lane = Lane(WholeFilesOnly(SAME, features=MLST, contents=FILES), Server(b"/t"))
    lane.server.features = lane.session.features
    sink, staged = fetched(lane, width=2)
    assert staged.error is None
    assert sink.snapshot()[b"s"].content == CONTENT
