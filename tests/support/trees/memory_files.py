# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The open files of a MemoryTransport: sources that are read, temporary files that are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    SyncError,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    Attributes,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import (
    SourceFile,
    StageFile,
)

from .memory_disk import Node

if TYPE_CHECKING:
    from .memory_transport import MemoryTransport

__all__ = ["MemorySource", "MemoryStage"]


class MemorySource(SourceFile):
    def __init__(self, transport: MemoryTransport, path: RelPath, node: Node) -> None:
        self.size, self.mtime = len(node.content), node.mtime
        self._transport, self._path, self._node, self._at, self._open = transport, path, node, 0, True
        transport.open_files += 1

    def read(self, count: int) -> bytes:
        data = self._transport._do("read", self._path, lambda: bytes(self._node.content[self._at : self._at + count]))
        self._transport._grow(self._path, self._node)
        self._at += len(data)
        return data

    def changed(self, read: Callable[[], bytes]) -> bool:
        return (len(self._node.content), self._node.mtime) != (self.size, self.mtime)

    def close(self) -> None:
        self._transport.open_files -= self._open
        self._open = False


class MemoryStage(StageFile):
    def __init__(self, transport: MemoryTransport, path: RelPath, node: Node) -> None:
        self._transport, self._path, self._node, self._open = transport, path, node, True
        transport.open_files += 1

    def write_at(self, data: bytes, offset: int) -> None:
        self._transport._do("write_at", self._path, lambda: self._store(data, offset))

    def _store(self, data: bytes, offset: int) -> None:
        content = self._node.content
        content.extend(b"\0" * (offset - len(content)))
        content[offset : offset + len(data)] = data
        self._node.mtime = self._transport.disk.tick()

    def finish(self, attributes: Attributes) -> None:
        try:
            self._transport._do("finish", self._path, lambda: self._transport._set(self._node, attributes))
        except SyncError:
            self.abandon()
            raise
        self._close()

    def leave(self) -> None:
        self._close()

    def abandon(self) -> None:
        if self._open:
            self._transport._remove(self._path, directory=False)
        self._close()

    def _close(self) -> None:
        self._transport.open_files -= self._open
        self._open = False
