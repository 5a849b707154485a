# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SftpTransport: a tree on an SFTP server.

One thread keeps hundreds of operations in flight:

- The first login begins at construction; the first operation waits for it. Further sessions log in if there is enough
  work for them (`sessions`).
- Each item of a bulk operation becomes an Operation: a small state machine that sends a request, gets the reply and
  sends the next (`names`, `scan`, `upload`, `download`, `digest`). sftp/pool runs as many at once as the window admits,
  and yields each result when it is done.
- A small file needs two flights: OPEN, then content, attributes and CLOSE together (`small_upload`, `small_download`).
- Proof comes from the server's hash if it offers a hash: `check-file`, or a sha256sum process for all files
  (`server_hash`); otherwise files are read back.
- Servers differ in renames, hard links and the order of SYMLINK's paths. The first operation that depends on it finds
  out (`exclusive`, `links`), and the result is noted once.
"""

from __future__ import annotations

from functools import partial
from typing import Callable, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from ...errors import AlreadyExists, NotFound, OperationFailed, ProtocolViolation, SyncError
from ...model.endpoint import PeerIdentity
from ...model.relpath import ROOT, RelPath
from ...model.tree import Attributes, Entry
from ...sftp import packets
from ...sftp.client import Reply, SftpClient, data_of, entry_in
from ...sftp.packets import (
    ATTRS,
    EXTENDED_REPLY,
    FX_EOF,
    FX_FAILURE,
    FX_NO_SUCH_FILE,
    HANDLE,
    NAME,
    STATUS,
    attributes_field,
    listed,
    string,
)
from ...sftp.pool import Operation, SftpPool
from ...ssh.stream import Stream
from ..base import (
    ENTRY_LIMIT,
    TEXT_LIMIT,
    Capabilities,
    Digested,
    Done,
    LocalSide,
    Page,
    PeerTransport,
    Rename,
    Sources,
    Staged,
    Transfer,
)
from ..kept_names import kept_directories, kept_names, with_directory
from .digest import ReadBack
from .download import Download
from .exclusive import Exclusive
from .links import SymlinkOrder, make_links
from .names import (
    HardLinks,
    Keep,
    Look,
    MakeDirectory,
    RemoveDirectory,
    RemoveFile,
    RenameOver,
    SetAttributes,
    SyncDirectory,
    Touch,
)
from .scan import Scan
from .server_hash import ServerHash
from .sessions import Caller, SftpSessions
from .small_download import SmallDownload
from .small_upload import SMALL, SmallUpload
from .upload import Upload, no_space

__all__ = ["SftpOptions", "SftpTransport"]

_NO_ATTRIBUTES = attributes_field(Attributes())
_PRIVATE_FILE = attributes_field(Attributes(mode=0o600))
_PUBLIC_DIRECTORY = attributes_field(Attributes(mode=0o755))
NO_HARD_LINKS = "the server makes no hard links, although it announces and acknowledges them: files move to the trash"
_NO_REASON = "Read the server's log; SFTP has no status for many causes, such as an exceeded quota."


class SftpOptions(NamedTuple):
    """How the transport works: stall_timeout in seconds, bandwidth_limit in bytes a second, parallel sessions at
    most; entry_limit and text_limit (bytes) bound one listing."""

    stall_timeout: float = 60.0
    bandwidth_limit: Optional[int] = None
    parallel: Optional[int] = None
    durable: bool = False
    entry_limit: int = ENTRY_LIMIT
    text_limit: int = TEXT_LIMIT


_DEFAULTS = SftpOptions()


class SftpTransport(PeerTransport):
    """A tree below `root` (a path as the server understands it, relative paths from the login directory).

    open_stream starts a connection to the SFTP subsystem, open_exec a connection that runs a command; both return at
    once, so that the login continues while the caller works. The first operation waits for it. starting: the first
    connection to the subsystem, if it is already started.
    """

    def __init__(
        self,
        root: bytes,
        open_stream: Callable[[], Stream],
        open_exec: Callable[[str], Stream],
        options: SftpOptions = _DEFAULTS,
        starting: Optional[Stream] = None,
    ) -> None:
        self._root = self._prefix = b""
        self._root_missing = False
        self.move_root(root)
        self._options = options
        self._server_hash = ServerHash(lambda: self.pool, self._full, open_exec, stall_timeout=options.stall_timeout)
        self._touched: Optional[Tuple[RelPath, float]] = None
        self._sessions = SftpSessions(
            open_stream,
            Caller(self._meet, self._note),
            stall_timeout=options.stall_timeout,
            parallel=options.parallel,
            bandwidth_limit=options.bandwidth_limit,
            starting=starting,
        )
        self.identity = PeerIdentity("SSH-2.0")
        self.notes: List[str] = []
        self._symlink_order = SymlinkOrder()
        self._exclusive = Exclusive(self._note)
        self._hard_links = HardLinks(self._no_hard_links)

    # the session

    @property
    def pool(self) -> SftpPool:
        """Return the sessions; waits for the first login."""
        return self._sessions.pool

    @property
    def carried(self) -> int:  # type: ignore[override]
        return self._sessions.carried

    def _meet(self, identity: PeerIdentity, client: SftpClient) -> None:
        self.identity = identity
        self.capabilities = Capabilities(
            mtime_precision=packets.NANOSECONDS,
            mtime_limits=(0, packets.LAST_SECOND * packets.NANOSECONDS),
            atomic_replace=b"posix-rename@openssh.com" in client.extensions,
            hard_links=b"hardlink@openssh.com" in client.extensions and self._hard_links.usable,
        )
        if not self.capabilities.atomic_replace:
            self._note("the server cannot replace a file in one step (no posix-rename@openssh.com)")
        self._keep_touching()

    def _no_hard_links(self) -> None:
        self.capabilities = self.capabilities._replace(hard_links=False)
        self._note(NO_HARD_LINKS)

    def _note(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)

    def start(self) -> PeerIdentity:
        """Wait for the login; who was met."""
        self._sessions.connect()
        return self.identity

    def ready(self) -> bool:
        return self._sessions.ready()

    def reconnect(self) -> None:
        self._server_hash.close()
        self._sessions.reconnect()

    def close(self) -> None:
        self._server_hash.close()
        self._sessions.close()

    # looking

    def move_root(self, root: bytes) -> bool:
        self._root = root
        self._prefix = root if root.endswith(b"/") else root + b"/"
        self._root_missing = False
        return True

    def _full(self, path: RelPath) -> bytes:
        return self._prefix + path if path else self._root

    def _call(self, kind: int, expected: int, body: bytes) -> Reply:
        client = self.pool.clients[0]
        return self.pool.call(client, lambda handler: client.request(kind, expected, body, handler))

    def root_entry(self) -> Optional[Entry]:
        reply = self._call(packets.STAT, ATTRS, string(self._root))
        self._root_missing = reply == FX_NO_SUCH_FILE
        if self._root_missing:
            return None
        entry = entry_in(reply)
        if entry is None:
            raise self.pool.clients[0].error(reply, ROOT)
        return entry

    def create_root(self) -> None:
        reply = self._call(packets.MKDIR, STATUS, string(self._root) + _PUBLIC_DIRECTORY)
        if reply == FX_FAILURE and self._exists(ROOT):
            raise AlreadyExists("something is there already", path=ROOT)
        self._check(reply, ROOT)
        self._root_missing = False

    def _check(self, reply: Reply, path: RelPath) -> None:
        if reply != 0:
            raise self.pool.clients[0].error(reply, path)

    def real_root(self) -> bytes:
        # There are servers that answer for a path on which nothing stands, and on which nothing can be made.
        found = None if self._root_missing else self._real_path(self._root)
        if found is None:
            parent, _slash, name = self._root.rstrip(b"/").rpartition(b"/")
            found = self._real_path(parent or (b"/" if _slash else b"."))
            if found is None or isinstance(self._call(packets.STAT, ATTRS, string(found)), int):
                raise NotFound("its parent directory is missing", path=ROOT)
            found = found.rstrip(b"/") + b"/" + name
        return found

    def _real_path(self, path: bytes) -> Optional[bytes]:
        reply = self._call(packets.REALPATH, NAME, string(path))
        if isinstance(reply, int):
            return None
        names = list(listed(reply))
        if len(names) != 1 or not names[0][0].startswith(b"/"):
            raise ProtocolViolation("the server's real path is malformed")
        return names[0][0]

    def scan(self, *, enter: Optional[Callable[[RelPath], bool]] = None, read_links: bool = False) -> Iterator[Page]:
        options = self._options
        return Scan(
            self.pool,
            self._prefix,
            read_links=read_links,
            entry_limit=options.entry_limit,
            text_limit=options.text_limit,
        ).pages(enter)

    def advance(self) -> bool:
        pool = self._sessions.present
        return pool is None or pool.advance()

    def look(self, paths: Iterable[RelPath]) -> Iterator[Tuple[RelPath, Optional[Entry], Optional[SyncError]]]:
        return self.pool.run(Look(path, self._full(path)) for path in paths)

    def digest(self, paths: Iterable[RelPath]) -> Iterator[Digested]:
        pool = self.pool
        return pool.run(ReadBack(path, self._full(path), pool) for path in paths)

    def foresee_server_hash(self) -> None:
        self._server_hash.foresee()

    def server_hash(self) -> Optional[str]:
        return self._server_hash.way()

    def digest_by_server(self, paths: Iterable[RelPath]) -> Iterator[Digested]:
        return self._server_hash.digest(paths)

    # changing

    def make_directories(self, paths: Sequence[RelPath]) -> Iterator[Done]:
        return self.pool.run((MakeDirectory(path, self._full(path)) for path in paths), ordered=True)

    def make_links(self, links: Sequence[Tuple[RelPath, bytes]]) -> Iterator[Done]:
        return make_links(self.pool, self._symlink_order, links, self._full)

    def set_attributes(self, changes: Sequence[Tuple[RelPath, Attributes]]) -> Iterator[Done]:
        return self.pool.run(
            (SetAttributes(path, self._full(path), attributes) for path, attributes in changes), ordered=True
        )

    def rename(self, moves: Sequence[Rename]) -> Iterator[Done]:
        return self.pool.run(RenameOver(move.path, self._full(move.path), self._full(move.stage)) for move in moves)

    def keep_in(self, trash: RelPath, paths: Sequence[RelPath], *, remove: bool) -> Iterator[Done]:
        good, bad = with_directory(trash, paths, self.make_directories(kept_directories(trash, paths)))
        yield from bad
        yield from self.pool.run(
            Keep(path, self._full(path), self._kept(trash, path), self._hard_links, remove=remove) for path in good
        )

    def _kept(self, trash: RelPath, path: RelPath) -> Iterator[bytes]:
        return map(self._full, kept_names(RelPath(trash + b"/" + path)))

    def remove_files(self, paths: Sequence[RelPath]) -> Iterator[Done]:
        return self.pool.run(RemoveFile(path, self._full(path)) for path in paths)

    def remove_directories(self, paths: Sequence[RelPath]) -> Iterator[Done]:
        return self.pool.run((RemoveDirectory(path, self._full(path)) for path in paths), ordered=True)

    def rename_new(self, old: RelPath, new: RelPath) -> None:
        if self._exclusive.replaces is None:
            client = self.pool.clients[0]
            self.pool.call(client, partial(self._exclusive.ask, client, self._full(old)))
        if self._exclusive.replaces and self._exists(new):
            raise AlreadyExists("something is there already", path=new)
        reply = self._call(packets.RENAME, STATUS, string(self._full(old)) + string(self._full(new)))
        if reply == FX_FAILURE and self._exists(new):
            raise AlreadyExists("something is there already", path=new)
        self._check(reply, old)

    def _exists(self, path: RelPath) -> bool:
        return not isinstance(self._call(packets.LSTAT, ATTRS, string(self._full(path))), int)

    def sync_directories(self, paths: Sequence[RelPath]) -> Iterator[Done]:
        return self.pool.run(SyncDirectory(path, self._full(path)) for path in paths)

    # small files

    def create_file(self, path: RelPath, content: bytes) -> None:
        flags = packets.FXF_WRITE | packets.FXF_CREAT | packets.FXF_EXCL
        handle = self._open(path, flags, _PRIVATE_FILE)
        client = self.pool.clients[0]
        written = self.pool.call(client, partial(client.write, handle, 0, content))
        closed = self.pool.call(client, partial(self._exclusive.close, client, handle, self._full(path)))
        self._check(written, path)
        self._check(closed, path)

    def _open(self, path: RelPath, flags: int, attributes: bytes) -> bytes:
        body = string(self._full(path)) + packets.U32.pack(flags) + attributes
        reply = self._call(packets.OPEN, HANDLE, body)
        if isinstance(reply, int):
            error = self.pool.clients[0].error(reply, path)
            if flags & packets.FXF_EXCL and self._exists(path):
                raise AlreadyExists("something is there already", path=path)
            raise error
        return bytes(reply)

    def read_file(self, path: RelPath, *, limit: int = 65536) -> bytes:
        handle = self._open(path, packets.FXF_READ, _NO_ATTRIBUTES)
        client = self.pool.clients[0]
        content = b""
        while len(content) < limit:
            size = min(client.limits.read, limit - len(content))
            reply = self.pool.call(client, partial(client.read, handle, len(content), size))
            if reply == FX_EOF:
                break
            if isinstance(reply, int):
                raise client.error(reply, path)
            content += data_of(reply)
        self.pool.call(client, partial(client.close_handle, handle))
        return content

    # content

    def upload(self, transfers: Iterable[Transfer], source: Sources) -> Iterator[Staged]:
        transfers = list(transfers)
        self._sessions.widen(transfers)
        for staged in self.pool.run(self._upload(transfer, source) for transfer in transfers):
            yield staged if staged.error is None else staged._replace(error=self._explained(staged))
        self._sessions.tell_refusals()

    def download(self, transfers: Iterable[Transfer], sink: LocalSide) -> Iterator[Staged]:
        transfers = list(transfers)
        self._sessions.widen(transfers)
        yield from self.pool.run(self._download(transfer, sink) for transfer in transfers)
        self._sessions.tell_refusals()

    def _upload(self, transfer: Transfer, source: Sources) -> Operation:
        remote, pool, durable = self._prefix + transfer.stage, self.pool, self._options.durable
        if 0 < transfer.entry.size <= SMALL and not durable:
            return SmallUpload(transfer, remote, source, pool)
        return Upload(transfer, remote, source, pool, durable=durable)

    def _download(self, transfer: Transfer, sink: LocalSide) -> Operation:
        kind = SmallDownload if 0 < transfer.entry.size <= SMALL else Download
        return kind(transfer, self._prefix + transfer.source, sink, self.pool)

    def _explained(self, staged: Staged) -> Optional[SyncError]:
        """SFTP version 3 has one code for every failure: ask how much room there is before calling it a mystery."""
        client, error = self.pool.clients[0], staged.error
        if not isinstance(error, OperationFailed):
            return error
        error = error.at(error.path, cure=_NO_REASON)
        if b"statvfs@openssh.com" not in client.extensions:
            return error
        request = partial(client.extended, b"statvfs@openssh.com", string(self._root), expected=EXTENDED_REPLY)
        reply = self.pool.call(client, request)
        return error if isinstance(reply, int) else no_space(reply, error, staged.transfer.entry.size)

    # heartbeat

    def touch_every(self, path: RelPath, seconds: float) -> None:
        self._touched = (path, seconds) if seconds else None
        self._keep_touching()

    def _keep_touching(self) -> None:
        pool = self._sessions.present
        if pool is not None:
            path, seconds = self._touched or (None, 0.0)
            pool.every(seconds, None if path is None else partial(self._touch, path))

    def _touch(self, path: RelPath) -> None:
        Touch(path, self._full(path)).start(self.pool.clients[0], lambda _result: None)
