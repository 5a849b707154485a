# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Transport: the interface of one side for the sync engine, for every kind of side.

Everything is in bulk: an operation takes many items and yields one result for each, in any order, as they are done, so
that a transport over a network can keep many requests in flight. An error of one item is part of its result; an error
that ends the session (ConnectionLost, Stalled, ProtocolViolation) is raised, and the items not yet yielded are unknown.

Three contracts:

- `Transport`: a tree that can be looked at and changed by name. All sides.
- `LocalSide`: a tree whose files can be opened here: where content is read from on a push and written to on a pull.
- `PeerTransport`: a tree at the far end of a session: moves content from and to a LocalSide.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Callable, Dict, Iterable, Iterator, Mapping, NamedTuple, Optional, Sequence, Tuple

from ..errors import NotSupported, SourceChanged, SyncError
from ..model.endpoint import PeerIdentity
from ..model.relpath import RelPath
from ..model.tree import Attributes, Entry, Stamps

if TYPE_CHECKING:
    from ..model.blocks import Basis, Buffer, ByBlocks

NO_RENAMES = (
    "If the server refuses every rename, set in_place to true and proof to none, or ask its operator to admit renames."
)
IN_THE_WAY = "an entry that is not proven to be a regular file is in its place, and the server does not remove it"
OLD_STAYS = "files that were replaced stay at the server under temporary names"
LONGEST_PATH = 4096
"""Bytes of a path in a listing: PATH_MAX of Linux. An honest server has none that is longer."""
ENTRY_LIMIT = 5_000_000
"""Entries of one tree. Each costs 300 bytes of memory, and 500 while its directory is listed: 2.5 GB at most."""
TEXT_LIMIT = 512 << 20
"""Bytes of all paths and link targets of one tree."""


class Capabilities(NamedTuple):
    """The capabilities of a transport.

    mtime_precision: nanoseconds to which a stored mtime is rounded down
    mtime_limits: first and last mtime that can be stored, nanoseconds
    hard_links: `keep_in` can keep a replaced file without a moment in which its name is missing
    stores_mtime, stores_mode: whether a file's mtime and mode can be set and read
    directory_mtime: whether a directory's mtime can; None if that shows only after a write
    copies: whether `copy` can copy a file within the tree
    """

    mtime_precision: int = 1
    mtime_limits: Tuple[int, int] = (-(1 << 62), 1 << 62)
    atomic_replace: bool = True
    hard_links: bool = True
    stores_mtime: bool = True
    directory_mtime: Optional[bool] = True
    stores_mode: bool = True
    copies: bool = False


class Page(NamedTuple):
    """A part of one directory's listing. A problem means that the directory could not be listed whole. stamps: of the
    files, from a `LocalSide` that has them."""

    directory: RelPath
    entries: Sequence[Tuple[RelPath, Entry]]
    problem: Optional[SyncError] = None
    stamps: Optional[Stamps] = None


class Done(NamedTuple):
    """The result for one item of a bulk operation."""

    path: RelPath
    error: Optional[SyncError] = None


class Digested(NamedTuple):
    """The SHA-256 (32 bytes) of one file's content, or why it is not known. size: how many bytes were hashed."""

    path: RelPath
    digest: Optional[bytes]
    size: int = 0
    error: Optional[SyncError] = None


class Rename(NamedTuple):
    """Rename the file `stage` to `path`, replacing an existing file.

    same: both may be names of one entry, of any kind: a single request, and no step to another name
    """

    stage: RelPath
    path: RelPath
    same: bool = False


class Kept:
    """The stage of a large file that outlives a run that breaks off.

    offset: bytes that an earlier run left in the stage; 0 for a new stage
    mark: of the stage, if the peer has it: owner and access time, by which it is recognized (see sftp/same_file.py)
    """

    def __init__(self, offset: int = 0, mark: Optional[Tuple[int, int]] = None) -> None:
        self.offset = offset
        self.mark = mark

    def marked(self, mark: Optional[Tuple[int, int]]) -> None:
        """Take note of the mark of a new stage."""

    def reached(self, size: int) -> None:
        """Take note that so many bytes from the beginning are in the stage. May be called from any thread."""

    def start_over(self) -> None:
        """Take note that the bytes of the earlier run are of no use."""
        self.offset = 0

    def moved(self, stage: RelPath) -> RelPath:
        """Return the name of the new stage in which the file starts again, instead of `stage`."""
        return stage


class Transfer(NamedTuple):
    """One file to transfer: `source` at the source becomes `stage` at the destination (later `path`).

    entry: from the scan of the source
    attributes: set on `stage` after its content is written
    in_place: on an upload: `stage` is `path`, a file there is written over, and the file may be gone after its last
    byte
    basis: how to send the file by blocks; None to send it whole
    kept: of a file that the next run can continue; else it takes no notes
    """

    source: RelPath
    path: RelPath
    stage: RelPath
    entry: Entry
    attributes: Attributes
    in_place: bool = False
    basis: Optional[Basis] = None
    kept: Kept = Kept()

    @property
    def begun(self) -> int:
        """Return the bytes that an earlier run left in the stage."""
        return self.kept.offset


class Staged(NamedTuple):
    """The result of one Transfer. digest: SHA-256 of the bytes read at the source on a push, of the stage's content on
    a pull, or None (the stage is hashed later); size in bytes. by_blocks: for a transfer with a basis, if the transport
    can. unset: the content is whole, and the server refuses to set its attributes."""

    transfer: Transfer
    size: int = 0
    digest: Optional[bytes] = None
    error: Optional[SyncError] = None
    by_blocks: Optional[ByBlocks] = None
    unset: Optional[SyncError] = None


class Reached:
    """Bytes from the beginning of a file without a gap, where its parts are done in any order: `size` bytes."""

    __slots__ = ("_ahead", "size")

    def __init__(self, size: int = 0) -> None:
        self.size = size
        self._ahead: Dict[int, int] = {}

    def add(self, offset: int, size: int) -> None:
        """Take note of a part that is done."""
        if offset != self.size:
            self._ahead[offset] = size
            return
        self.size += size
        while self.size in self._ahead:
            self.size += self._ahead.pop(self.size)

    @property
    def whole(self) -> bool:
        """Return whether there is nothing behind a gap, and nothing was done twice."""
        return not self._ahead

    def go_back(self) -> int:
        """Forget the parts behind a gap; return the bytes before it."""
        self._ahead.clear()
        return self.size


class Transport(ABC):
    """A tree of files below a root that the operator named."""

    capabilities: Capabilities

    @property
    def whole_tree(self) -> Transport:
        """Return the side with all its entries under their real names. A view returns the side that it shows."""
        return self

    @abstractmethod
    def root_entry(self) -> Optional[Entry]:
        """Return the root itself, links followed; None if it is missing. Raises ItemError if it cannot be looked at."""

    @abstractmethod
    def create_root(self) -> None:
        """Make the root a directory; its parent must exist. Raises ItemError."""

    @abstractmethod
    def real_root(self) -> bytes:
        """Return the root's canonical absolute path, links resolved; the parent's where the root is missing, plus the
        name.
        Raises NotFound if the last `root_entry` found no root, and a peer has no parent either."""

    @abstractmethod
    def scan(self, *, enter: Optional[Callable[[RelPath], bool]] = None, read_links: bool = False) -> Iterator[Page]:
        """List the tree below the root, links never followed; a directory is entered where `enter(path)` is true.

        Names are checked: UnsafeName, DuplicateName or a listing that does not end raise as ProtocolViolation or come
        as a page's problem.
        """

    def advance(self) -> bool:
        """Continue a scan that has begun, without waiting; return whether its next page is ready or may be: a transport
        that does not know always returns True. Errors are raised by the scan."""
        return True

    @abstractmethod
    def look(self, paths: Iterable[RelPath]) -> Iterator[Tuple[RelPath, Optional[Entry], Optional[SyncError]]]:
        """lstat each path: its entry, or None if nothing is there, or the error."""

    def entry_at(self, path: RelPath) -> Optional[Entry]:
        """Return the entry at `path`, or None if nothing is there. Raises the error with which it could not be seen."""
        for _path, entry, error in self.look([path]):
            if error is not None:
                raise error
            return entry
        return None

    @abstractmethod
    def digest(self, sizes: Mapping[RelPath, int]) -> Iterator[Digested]:
        """Read each regular file whole and hash it; SourceChanged for a file that turns out to be longer than its size
        in bytes: no peer is read without end."""

    @abstractmethod
    def make_directories(self, paths: Sequence[RelPath]) -> Iterator[Done]:
        """Make each directory, mode 0700 for now; parents come before children. One that is there already is done."""

    @abstractmethod
    def make_links(self, links: Sequence[Tuple[RelPath, bytes]]) -> Iterator[Done]:
        """Make each symbolic link (path, target); AlreadyExists where something is there."""

    @abstractmethod
    def set_attributes(self, changes: Sequence[Tuple[RelPath, Attributes]]) -> Iterator[Done]:
        """Set mode and mtime of files and directories, in the order given; links are never followed where the
        transport can help it."""

    @abstractmethod
    def rename(self, moves: Sequence[Rename]) -> Iterator[Done]:
        """Put each staged file under its final name, atomically where `capabilities.atomic_replace`. `Done.path` is
        `move.path`."""

    @abstractmethod
    def keep_in(self, trash: RelPath, paths: Sequence[RelPath], *, remove: bool) -> Iterator[Done]:
        """Keep each file or link as `trash`/path, directories made as needed. With `remove` it moves there; else it
        keeps its name too (a hard link), so that a rename can replace it; a transport without hard links moves it.
        AlreadyExists where the trash has too many files of this name."""

    @abstractmethod
    def remove_files(self, paths: Sequence[RelPath]) -> Iterator[Done]:
        """Remove each file, link or special entry; one that is gone already is done."""

    @abstractmethod
    def remove_directories(self, paths: Sequence[RelPath]) -> Iterator[Done]:
        """Remove each empty directory, children before parents; one that is gone already is done."""

    @abstractmethod
    def create_file(self, path: RelPath, content: bytes) -> None:
        """Make a small file that was not there, mode 0600. Raises AlreadyExists, ItemError."""

    @abstractmethod
    def read_file(self, path: RelPath, *, limit: int = 65536) -> bytes:
        """Return the first `limit` bytes of a small regular file. Raises NotFound, ItemError."""

    @abstractmethod
    def rename_new(self, old: RelPath, new: RelPath) -> None:
        """Rename, never replacing. Raises NotFound, AlreadyExists, ItemError."""

    @abstractmethod
    def sync_directories(self, paths: Sequence[RelPath]) -> Iterator[Done]:
        """Make names durable: fsync each directory (for `durable`); done without effect where the transport cannot,
        which `capabilities` users learn by a NotSupported error in the result."""

    @abstractmethod
    def close(self) -> None:
        """End the session, release everything. May be called twice."""


class SourceFile(ABC):
    """A regular file that is open for reading on this host. `size` and `mtime` are from the moment it was opened."""

    size: int
    mtime: int

    @abstractmethod
    def read(self, count: int) -> bytes:
        """Return the next bytes, at most `count`; b"" at the end. Raises ItemError."""

    def read_into(self, buffer: memoryview) -> int:
        """`read` as many as `buffer` holds, into it; how many these were."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def go_back(self, offset: int) -> bool:
        """Continue to read at `offset`, before the present byte; return False if the bytes from there are gone."""
        return False

    def arrived(self, size: int) -> None:
        """Take note that `go_back` will not be asked for any of the first `size` bytes."""
        return

    @abstractmethod
    def changed(self, read: Callable[[], bytes]) -> bool:
        """Return whether the bytes that were read may be of two versions. `read` returns the SHA-256 of them, all bytes
        of the file, and is called only if the change time alone differs."""

    @abstractmethod
    def close(self) -> None: ...


def longer(path: RelPath, size: int) -> SourceChanged:
    """Return the error of a file of which a peer sends more than `size` bytes."""
    return SourceChanged(f"it has more than its {size} bytes", path=path)


def read_past(file: SourceFile, size: int, take: Callable[[memoryview], None], between: Callable[[], None]) -> int:
    """Pass the next `size` bytes of a file to `take`; return how many there were. between: called now and then."""
    view, at = memoryview(bytearray(max(0, min(size, 1 << 20)))), 0
    while at < size:
        count = file.read_into(view[: size - at])
        if not count:
            break
        take(view[:count])
        at += count
        between()
    return at


class StageFile(ABC):
    """A new file that is open for writing here, mode 0600. unset: from `finish` on, why attributes were refused."""

    unset: Optional[SyncError] = None

    @abstractmethod
    def write_at(self, data: Buffer, offset: int) -> None:
        """Write all of `data` at `offset`; several threads may. Raises ItemError (NoSpace, ...)."""

    def go_back(self) -> int:
        """Return how many bytes from the beginning are written without a gap. All others will be written again."""
        return 0

    def digest(self, size: int) -> Optional[bytes]:
        """Return the SHA-256 of the `size` bytes that were written, read back from the file; None if that is for later.
        Raises ItemError."""
        return None

    def followed_digest(self, size: int) -> Optional[bytes]:
        """Return the digest if the file was hashed while it was written (large files only), else None."""
        return None

    @abstractmethod
    def finish(self, attributes: Attributes) -> None:
        """Set mode and mtime, sync where the run is durable, close. Raises ItemError, and has removed the file then."""

    @abstractmethod
    def leave(self) -> None:
        """Close the file as it is. Never raises."""

    @abstractmethod
    def abandon(self) -> None:
        """Close and remove the file, or do nothing after `finish`. Never raises."""


class Sources(ABC):
    """Files that can be uploaded."""

    @abstractmethod
    def open_source(self, path: RelPath) -> SourceFile:
        """Open a regular file for reading, never following a link, never blocking on a fifo. Raises ItemError."""


class LocalSide(Transport, Sources):
    """A tree whose files can be opened in this process.

    stamped: whether change times and inode numbers distinguish the states of a file on this side
    notes: messages for the operator about the file system
    unset: as in Staged, of the files that were opened as they got their names
    """

    stamped = False
    notes: Sequence[str] = ()
    unset: Mapping[RelPath, SyncError] = {}

    @abstractmethod
    def digest(self, sizes: Iterable[RelPath]) -> Iterator[Digested]:
        """Implement Transport.digest; a file is read to the size that it has, which is in the result."""

    def stamps(self, paths: Iterable[RelPath]) -> Stamps:
        """Return the stamps of the regular files in `paths`; empty unless `stamped`."""
        return {}

    def call_meanwhile(self, action: Callable[[], None]) -> None:
        """Call `action` every second or so while files are hashed, or a large file is prepared for sending."""

    @abstractmethod
    def create_stage(self, path: RelPath, kept: Optional[Kept] = None) -> StageFile:
        """Create `path` for writing, 0600 from the first byte; or open it behind the bytes that an earlier run left. If
        that is not possible, it is created again, and `kept` learns it. Raises AlreadyExists, ItemError."""

    @abstractmethod
    def reopen_stage(self, path: RelPath) -> StageFile:
        """Open a finished stage for new content, which is written from the first byte on. Its end is the end of the
        file. Raises ItemError."""


class PeerTransport(Transport):
    """A tree at the far end of a session."""

    identity: PeerIdentity
    notes: Sequence[str]
    """Fall-backs taken so far, in words."""
    carried: int
    """Content bytes that have crossed all sessions, in both directions. May be read from any thread."""

    def halfway(self) -> Mapping[RelPath, int]:
        """Return the files that the lost session left halfway, by stage, or by path where they were hashed: how many
        bytes of each are known to be done. The same operation continues there in the next session."""
        return {}

    def forget_halfway(self) -> None:
        """Close the files that were left halfway. Their stages are for the caller to remove."""

    def ready(self) -> bool:
        """Return whether the next operation would not have to wait for the login."""
        return True

    @abstractmethod
    def upload(self, transfers: Iterable[Transfer], source: Sources) -> Iterator[Staged]:
        """Write each source file to its stage, 0600 from the first byte, every reply seen; then set its attributes.
        A stage that failed is removed, but in place no file that was there before. SourceChanged where the source did
        not hold still."""

    @abstractmethod
    def download(self, transfers: Iterable[Transfer], sink: LocalSide) -> Iterator[Staged]:
        """Read each source file into its stage at `sink`. A stage that failed is removed. SourceChanged where size or
        mtime differ between the moment it was opened and the last byte."""

    def sends_blocks(self) -> bool:
        """Return whether the server can make a part of a new file from the file that it replaces."""
        return False

    def copy(self, transfers: Iterable[Transfer]) -> Iterator[Staged]:
        """Let the server copy each source, a file of its own tree, to its stage, 0600 from the first byte; then set its
        attributes. A stage that failed is removed. entry: the source as it was listed; SourceChanged if it is another
        now. Only if `capabilities.copies`."""
        raise NotSupported("the server does not copy files")

    def hashes_blocks(self) -> bool:
        """Return whether the server can hash the blocks of a file. Asks the server once."""
        return False

    def foresee_server_hash(self) -> None:
        """Prepare for `server_hash`, which will be called soon: slow preparations may begin."""

    @abstractmethod
    def server_hash(self) -> Optional[str]:
        """Return the name of the way in which the server itself hashes files ("check-file", "sha256sum"), or None. Asks
        the server once."""

    @abstractmethod
    def digest_by_server(self, paths: Iterable[RelPath]) -> Iterator[Digested]:
        """Like `digest`, but the server hashes the files. Raises NotSupported if there is no `server_hash`."""

    @abstractmethod
    def touch_every(self, path: RelPath, seconds: float) -> None:
        """From now on set the mtime of `path` to the present every so many seconds, while the session works: the
        heartbeat of the run that holds the lock. `seconds` 0 ends it."""

    def beat(self) -> None:
        """Send the heartbeat if it is due, and wait for nothing. Called while the session has no work for long, also by
        a source that is being opened for an upload. A transport whose heartbeats have a thread does nothing."""

    def foresee_setting(self) -> None:
        """Find out by a request that changes nothing whether modes and times can be set, for a push that makes no lock.
        A transport that finds it out in another way does nothing."""

    def move_root(self, root: bytes) -> bool:
        """Make `root` the root from now on, in the same session; False if that takes a transport of its own."""
        return False

    @abstractmethod
    def reconnect(self) -> None:
        """Close the session and open a new session, verified again. Raises the errors of the first connection."""
