# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entry and Tree: the entries on each side; StampColumns: the stamps of a tree's files, in little memory;
PairedDigests: the digests of two trees that were recorded, and the digests that were learned since.

Most files of two trees that are synchronized again are equal. Their digests are not needed, so they are not loaded: a
set of paths is kept, and the record of a side is asked for a digest when it is needed.
"""

from __future__ import annotations

from bisect import bisect_left
from struct import Struct
from typing import (
    AbstractSet,
    Any,
    Callable,
    Dict,
    Iterable,
    Iterator,
    List,
    Mapping,
    MutableMapping,
    NamedTuple,
    Optional,
    Set,
    Tuple,
    TypeVar,
    cast,
)

from .relpath import RelPath

Path = TypeVar("Path", bound=bytes)

_NOTHING: AbstractSet[bytes] = frozenset()

DIRECTORY = "directory"
FILE = "file"
LINK = "link"
SPECIAL = "special"
"""Anything that is neither: fifo, socket, device. Never opened."""

PERMISSION_BITS = 0o777
"""The bits of a mode that travel. Set-user-ID, set-group-ID and sticky stay where they are."""
MODES = tuple(range(PERMISSION_BITS + 1))
"""Each mode as an object that all entries share."""
STAMP = Struct("<qQ")
"""A file's change time (nanoseconds since 1970) and inode number. Every change of content updates the change time, and
it cannot be set by hand; a file that replaces it has another inode."""
Stamps = Mapping[bytes, bytes]
"""path -> STAMP, of the files of a tree on this host."""
Digests = MutableMapping[bytes, bytes]
"""The known digests of a tree's files: path (a RelPath, or the same bytes) -> SHA-256, 32 bytes. Separate from Tree,
because a scan does not know them."""
_WIDTH = STAMP.size


class Entry(NamedTuple):
    """One entry of a tree, as lstat(2) sees it.

    size: bytes (0 unless FILE)
    mtime: nanoseconds since 1970
    mode: permission bits
    target: where a LINK points, where asked for
    """

    kind: str
    size: int
    mtime: int
    mode: int
    target: Optional[bytes] = None


class Attributes(NamedTuple):
    """Attributes to set on an entry; None keeps an attribute.

    mode: permission bits
    mtime: nanoseconds since 1970
    """

    mode: Optional[int] = None
    mtime: Optional[int] = None


Tree = Dict[RelPath, Entry]
"""A tree below a root, without the root itself; not necessarily sorted."""


def find_by_bytes(tree: Tree) -> Callable[[bytes], Optional[Entry]]:
    """Return the look-up for paths in plain bytes, which a dictionary takes for an equal RelPath."""
    return cast("Callable[[bytes], Optional[Entry]]", tree.get)


class StampColumns(Mapping[bytes, bytes]):
    """Looks up the files of a directory fast in the order of their paths."""

    def __init__(self) -> None:
        self._columns: Dict[bytes, _Column] = {}

    def add(self, directory: bytes, found: Mapping[bytes, bytes]) -> None:
        """Add stamps of files in one directory, which replace those that were added before."""
        if found:
            self._columns.setdefault(directory, _Column()).add(found)

    def take(self, found: Mapping[bytes, bytes]) -> None:
        """Add stamps of files in any directories."""
        by_directory: Dict[bytes, Dict[bytes, bytes]] = {}
        for path, stamp in found.items():
            by_directory.setdefault(_directory_of(path), {})[path] = stamp
        for directory, stamps in by_directory.items():
            self.add(directory, stamps)

    def forget(self, directory: bytes, paths: AbstractSet[bytes]) -> None:
        """Remove the stamps of these files in one directory."""
        column = self._columns.get(directory)
        if column is not None and not column.forget(paths):
            del self._columns[directory]

    def get(self, key: bytes, default: Optional[bytes] = None) -> Optional[bytes]:  # type: ignore[override]
        """Return the stamp of a file; `default` if it has none."""
        column = self._columns.get(_directory_of(key))
        stamp = None if column is None else column.find(key)
        return default if stamp is None else stamp

    def __getitem__(self, path: bytes) -> bytes:
        stamp = self.get(path)
        if stamp is None:
            raise KeyError(path)
        return stamp

    def __contains__(self, path: object) -> bool:
        return isinstance(path, bytes) and self.get(path) is not None

    def __iter__(self) -> Iterator[bytes]:
        for column in self._columns.values():
            yield from column.sorted_paths()

    def __len__(self) -> int:
        return sum(len(column.sorted_paths()) for column in self._columns.values())

    def __bool__(self) -> bool:
        return bool(self._columns)


class _Column:
    """The files of one directory. They are sorted when one of them is looked up. at: the last place that was found."""

    __slots__ = ("_at", "_paths", "_sorted", "_stamps")

    def __init__(self) -> None:
        self._paths: List[bytes] = []
        self._stamps = bytearray()
        self._sorted = True
        self._at = 0

    def add(self, found: Mapping[bytes, bytes]) -> None:
        self._paths.extend(found)
        self._stamps += b"".join(found.values())
        self._sorted = False

    def forget(self, paths: AbstractSet[bytes]) -> bool:
        """Return whether any file is left."""
        kept = {path: stamp for path, stamp in self._by_path().items() if path not in paths}
        self._paths, self._stamps, self._sorted = [], bytearray(), True
        self.add(kept)
        return bool(kept)

    def _by_path(self) -> Dict[bytes, bytes]:
        stamps = bytes(self._stamps)
        return dict(zip(self._paths, (stamps[start : start + _WIDTH] for start in range(0, len(stamps), _WIDTH))))

    def sorted_paths(self) -> List[bytes]:
        """Return each path once."""
        if not self._sorted:
            found = self._by_path()
            paths = sorted(found)
            stamps = bytearray(b"").join([found[path] for path in paths])
            # Together: an interrupt in between would leave stamps at other paths.
            self._paths, self._stamps, self._sorted, self._at = paths, stamps, True, 0
        return self._paths

    def find(self, path: bytes) -> Optional[bytes]:
        paths, at = self.sorted_paths(), self._at
        if at >= len(paths) or paths[at] != path:
            at = at + 1 if at + 1 < len(paths) and paths[at + 1] == path else bisect_left(paths, path)
            if at >= len(paths) or paths[at] != path:
                return None
            self._at = at
        return bytes(self._stamps[at * _WIDTH : at * _WIDTH + _WIDTH])


def _directory_of(path: bytes) -> bytes:
    return path.rpartition(b"/")[0]


def by_directory(paths: Iterable[Path]) -> List[Path]:
    """Return paths, directory by directory."""
    found: Dict[bytes, List[Path]] = {}
    for path in paths:
        found.setdefault(path.rpartition(b"/")[0], []).append(path)
    return [path for some in found.values() for path in some]


class RecordedSide:
    """The record of one side.

    paths: the files whose record still holds; not changed any more
    look: returns the recorded digest of such a file; None if it cannot be read any more
    """

    __slots__ = ("look", "paths")

    def __init__(self, paths: AbstractSet[bytes], look: Callable[[bytes], Optional[bytes]]) -> None:
        self.paths = paths
        self.look = look


class _Alike:
    """paths: the files whose recorded digests are equal at both sides, and which no side has changed since."""

    __slots__ = ("_own", "paths")

    def __init__(self, paths: AbstractSet[bytes]) -> None:
        self.paths = paths
        self._own: Optional[Set[bytes]] = None

    def without(self, path: bytes) -> None:
        if path in self.paths:
            if self._own is None:
                self.paths = self._own = set(self.paths)
            self._own.discard(path)


class PairedDigests(MutableMapping[bytes, bytes]):
    """The digests of one side. alike: shared with the other side."""

    def __init__(self, side: RecordedSide, alike: _Alike) -> None:
        self.alike = alike
        self._side = side
        self._learned: Dict[bytes, bytes] = {}
        self._gone: Set[bytes] = set()

    def __contains__(self, path: object) -> bool:
        return path in self._learned or (path in self._side.paths and path not in self._gone)

    def __getitem__(self, path: bytes) -> bytes:
        digest: Optional[bytes] = self.get(path)
        if digest is None:
            raise KeyError(path)
        return digest

    def get(self, key: bytes, default: Any = None) -> Any:
        """Return the digest of a file; `default` if it is not known."""
        digest = self._learned.get(key)
        if digest is None and key in self._side.paths and key not in self._gone:
            digest = self._side.look(key)
        return default if digest is None else digest

    def __setitem__(self, path: bytes, digest: bytes) -> None:
        self.alike.without(path)
        self._learned[path] = digest

    def __delitem__(self, path: bytes) -> None:
        if path not in self:
            raise KeyError(path)
        self.alike.without(path)
        self._learned.pop(path, None)
        self._gone.add(path)

    def __iter__(self) -> Iterator[bytes]:
        yield from self._learned
        # A record looks up the files of a directory fast in a row.
        yield from by_directory(
            path for path in self._side.paths if path not in self._learned and path not in self._gone
        )

    def __len__(self) -> int:
        recorded, learned = self._side.paths, self._learned
        lost = sum(path in recorded and path not in learned for path in self._gone)
        return len(recorded) - lost + sum(path not in recorded for path in learned)

    def __bool__(self) -> bool:
        return bool(self._learned) or any(path not in self._gone for path in self._side.paths)


def paired_digests(one: RecordedSide, other: RecordedSide, differing: AbstractSet[bytes]) -> Tuple[Digests, Digests]:
    """Return the digests of both sides. differing: files that are recorded with different digests."""
    if differing or one.paths != other.paths:
        paths: AbstractSet[bytes] = (one.paths & other.paths) - differing
    else:
        paths = one.paths
    alike = _Alike(paths)
    return PairedDigests(one, alike), PairedDigests(other, alike)


def known_alike(one: Digests, other: Digests) -> AbstractSet[bytes]:
    """Return files whose digest is known and equal at both sides; there may be more of them."""
    if isinstance(one, PairedDigests) and isinstance(other, PairedDigests) and one.alike is other.alike:
        return one.alike.paths
    return _NOTHING
