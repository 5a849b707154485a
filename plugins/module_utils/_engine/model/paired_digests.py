# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The digests of two trees that were recorded, and the digests that were learned since.

Most files of two trees that are synchronized again are equal. Their digests are not needed, so they are not loaded: a
set of paths is kept, and the record of a side is asked for a digest when it is needed.
"""

from __future__ import annotations

from typing import (
    AbstractSet,
    Any,
    Callable,
    Dict,
    Iterable,
    Iterator,
    List,
    MutableMapping,
    Optional,
    Set,
    Tuple,
    TypeVar,
)

from .tree import Digests

Path = TypeVar("Path", bound=bytes)

_NOTHING: AbstractSet[bytes] = frozenset()


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
