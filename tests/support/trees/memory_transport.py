# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MemoryTransport: a deterministic tree in memory for either end of a sync, with scripted faults.

peer = MemoryTransport({b"a/b": b"content"})
peer.faults.fail("upload", b"a/b", NoSpace("No space left on device"), times=1)
peer.faults.disconnect_at = 7
...
assert peer.snapshot() == normal({b"a/b": File(b"new")})
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import partial
from typing import Callable, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple, TypeVar

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ConnectionLost,
    ItemError,
    NotSupported,
    OperationFailed,
    SourceChanged,
    SyncError,
    UnsafeName,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import PeerIdentity
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import ROOT, RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    DIRECTORY,
    FILE,
    LINK,
    Attributes,
    Entry,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import (
    Capabilities,
    Digested,
    Done,
    Kept,
    LocalSide,
    Page,
    PeerTransport,
    Rename,
    SourceFile,
    Sources,
    Staged,
    StageFile,
    Transfer,
    longer,
)

from .memory_blocks import block_at, blocks_of, damaged, interleaved
from .memory_disk import MemoryDisk, Node
from .memory_faults import Faults
from .memory_files import MemorySource, MemoryStage
from .tree_spec import Found, TreeSpec

__all__ = ["MemoryTransport"]

PAGE = 100
T = TypeVar("T")


class MemoryTransport(LocalSide, PeerTransport):
    """A tree below `root` of `disk`.

    tree: its initial entries; None: the root is missing, its parent exists. window: transfers in flight
    at once. server_hash: name of the server's hash method, or None. Counters: content_sent and
    content_received (bytes of files moved by upload and download), content_read (bytes hashed), open_files.
    answered_root: the real path of the root, if the server lies about it.
    """

    def __init__(
        self,
        tree: Optional[TreeSpec] = None,
        *,
        disk: Optional[MemoryDisk] = None,
        root: bytes = b"/memory/tree",
        capabilities: Optional[Capabilities] = None,
        server_hash: Optional[str] = None,
        window: int = 4,
    ) -> None:
        self.capabilities = capabilities or Capabilities()
        self.disk = disk or MemoryDisk(precision=self.capabilities.mtime_precision)
        self.root = root
        self.answered_root = b""
        self.faults = Faults()
        self.identity = PeerIdentity(protocol="memory", client="memory")
        self.notes: List[str] = []
        self.closed = False
        self.content_sent = self.content_received = self.content_read = self.open_files = self.touches = 0
        self._server_hash = server_hash
        self._window = window
        self._touch: Tuple[bytes, int, int] = (b"", 0, 0)
        self.disk.fill(root.rpartition(b"/")[0], {})
        if tree is not None:
            self.disk.fill(root, tree)

    # Changes of the tree by a test, outside the contract.

    def fill(self, tree: TreeSpec) -> None:
        self.disk.fill(self.root, tree)

    def snapshot(self) -> Dict[bytes, Found]:
        return self.disk.snapshot(self.root)

    def node(self, path: bytes) -> Node:
        return self.disk.get(self._at(path))

    def damage(self, path: bytes) -> None:
        """Flip one bit at rest; size and mtime stay."""
        self.node(path).content[0] ^= 1

    def discard(self, path: bytes) -> None:
        """Let an entry vanish, with all below it."""
        parent, name = self.node(path.rpartition(b"/")[0]) if b"/" in path else self.disk.get(self.root), path
        del parent.children[name.rpartition(b"/")[2]]

    # Transport.

    def root_entry(self) -> Optional[Entry]:
        node = self._do("root_entry", ROOT, lambda: self.disk.find(self.root))
        return None if node is None else node.entry()

    def create_root(self) -> None:
        self._do("create_root", ROOT, lambda: self.disk.make(self.root, DIRECTORY, 0o755))

    def real_root(self) -> bytes:
        return self._do("real_root", ROOT, lambda: self.answered_root or self.root)

    def scan(self, *, enter: Optional[Callable[[RelPath], bool]] = None, read_links: bool = False) -> Iterator[Page]:
        waiting = [ROOT]
        while waiting:
            directory = waiting.pop()
            for page in self._pages(directory, read_links=read_links):
                yield page
                waiting.extend(
                    path for path, entry in page.entries if entry.kind == DIRECTORY and (enter is None or enter(path))
                )

    def _pages(self, directory: RelPath, *, read_links: bool) -> Iterator[Page]:
        cut = self.faults.take("cut", directory)
        try:
            entries = self._do("scan", directory, lambda: self._list(directory, read_links=read_links))
        except ItemError as error:
            yield Page(directory, (), _placed(error, directory))
            return
        if cut is not None:
            yield Page(directory, entries[: cut[0]], cut[1])
            return
        yield Page(directory, entries[:PAGE])
        for start in range(PAGE, len(entries), PAGE):
            yield Page(directory, self._do("scan", directory, lambda at=start: entries[at : at + PAGE]))

    def _list(self, directory: RelPath, *, read_links: bool) -> List[Tuple[RelPath, Entry]]:
        node = self.disk.get(self._at(directory))
        if node.kind != DIRECTORY:
            raise OperationFailed("Not a directory")
        return [(directory.child(name), child.entry(read_links=read_links)) for name, child in node.children.items()]

    def look(self, paths: Iterable[RelPath]) -> Iterator[Tuple[RelPath, Optional[Entry], Optional[SyncError]]]:
        for path in paths:
            try:
                node = self._do("look", path, lambda at=path: self.disk.find(self._at(at)))
                yield path, None if node is None else node.entry(read_links=True), None
            except ItemError as error:
                yield path, None, _placed(error, path)

    def digest(self, sizes: Iterable[RelPath]) -> Iterator[Digested]:
        return self._digest("digest", sizes)

    def _digest(self, operation: str, sizes: Iterable[RelPath]) -> Iterator[Digested]:
        for path in sizes:
            most = sizes[path] if operation == "digest" and isinstance(sizes, Mapping) else None
            try:
                content = self._do(operation, path, lambda at=path: bytes(self._regular(at).content))
                if most is not None and len(content) > most:
                    raise longer(path, most)
                self.content_read += len(content)
                yield Digested(path, hashlib.sha256(content).digest(), len(content))
            except ItemError as error:
                yield Digested(path, None, 0, _placed(error, path))

    def make_directories(self, paths: Sequence[RelPath]) -> Iterator[Done]:
        return self._bulk("make_directories", paths, self._make_directory)

    def _make_directory(self, path: RelPath) -> None:
        present = self.disk.find(self._at(path))
        if present is None or present.kind != DIRECTORY:
            self.disk.make(self._at(path), DIRECTORY, 0o700)

    def make_links(self, links: Sequence[Tuple[RelPath, bytes]]) -> Iterator[Done]:
        targets = dict(links)
        return self._bulk("make_links", list(targets), lambda path: self._make_link(path, targets[path]))

    def _make_link(self, path: RelPath, target: bytes) -> None:
        self.disk.make(self._at(path), LINK, 0o777).target = target

    def set_attributes(self, changes: Sequence[Tuple[RelPath, Attributes]]) -> Iterator[Done]:
        for path, attributes in changes:
            yield from self._bulk("set_attributes", [path], lambda at, what=attributes: self._set(self._get(at), what))

    def _set(self, node: Node, attributes: Attributes) -> None:
        if node.kind == LINK:
            raise UnsafeName("it is a symbolic link")
        if attributes.mode is not None:
            node.mode = (node.mode & 0o7000) | (attributes.mode & 0o777)
        if attributes.mtime is not None:
            node.mtime = self.disk.round(attributes.mtime)

    def rename(self, moves: Sequence[Rename]) -> Iterator[Done]:
        for move in moves:
            yield from self._bulk("rename", [move.path], lambda path, old=move.stage: self._rename(old, path))

    def _rename(self, old: RelPath, new: RelPath) -> None:
        self.disk.rename(self._at(old), self._at(new))

    def keep_in(self, trash: RelPath, paths: Sequence[RelPath], *, remove: bool) -> Iterator[Done]:
        moved = remove or not self.capabilities.hard_links
        return self._bulk("keep_in", paths, lambda path: self._keep(trash, path, moved=moved))

    def _keep(self, trash: RelPath, path: RelPath, *, moved: bool) -> None:
        if self._get(path).kind == DIRECTORY:
            raise OperationFailed("Is a directory")
        self.disk.link_free(self._at(path), self.root, RelPath(trash + b"/" + path))
        if moved:
            self.disk.remove(self._at(path), directory=False)

    def remove_files(self, paths: Sequence[RelPath]) -> Iterator[Done]:
        return self._bulk("remove_files", paths, lambda path: self._remove(path, directory=False))

    def remove_directories(self, paths: Sequence[RelPath]) -> Iterator[Done]:
        return self._bulk("remove_directories", paths, lambda path: self._remove(path, directory=True))

    def _remove(self, path: RelPath, *, directory: bool) -> None:
        if self.disk.find(self._at(path)) is not None:
            self.disk.remove(self._at(path), directory=directory)

    def create_file(self, path: RelPath, content: bytes) -> None:
        self._do("create_file", path, lambda: self._create(path)).content[:] = content

    def read_file(self, path: RelPath, *, limit: int = 65536) -> bytes:
        return self._do("read_file", path, lambda: bytes(self._regular(path).content[:limit]))

    def rename_new(self, old: RelPath, new: RelPath) -> None:
        self._do("rename_new", new, lambda: self.disk.rename(self._at(old), self._at(new), replace=False))

    def sync_directories(self, paths: Sequence[RelPath]) -> Iterator[Done]:
        return self._bulk("sync_directories", paths, self._get)

    def close(self) -> None:
        self.closed = True

    # LocalSide.

    def open_source(self, path: RelPath) -> SourceFile:
        return MemorySource(self, path, self._do("open_source", path, lambda: self._regular(path)))

    def create_stage(self, path: RelPath, kept: Kept | None = None) -> StageFile:
        return MemoryStage(self, path, self._do("create_stage", path, lambda: self._create(path)))

    def reopen_stage(self, path: RelPath) -> StageFile:
        node = self._do("reopen_stage", path, lambda: self._regular(path))
        node.content.clear()
        return MemoryStage(self, path, node)

    # PeerTransport.

    @property
    def carried(self) -> int:  # type: ignore[override]
        return self.content_sent + self.content_received + self.content_read

    def upload(self, transfers: Iterable[Transfer], source: Sources) -> Iterator[Staged]:
        return interleaved((self._upload_one(transfer, source) for transfer in transfers), self._window)

    def _upload_one(self, transfer: Transfer, source: Sources) -> Iterator[Optional[Staged]]:
        opened: Optional[SourceFile] = None
        node: Optional[Node] = None
        present = self.disk.find(self._at(transfer.stage)) if transfer.in_place else None
        there = present is not None and present.kind == FILE
        try:
            opened = source.open_source(transfer.source)
            begin = self._open_over if transfer.in_place else self._create
            node = self._do("upload", transfer.path, lambda: begin(transfer.stage))
            size, digest, damage = 0, hashlib.sha256(), self.faults.take("damage", transfer.path)
            for block in blocks_of(opened):
                yield None
                digest.update(block)
                stored = damaged(block, damage, first=size == 0, last=size + len(block) >= opened.size)
                self._do("upload.write", transfer.path, lambda data=stored, to=node: self._append(to, data))
                size += len(block)
                self.content_received += len(block)
            if size != opened.size or opened.changed(digest.digest):
                raise SourceChanged("the file changed while it was read", path=transfer.source)
            self._do("upload.finish", transfer.path, lambda: self._set(node, transfer.attributes))
            yield Staged(transfer, size, digest.digest())
        except ItemError as error:
            if node is not None and self.faults.connected and not there:
                self._remove(transfer.stage, directory=False)
            yield Staged(transfer, error=_placed(error, transfer.path))
        finally:
            if opened is not None:
                opened.close()

    def download(self, transfers: Iterable[Transfer], sink: LocalSide) -> Iterator[Staged]:
        return interleaved((self._download_one(transfer, sink) for transfer in transfers), self._window)

    def _download_one(self, transfer: Transfer, sink: LocalSide) -> Iterator[Optional[Staged]]:
        stage: Optional[StageFile] = None
        try:
            node = self._do("download", transfer.path, lambda: self._regular(transfer.source))
            before = node.entry()
            stage = sink.create_stage(transfer.stage)
            size, damage = 0, self.faults.take("damage", transfer.path)
            while size < before.size:
                yield None
                block = self._do("download.read", transfer.path, partial(block_at, node, size))
                self._grow(transfer.source, node)
                last = size + len(block) >= before.size
                stage.write_at(damaged(block, damage, first=size == 0, last=last), size)
                size += len(block)
                self.content_sent += len(block)
                if not block:
                    break
            if node.entry()[:3] != before[:3]:
                raise SourceChanged("the file changed while it was read", path=transfer.source)
            finished, stage = stage, None
            finished.finish(transfer.attributes)
            yield Staged(transfer, size)
        except ItemError as error:
            yield Staged(transfer, error=_placed(error, transfer.path))
        finally:
            if stage is not None:
                stage.abandon()

    def copy(self, transfers: Iterable[Transfer]) -> Iterator[Staged]:
        for transfer in transfers:
            node: Optional[Node] = None
            try:
                source = self._do("copy", transfer.path, lambda at=transfer.source: self._regular(at))
                if source.entry()[:3] != transfer.entry[:3]:
                    raise SourceChanged("it changed since it was listed", path=transfer.path)
                node = self._do("copy.create", transfer.path, lambda at=transfer.stage: self._create(at))
                damage = self.faults.take("damage", transfer.path)
                self._append(node, damaged(bytes(source.content), damage, first=True, last=True))
                self._do("copy.finish", transfer.path, lambda to=node, one=transfer: self._set(to, one.attributes))
                yield Staged(transfer, len(node.content))
            except ItemError as error:
                if node is not None and self.faults.connected:
                    self._remove(transfer.stage, directory=False)
                yield Staged(transfer, error=_placed(error, transfer.path))

    def server_hash(self) -> Optional[str]:
        return self._do("server_hash", ROOT, lambda: self._server_hash)

    def digest_by_server(self, paths: Iterable[RelPath]) -> Iterator[Digested]:
        if self._server_hash is None:
            raise NotSupported("the server does not hash files")
        for digested in self._digest("digest_by_server", paths):
            lie = self.faults.take("lie", digested.path)
            yield digested if lie is None else digested._replace(digest=lie)

    def touch_every(self, path: RelPath, seconds: float) -> None:
        self._touch = (self._at(path), int(seconds * 1e9), self.disk.now)

    def reconnect(self) -> None:
        self.faults.reconnect()

    # Shared by all of these.

    def _at(self, path: bytes) -> bytes:
        return self.root + b"/" + path if path else self.root

    def _get(self, path: RelPath) -> Node:
        return self.disk.get(self._at(path))

    def _regular(self, path: RelPath) -> Node:
        node = self._get(path)
        if node.kind == LINK:
            raise UnsafeName("it is a symbolic link")
        if node.kind != FILE:
            raise OperationFailed("not a regular file")
        return node

    def _create(self, path: RelPath) -> Node:
        return self.disk.make(self._at(path), FILE, 0o600)

    def _open_over(self, path: RelPath) -> Node:
        present = self.disk.find(self._at(path))
        if present is not None and present.kind != FILE:
            self._remove(path, directory=False)
        if present is None or present.kind != FILE:
            return self._create(path)
        present.content.clear()
        return present

    def _append(self, node: Node, data: bytes) -> None:
        node.content.extend(data)
        node.mtime = self.disk.tick()

    def _grow(self, path: RelPath, node: Node) -> None:
        if self.faults.take("change", path) is not None:
            self._append(node, b"!")

    def _do(self, operation: str, path: RelPath, act: Callable[[], T]) -> T:
        lost = self.faults.begin(operation, path)
        self._keep_alive()
        try:
            result = act()
        except ItemError as error:
            if lost:
                raise ConnectionLost("the session ended") from error
            raise _placed(error, path) from None
        if lost:
            raise ConnectionLost("the session ended")
        return result

    def _keep_alive(self) -> None:
        path, interval, last = self._touch
        if interval and self.disk.now - last >= interval:
            node = self.disk.find(path)
            if node is not None:
                node.mtime = self.disk.round(self.disk.now)
                self.touches += 1
            self._touch = (path, interval, self.disk.now)

    def _bulk(self, operation: str, paths: Sequence[RelPath], act: Callable[[RelPath], object]) -> Iterator[Done]:
        for path in paths:
            try:
                self._do(operation, path, lambda at=path: act(at))
                yield Done(path)
            except ItemError as error:
                yield Done(path, _placed(error, path))


def _placed(error: ItemError, path: RelPath) -> ItemError:
    """The error with its item named."""
    return error.at(bytes(path)) if error.path is None else error
