# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SftpTransport: a tree on an SFTP server.

One thread keeps hundreds of operations in flight:

- The first login begins at construction; the first operation waits for it. Further sessions log in if there is enough
  work for them (`sessions`).
- Each item of a bulk operation becomes an Operation: a small state machine that sends a request, gets the reply and
  sends the next (`names`, `scan`, `upload`, `download`, `digest`). sftp/pool runs as many at once as the window admits,
  and yields each result when it is done.
- A small file needs two flights: OPEN, then content, attributes and CLOSE together (`small_upload`; `content`
  chooses).
- Proof comes from the server's hash if it offers a hash: `check-file`, or a sha256sum process for all files
  (`remote_sha256sum`); otherwise files are read back.
- Servers differ in renames, hard links and the order of SYMLINK's paths. The first operation that depends on it finds
  out (`root`, `links`), and the result is noted once.
- Requests about the root and about the run's own files wait for their reply (`root`).
"""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING, Callable, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ...errors import SyncError
from ...model.display import display
from ...model.endpoint import PeerIdentity
from ...model.relpath import RelPath
from ...model.tree import Attributes, Entry
from ...sftp import packets
from ...sftp.client import SftpClient
from ...sftp.pool import SftpPool
from ...sftp.setting import REFUSED, Setting, set_by_path
from ...ssh.stream import Stream
from ..base import (
    ENTRY_LIMIT,
    OLD_STAYS,
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
from .root import Exclusive, Root, SmallFiles
from .scan import Scan
from .sessions import Caller, SftpSessions

if TYPE_CHECKING:
    from .content import Content
    from .links import SymlinkOrder
    from .remote_sha256sum import ServerHash

NO_HARD_LINKS = "the server makes no hard links, although it announces and acknowledges them: files move to the trash"


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
        self._root = Root(root, lambda: self.pool)
        self._options = options
        self._open_exec = open_exec
        self._server_hash: Optional[ServerHash] = None
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
        self._symlink_order: Optional[SymlinkOrder] = None
        self._exclusive = Exclusive(self._note)
        self._hard_links = HardLinks(self._no_hard_links)
        self._setting = Setting(self._setting_learned)
        self._small_files = SmallFiles(self._root, self._exclusive, lambda: self.pool)

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
            copies=client.extensions.get(b"copy-data") == b"1",
            hard_links=b"hardlink@openssh.com" in client.extensions and self._hard_links.usable,
        )
        self.pool.setting = self._setting
        self._setting_learned([])
        if not self.capabilities.atomic_replace:
            self._note("the server cannot replace a file in one step (no posix-rename@openssh.com)")
        if client.in_turn:
            self._note("the server works on many requests at the same time: each waits for the reply to the last")
        self._keep_touching()

    def _no_hard_links(self) -> None:
        self.capabilities = self.capabilities._replace(hard_links=False)
        self._note(NO_HARD_LINKS)

    def _setting_learned(self, notes: List[str]) -> None:
        modes, times, by_path = self._setting.modes, self._setting.times, self._setting.by_path
        self.capabilities = self.capabilities._replace(
            stores_mtime=times, stores_mode=modes and by_path, directory_mtime=times and by_path
        )
        for note in notes:
            self._note(note)

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
        self._end_server_hash()
        self._sessions.reconnect()

    def close(self) -> None:
        self._end_server_hash()
        self._sessions.close()

    def _end_server_hash(self) -> None:
        if self._server_hash is not None:
            self._server_hash.close()

    # looking

    def move_root(self, root: bytes) -> bool:
        self._root.move(root)
        return True

    def root_entry(self) -> Optional[Entry]:
        return self._root.entry()

    def create_root(self) -> None:
        self._root.create()

    def real_root(self) -> bytes:
        return self._root.real()

    def scan(self, *, enter: Optional[Callable[[RelPath], bool]] = None, read_links: bool = False) -> Iterator[Page]:
        options = self._options
        return Scan(
            self.pool,
            self._root.prefix,
            read_links=read_links,
            entry_limit=options.entry_limit,
            text_limit=options.text_limit,
        ).pages(enter)

    def advance(self) -> bool:
        pool = self._sessions.present
        return pool is None or pool.advance()

    def look(self, paths: Iterable[RelPath]) -> Iterator[Tuple[RelPath, Optional[Entry], Optional[SyncError]]]:
        return self.pool.run(Look(path, self._root.full(path)) for path in paths)

    def digest(self, sizes: Mapping[RelPath, int]) -> Iterator[Digested]:
        return self._content.digest(sizes)

    def foresee_server_hash(self) -> None:
        self._hashing_server().foresee()

    def foresee_setting(self) -> None:
        if not self._setting.tested:
            client = self.pool.clients[0]
            reply = self.pool.call(client, partial(set_by_path, client, self._root.path, Attributes()))
            if reply in REFUSED:
                self._setting.judge(client, (reply, reply), (reply, reply))

    def server_hash(self) -> Optional[str]:
        return self._hashing_server().way()

    def digest_by_server(self, paths: Iterable[RelPath]) -> Iterator[Digested]:
        return self._hashing_server().digest(paths)

    def _hashing_server(self) -> ServerHash:
        """Its modules are loaded by the first question."""
        if self._server_hash is None:
            from .remote_sha256sum import ServerHash  # pylint: disable=import-outside-toplevel

            self._server_hash = ServerHash(
                lambda: self.pool, self._root.full, self._open_exec, stall_timeout=self._options.stall_timeout
            )
        return self._server_hash

    # changing

    def make_directories(self, paths: Sequence[RelPath]) -> Iterator[Done]:
        return self.pool.run((MakeDirectory(path, self._root.full(path)) for path in paths), ordered=True)

    def make_links(self, links: Sequence[Tuple[RelPath, bytes]]) -> Iterator[Done]:
        from .links import SymlinkOrder, make_links  # pylint: disable=import-outside-toplevel

        if self._symlink_order is None:
            self._symlink_order = SymlinkOrder()
        return make_links(self.pool, self._symlink_order, links, self._root.full)

    def set_attributes(self, changes: Sequence[Tuple[RelPath, Attributes]]) -> Iterator[Done]:
        return self.pool.run(
            (SetAttributes(path, self._root.full(path), attributes, self._setting) for path, attributes in changes),
            ordered=True,
        )

    def rename(self, moves: Sequence[Rename]) -> Iterator[Done]:
        return self.pool.run(
            RenameOver(
                move.path, self._root.full(move.path), self._root.full(move.stage), self._old_stays, same=move.same
            )
            for move in moves
        )

    def _old_stays(self, remote: bytes, error: SyncError) -> None:
        if not any(note.startswith(OLD_STAYS) for note in self.notes):
            name = display(remote[len(self._root.prefix) :])
            self._note(f"{OLD_STAYS}, such as '{name}': {error.message}")

    def keep_in(self, trash: RelPath, paths: Sequence[RelPath], *, remove: bool) -> Iterator[Done]:
        from ..trash_names import kept_directories, kept_names, with_directory  # pylint: disable=import-outside-toplevel

        def kept(path: RelPath) -> Iterator[bytes]:
            return map(self._root.full, kept_names(RelPath(trash + b"/" + path)))

        good, bad = with_directory(trash, paths, self.make_directories(kept_directories(trash, paths)))
        yield from bad
        yield from self.pool.run(
            Keep(path, self._root.full(path), kept(path), self._hard_links, remove=remove) for path in good
        )

    def remove_files(self, paths: Sequence[RelPath]) -> Iterator[Done]:
        return self.pool.run(RemoveFile(path, self._root.full(path)) for path in paths)

    def remove_directories(self, paths: Sequence[RelPath]) -> Iterator[Done]:
        return self.pool.run((RemoveDirectory(path, self._root.full(path)) for path in paths), ordered=True)

    def rename_new(self, old: RelPath, new: RelPath) -> None:
        self._small_files.rename_new(old, new)

    def sync_directories(self, paths: Sequence[RelPath]) -> Iterator[Done]:
        return self.pool.run(SyncDirectory(path, self._root.full(path)) for path in paths)

    # small files

    def create_file(self, path: RelPath, content: bytes) -> None:
        self._small_files.create(path, content)

    def read_file(self, path: RelPath, *, limit: int = 65536) -> bytes:
        return self._small_files.read(path, limit)

    # content

    @cached_property
    def _content(self) -> Content:
        """Its modules are loaded by the first file whose content moves."""
        from .content import Content  # pylint: disable=import-outside-toplevel

        return Content(self._root, self._sessions, self._note, durable=self._options.durable)

    def sends_blocks(self) -> bool:
        from ...sftp.copy_data import copies_data  # pylint: disable=import-outside-toplevel

        return copies_data(self.pool.clients[0])

    def hashes_blocks(self) -> bool:
        return self._hashing_server().checks_files()

    def halfway(self) -> Mapping[RelPath, int]:
        return self._content.halfway() if "_content" in vars(self) else {}

    def forget_halfway(self) -> None:
        if "_content" in vars(self):
            self._content.forget_halfway()

    def upload(self, transfers: Iterable[Transfer], source: Sources) -> Iterator[Staged]:
        return self._content.upload(transfers, source)

    def download(self, transfers: Iterable[Transfer], sink: LocalSide) -> Iterator[Staged]:
        return self._content.download(transfers, sink)

    def copy(self, transfers: Iterable[Transfer]) -> Iterator[Staged]:
        return self._content.copy(transfers)

    # heartbeat

    def touch_every(self, path: RelPath, seconds: float) -> None:
        self._touched = (path, seconds) if seconds else None
        self._keep_touching()

    def beat(self) -> None:
        pool = self._sessions.present
        if pool is not None:
            pool.beat_within()

    def _keep_touching(self) -> None:
        pool = self._sessions.present
        if pool is not None:
            path, seconds = self._touched or (None, 0.0)
            pool.every(seconds, None if path is None else partial(self._touch, path))

    def _touch(self, path: RelPath) -> None:
        Touch(path, self._root.full(path)).start(self.pool.clients[0], lambda _result: None)
