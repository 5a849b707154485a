# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The states of an upload by blocks: each pause ends, and the stage has the whole content.

Requests are answered by a stand-in, one at a time. Real servers are in integration/test_sync_delta and
faults/test_delta_copies.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import OperationFailed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.blocks import (
    Basis,
    Blocks,
    checksum,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import FILE, Attributes, Entry
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sftp.packets import REMOVE
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sftp.setting import Setting
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Staged, Transfer
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp import delta_upload
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp.copy_file import Copying

BLOCK, MTIME = 1024, 1_700_000_000
OLD = b"".join(bytes([number]) * BLOCK for number in range(40))
NEW = b"".join(b"x" * BLOCK if number % 5 == 3 else OLD[number * BLOCK :][:BLOCK] for number in range(40))
STAGE, PRESENT = b"/d/.stage", b"/d/file"
FILE_ATTRIBUTES = struct.pack(">IQIII", 0x1 | 0x4 | 0x8, len(OLD), 0o100644, MTIME, MTIME)


class Server:
    """One session, as its client and its pool. Requests wait until `serve`.

    refused: number of the copy that is refused
    closed_every: the window is full at every such call, until all requests so far are answered
    """

    def __init__(self, *, refused: int = 0, closed_every: int = 0, old_is_there: bool = True) -> None:
        self.refused, self.closed_every, self.old_is_there = refused, closed_every, old_is_there
        self.files: dict[bytes, bytearray] = {PRESENT: bytearray(OLD)}
        self.copies = self.asked = self.pauses = self.in_flight = 0
        self.requests: deque[Callable[[], None]] = deque()
        self.resumes: list[Callable[[], None]] = []
        self.limits, self.extensions = SimpleNamespace(write=4096), {b"copy-data": b"1"}
        self.setting = Setting()
        self.clients, self.joined, self.pacer = [self], [], SimpleNamespace(spend=lambda size: None)
        self.grant = lambda seconds: None
        self.send = lambda: None

    def serve(self) -> None:
        while self.requests or self.resumes:
            while self.requests:
                self.requests.popleft()()
            resumes, self.resumes = self.resumes, []
            for resume in resumes:
                resume()

    def may_move(self, _client: Server, resume: Callable[[], None]) -> bool:
        self.asked += 1
        if self.closed_every and self.asked % self.closed_every == 0:
            self.pauses += 1
            self.resumes.append(resume)
            return False
        return True

    def open(self, path: bytes, _flags: int, _attributes: bytes, handler: Callable[[Any], None]) -> None:
        def answer() -> None:
            if path == STAGE:
                self.files[STAGE] = bytearray()
            handler(path if path == STAGE or self.old_is_there else 2)

        self.requests.append(answer)

    def look_open(self, _handle: bytes, path: bytes, handler: Callable[[Any], None]) -> None:
        self.request(delta_upload.STAT, delta_upload.ATTRS, path, handler)

    def request(self, kind: int, expected: int, _body: bytes, handler: Callable[[Any], None]) -> None:
        def answer() -> None:
            if kind == REMOVE:
                del self.files[STAGE]
            handler(FILE_ATTRIBUTES if expected == delta_upload.ATTRS else 0)

        self.requests.append(answer)

    def write(self, handle: bytes, offset: int, data: memoryview, handler: Callable[[Any], None]) -> None:
        self.requests.append(partial(self._put, handle, offset, bytes(data), handler))

    def extended(self, _name: bytes, body: bytes, handler: Callable[[Any], None]) -> None:
        offset, size = struct.unpack_from(">QQ", body, 4 + len(PRESENT))
        self.copies += 1
        if self.copies == self.refused:
            self.requests.append(lambda: handler(4))
        else:
            content = bytes(self.files[PRESENT][offset : offset + size])
            self.requests.append(partial(self._put, STAGE, offset, content, handler))

    def close_handle(self, _handle: bytes, handler: Callable[[Any], None]) -> None:
        self.requests.append(lambda: handler(0))

    def chunk(self) -> memoryview:
        return memoryview(bytearray(self.limits.write))

    def error(self, reply: int, path: bytes) -> OperationFailed:
        return OperationFailed(f"status {reply}", path=path)

    def _put(self, path: bytes, offset: int, content: bytes, handler: Callable[[Any], None]) -> None:
        file = self.files[path]
        file.extend(bytes(max(0, offset + len(content) - len(file))))
        file[offset : offset + len(content)] = content
        handler(0)


class Source:
    """The new file, and the side that has it."""

    def __init__(self) -> None:
        self.size, self._at = len(NEW), 0

    def open_source(self, _path: bytes) -> Source:
        self._at = 0
        return self

    def read(self, count: int) -> bytes:
        self._at += count
        return NEW[self._at - count : self._at]

    def read_into(self, buffer: memoryview) -> int:
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def arrived(self, _size: int) -> None:
        pass

    def changed(self, _read: Callable[[], bytes]) -> bool:
        return False

    def close(self) -> None:
        pass


def upload(server: Server) -> list[Staged]:
    """Return the results of one upload."""
    sums = b"".join(checksum(OLD[at : at + BLOCK], strong=True) for at in range(0, len(OLD), BLOCK))
    basis = Basis(Blocks(BLOCK, sums, True), len(OLD), MTIME * 10**9)
    path = RelPath(b"file")
    entry = Entry(FILE, len(NEW), 0, 0o644)
    transfer = Transfer(path, path, RelPath(b".stage"), entry, Attributes(0o644), basis=basis)
    results: list[Staged] = []
    copying = Copying(lambda note: None)
    given: Any = server
    source: Any = Source()
    one = delta_upload.DeltaUpload(transfer, basis, (STAGE, PRESENT), source, given, copying, durable=False)
    one.start(given, results.append)  # type: ignore[arg-type]
    server.serve()
    return results


@pytest.mark.parametrize("closed_every", [0, 2, 7])
@pytest.mark.parametrize("under_way", [1, 5 * BLOCK, 1 << 30])
@pytest.mark.parametrize("refused", [0, 1, 4, 8])
@pytest.mark.parametrize("old_is_there", [True, False])
def test_each_pause_ends(
    monkeypatch: pytest.MonkeyPatch, closed_every: int, under_way: int, refused: int, old_is_there: bool
) -> None:
    """For the window, for the old file, and for copies; also if a copy is refused meanwhile: the file is sent whole."""
    monkeypatch.setattr(delta_upload, "_UNDER_WAY", under_way)
    monkeypatch.setattr(delta_upload, "_PART", 2 * BLOCK)
    server = Server(refused=refused, closed_every=closed_every, old_is_there=old_is_there)
    (staged,) = upload(server)
    assert (staged.error, staged.size, bytes(server.files[STAGE])) == (None, len(NEW), NEW)
    assert staged.by_blocks is not None
    assert bool(staged.by_blocks.copied) is (old_is_there and not refused)
    assert bool(server.pauses) is bool(closed_every)
    assert server.requests == deque()
