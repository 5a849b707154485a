# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""FtpsTransport: a tree on an FTPS server.

FTP does one thing at a time on a session, so work is cut into jobs and spread over a few sessions:

- The first login begins in the background. The first operation waits for it (`pool`), and learns the server's features,
  its ways to set times, and, for unusual names, whether it alters them (`server`, `times`).
- Each bulk operation becomes jobs (`in_jobs`). A job runs on a thread with one session; one thread reads all results
  (`pool`). The pool logs further sessions in if the work is worth the logins, and notes if the server admits fewer.
- Commands about names go in flights: many are sent before the first reply is read (`names`, `look`).
- Content goes file by file on a session, and the commands around it in flights (`upload`, `download`). A large file
  comes over all sessions at once (StripedFetch).
- MKD is FTP's only exclusive creation: the lock and new names are made with it (`small_files`).
- A refused command has no reliable reason: the entry is looked up to find the cause (`look`).
- A thread keeps the lock and idle sessions alive (Keeper).
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import Any, Callable, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ...errors import NotSupported, SyncError
from ...ftps.session import FtpsSession
from ...model.endpoint import PeerIdentity
from ...model.relpath import RelPath
from ...model.request import SyncRequest
from ...model.tree import Attributes, Entry
from ...tls.context import client_context
from ..base import Capabilities, Digested, Done, LocalSide, Page, PeerTransport, Rename, Sources, Staged, Transfer
from ..trash_names import kept_directories, with_directory
from .digest import Digests, server_hash_of
from .download import Downloads
from .lane import Halfway, Lane, SharedPacer
from .names import Names, Root
from .pool import FtpsPool, in_jobs, sendable, unsendable
from .scan import Scan
from .server import Alteration, Server
from .small_files import Keeper, SmallFiles
from .times import Times
from .upload import Uploads, portions

_SECOND = 1_000_000_000
_LAST = 253_402_300_799 * _SECOND
"""The end of the year 9999: times have four digits for it (RFC 3659 section 2.3)."""
_SESSIONS, _SESSIONS_OVER_DISTANCE = 2, 4
"""Two keep two processors busy; more wait better, where an answer takes long."""
_DISTANT = 0.004
"""Seconds of a round trip."""
_NAMES_AT_ONCE = 500
_FILES_WORTH_A_SESSION = 12
_BYTES_WORTH_A_SESSION = 4 << 20
_READ_AT_ONCE = 16


class FtpsOptions(NamedTuple):
    """How the transport works: bandwidth_limit in bytes a second; parallel: sessions at most, None: as many as the
    line asks for."""

    bandwidth_limit: Optional[int] = None
    parallel: Optional[int] = None


_DEFAULTS = FtpsOptions()


class FtpsTransport(PeerTransport):
    """A tree below `root` (a path as the server understands it, relative paths from the login directory).

    new_session makes a session that has not connected yet. The first login begins at once, in the background; the
    first operation waits for it.
    """

    def __init__(self, root: bytes, new_session: Callable[[], FtpsSession], options: FtpsOptions = _DEFAULTS) -> None:
        self._new_session = new_session
        self._options = options
        self._parallel = options.parallel
        self._pacer = SharedPacer(options.bandwidth_limit)
        self._server = Server(root)
        self._times = Times(self._server)
        self._names = Names(self._times)
        self._small_files = SmallFiles(self._names, self._times)
        self._root = Root()
        self._halfway: Halfway = {}
        """Files whose content moves, for the session that follows a lost session."""
        self._digests = Digests(self._pacer, self._halfway)
        self._touched: Optional[Tuple[RelPath, float]] = None
        self._identity = PeerIdentity("FTPS")
        self._connect()

    # the session

    def _connect(self) -> None:
        self._pool = FtpsPool(self._log_in, most_for=self._most_for, note=self._server.note)
        self._keeper = Keeper(self._pool, self._times)
        self._pool.start()
        self._keeper.start()

    def _log_in(self) -> Lane:
        lane = Lane(self._new_session(), self._server)
        lane.log_in()
        return lane

    def _most_for(self, first: Lane) -> int:
        near = first.session.round_trip < _DISTANT
        return self._parallel or (_SESSIONS if near else _SESSIONS_OVER_DISTANCE)

    @property
    def notes(self) -> Sequence[str]:  # type: ignore[override]
        return self._server.notes

    @property
    def carried(self) -> int:  # type: ignore[override]
        return self._pacer.spent

    @property
    def identity(self) -> PeerIdentity:  # type: ignore[override]
        """Return the server's identity; whether all data connections of all sessions resumed."""
        met = [lane.session.identity for lane in self._pool.lanes if not lane.session.closed]
        if met:
            resumed = [one.data_channel_resumed for one in met if one.data_channel_resumed is not None]
            self._identity = met[0]._replace(data_channel_resumed=all(resumed) if resumed else None)
        return self._identity

    @property
    def capabilities(self) -> Capabilities:  # type: ignore[override]
        return Capabilities(
            mtime_precision=_SECOND,
            mtime_limits=(0, _LAST),
            hard_links=False,
            stores_mtime=self._times.stores,
            directory_mtime=self._times.of_directories,
            stores_mode=self._server.sets_modes and self._server.tells_modes,
        )

    def start(self) -> PeerIdentity:
        """Wait for the login; who was met."""
        self._pool.wait()
        return self.identity

    def ready(self) -> bool:
        return self._pool.ready

    def reconnect(self) -> None:
        if len(self._pool.lanes) > 1:
            self._parallel = max(1, len(self._pool.lanes) // 2)
        self.close()
        self._connect()
        self._pool.wait()
        if self._small_files.unsettled:
            with self._pool.lane() as lane:
                self._small_files.settle(lane)
        if self._touched is not None:
            self.touch_every(*self._touched)

    def close(self) -> None:
        self._identity = self.identity
        self._keeper.stop()
        self._pool.close()

    def _on_one(self, work: Callable[[Lane, List[Any]], Iterable[Any]], items: Iterable[Any]) -> Iterator[Any]:
        """In the order given, on one session."""
        self._pool.wait()
        return self._pool.run(in_jobs(list(items), work, size=_NAMES_AT_ONCE))

    def _on_several(self, work: Callable[[Lane, List[Any]], Iterable[Any]], items: Iterable[Any]) -> Iterator[Any]:
        self._pool.wait()
        items = list(items)
        return self._pool.run(in_jobs(items, work, size=_NAMES_AT_ONCE), width=1 + len(items) // (2 * _NAMES_AT_ONCE))

    def _sendable(
        self, items: Iterable[Any], path_of: Callable[[Any], RelPath], refused: Callable[[Any, SyncError], Any]
    ) -> Tuple[List[Any], List[Any]]:
        self._pool.wait()
        items = list(items)
        return sendable(items, path_of, refused, self._alterations(map(path_of, items)))

    def _alterations(self, paths: Iterable[RelPath]) -> Tuple[Alteration, ...]:
        """Return the ways in which the server alters these names."""
        if not self._server.unsettled(paths):
            return self._server.alterations()
        with self._pool.lane() as lane:
            return self._server.alterations(lane.session)

    def _refuse(self, path: RelPath) -> None:
        self._pool.wait()
        error = unsendable(path, self._alterations([path]))
        if error is not None:
            raise error

    # looking

    def move_root(self, root: bytes) -> bool:
        self._server.move_root(root)
        return True

    def root_entry(self) -> Optional[Entry]:
        with self._pool.lane() as lane:
            return self._root.entry(lane)

    def create_root(self) -> None:
        with self._pool.lane() as lane:
            self._root.create(lane)

    def real_root(self) -> bytes:
        with self._pool.lane() as lane:
            return self._root.real_path(lane)

    def scan(self, *, enter: Optional[Callable[[RelPath], bool]] = None, read_links: bool = False) -> Iterator[Page]:
        self._pool.wait()
        return Scan(self._pool, self._server, read_links=read_links).pages(enter)

    def look(self, paths: Iterable[RelPath]) -> Iterator[Tuple[RelPath, Optional[Entry], Optional[SyncError]]]:
        # FTP cannot create such a name; a listing would show it in another form.
        good, bad = self._sendable(paths, _same, lambda path, error: (path, None, error))
        yield from bad
        yield from self._on_several(Lane.look, good)

    def digest(self, sizes: Mapping[RelPath, int]) -> Iterator[Digested]:
        good, bad = self._sendable(sizes, _same, lambda path, error: Digested(path, None, 0, error))
        yield from bad
        jobs = (self._digests.job(good[at : at + _READ_AT_ONCE], sizes) for at in range(0, len(good), _READ_AT_ONCE))
        yield from self._pool.run(jobs, width=self._width(len(good)))

    def _width(self, count: int, size: int = 0) -> int:
        """Return how many sessions are worth their logins for so many files and bytes."""
        if self._options.parallel is not None:
            return max(1, count)
        return 1 + max(count // _FILES_WORTH_A_SESSION, min(count - 1, size // _BYTES_WORTH_A_SESSION))

    def server_hash(self) -> Optional[str]:
        self._pool.wait()
        return server_hash_of(self._server.features)

    def digest_by_server(self, paths: Iterable[RelPath]) -> Iterator[Digested]:
        way = self.server_hash()
        if way is None:
            raise NotSupported("the server cannot hash files", cure="Use proof: read_back, or auto.")
        good, bad = self._sendable(paths, _same, lambda path, error: Digested(path, None, 0, error))
        jobs = in_jobs(good, lambda lane, portion: self._digests.ask(lane, portion, way), size=_READ_AT_ONCE)
        yield from bad
        yield from self._pool.run(jobs, width=self._width(len(good)))

    # changing

    def make_directories(self, paths: Sequence[RelPath]) -> Iterator[Done]:
        good, bad = self._sendable(paths, _same, Done)
        yield from bad
        yield from self._on_one(self._names.make_directories, good)

    def make_links(self, links: Sequence[Tuple[RelPath, bytes]]) -> Iterator[Done]:
        for path, _target in links:
            error = NotSupported("FTP cannot make symbolic links", path=path, cure="Set links to skip, or use SFTP.")
            yield Done(path, error)

    def set_attributes(self, changes: Sequence[Tuple[RelPath, Attributes]]) -> Iterator[Done]:
        good, bad = self._sendable(changes, _first, lambda change, error: Done(change[0], error))
        yield from bad
        yield from self._on_one(self._names.set_attributes, good)

    def rename(self, moves: Sequence[Rename]) -> Iterator[Done]:
        good, bad = self._sendable(moves, lambda move: move.path, lambda move, error: Done(move.path, error))
        yield from bad
        yield from self._on_several(self._names.rename, good)

    def keep_in(self, trash: RelPath, paths: Sequence[RelPath], *, remove: bool) -> Iterator[Done]:
        good, bad = self._sendable(paths, _same, Done)
        yield from bad
        good, bad = with_directory(trash, good, self.make_directories(kept_directories(trash, good)))
        yield from bad
        yield from self._on_one(lambda lane, portion: self._names.keep(lane, trash, portion), good)

    def remove_files(self, paths: Sequence[RelPath]) -> Iterator[Done]:
        good, bad = self._sendable(paths, _same, Done)
        yield from bad
        yield from self._on_several(self._names.remove_files, good)

    def remove_directories(self, paths: Sequence[RelPath]) -> Iterator[Done]:
        good, bad = self._sendable(paths, _same, Done)
        yield from bad
        yield from self._on_one(self._names.remove_directories, good)

    def sync_directories(self, paths: Sequence[RelPath]) -> Iterator[Done]:
        for path in paths:
            yield Done(path, NotSupported("FTP cannot make names durable", path=path))

    # small files

    def create_file(self, path: RelPath, content: bytes) -> None:
        self._refuse(path)
        with self._pool.lane() as lane:
            ahead = self._small_files.create(lane, path, content)
        if ahead is not None:
            self._keeper.clock_ahead = ahead

    def read_file(self, path: RelPath, *, limit: int = 65536) -> bytes:
        self._refuse(path)
        with self._pool.lane() as lane:
            return self._small_files.read(lane, path, limit)

    def rename_new(self, old: RelPath, new: RelPath) -> None:
        self._refuse(old)
        self._refuse(new)
        with self._pool.lane() as lane:
            self._small_files.rename_new(lane, old, new)

    # content

    def halfway(self) -> Mapping[RelPath, int]:
        return {path: state.reached for path, state in list(self._halfway.items())}

    def forget_halfway(self) -> None:
        while self._halfway:
            self._halfway.popitem()[1].give_up()

    @contextmanager
    def _for_the_next_session(self) -> Iterator[None]:
        """Keep the files that are left halfway after a lost session only."""
        try:
            yield
        except SyncError:
            raise
        except BaseException:
            self.forget_halfway()
            raise

    def upload(self, transfers: Iterable[Transfer], source: Sources) -> Iterator[Staged]:
        good, bad = self._sendable(transfers, lambda one: one.stage, lambda one, error: Staged(one, error=error))
        uploads = Uploads(self._names, source, self._pacer, self._halfway)
        yield from bad
        with self._for_the_next_session():
            yield from self._move(good, uploads.job)

    def download(self, transfers: Iterable[Transfer], sink: LocalSide) -> Iterator[Staged]:
        good, bad = self._sendable(transfers, lambda one: one.source, lambda one, error: Staged(one, error=error))
        yield from bad
        downloads = Downloads(sink, self._pacer, self._halfway)
        most = self._pool.most
        large = downloads.large(good, most) if self._server.features.rest_stream else []
        with self._for_the_next_session():
            for transfer in large:
                yield from self._pool.run(downloads.striped(transfer, most), width=most)
            yield from self._move([one for one in good if one not in large], downloads.job)

    def _move(self, transfers: List[Transfer], job: Callable[[List[Transfer]], Any]) -> Iterator[Staged]:
        self._pool.wait()
        wanted = self._width(len(transfers), sum(one.entry.size for one in transfers))
        width = min(wanted, self._pool.most)
        return self._pool.run((job(portion) for portion in portions(transfers, width)), width=width)

    # heartbeat

    def touch_every(self, path: RelPath, seconds: float) -> None:
        self._touched = (path, seconds) if seconds else None
        self._keeper.touch_every(path, seconds)


def _same(path: RelPath) -> RelPath:
    return path


def _first(change: Tuple[RelPath, Attributes]) -> RelPath:
    return change[0]


def open_ftps(request: SyncRequest) -> PeerTransport:
    context = client_context(request.tls, request.credentials)
    new_session = partial(FtpsSession, request.endpoint, request.credentials, request.tls, context=context)
    options = FtpsOptions(bandwidth_limit=request.bandwidth_limit, parallel=request.parallel)
    return FtpsTransport(request.remote_root, new_session, options)
