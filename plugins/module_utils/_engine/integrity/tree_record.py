# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proven digests of a whole tree as a file: a block for each directory, with a column for each property.

A run compares a directory with its block while the directory is listed, so a record of a million files takes no more
memory than one of a thousand: only the position of each block is kept. A block is sorted by name: the blocks of both
sides are equal, byte for byte, in a directory whose files are equal.

    magic | name of the tree, line feed | blocks | SHA-256 of it all
    block: header | directory | names, NUL between | sizes | mtimes | stamps, if any | digests

Numbers are 64 bits, little-endian; mtimes are nanoseconds, signed; a missing stamp is 16 zero bytes. A file whose
numbers do not fit is left out: it is hashed again. A truncated or changed record, and a record of another version, is
rejected as a whole.
"""

from __future__ import annotations

import sys
from array import array
from io import BytesIO
from itertools import repeat
from struct import Struct
from struct import error as StructError
from typing import TYPE_CHECKING, BinaryIO, Callable, Dict, Iterable, Iterator, List, NamedTuple, Optional, Tuple

from ..errors import OperationFailed
from ..model.tree import FILE, STAMP, Digests, Entry, Tree
from .digest import DIGEST_SIZE, UnusableManifest, sha256

if TYPE_CHECKING:
    from .manifest import RecordedFile

_MAGIC = b"secure_sync record 3\n"
_HEADER = Struct("<IIQ?")
"""Length of the directory, number of files, length of the names, whether there are stamps."""
NO_STAMP = bytes(STAMP.size)
_NUMBER_SIZE = 8
_LAST_SIZE = (1 << 64) - 1
_MTIMES = (-(1 << 63), (1 << 63) - 1)
_OTHER_VERSION = "it was written by another version"
_DAMAGED = "it is damaged"

Row = Tuple[int, int, bytes]
"""Size, mtime and stamp of a file; the stamp is NO_STAMP if it is not known."""


class Block(NamedTuple):
    """The files of one directory as they were recorded, in columns.

    names: NUL between
    stamps: None if none is recorded
    digests: of 32 bytes each
    """

    directory: bytes
    names: bytes
    sizes: array[int]
    mtimes: array[int]
    stamps: Optional[bytes]
    digests: bytes

    def paths(self) -> List[bytes]:
        names = self.names.split(b"\0")
        if not self.directory:
            return names
        prefix = self.directory + b"/"
        return [prefix + name for name in names]

    def rows(self) -> Dict[bytes, Row]:
        stamps = repeat(NO_STAMP) if self.stamps is None else _pieces(self.stamps, STAMP.size)
        return dict(zip(self.paths(), zip(self.sizes, self.mtimes, stamps)))

    def digests_by_path(self) -> Dict[bytes, bytes]:
        return dict(zip(self.paths(), _pieces(self.digests, DIGEST_SIZE)))

    def files(self) -> Iterator[RecordedFile]:
        digests = self.digests_by_path()
        for path, (size, mtime, stamp) in self.rows().items():
            yield path, (size, mtime, digests[path], b"" if stamp == NO_STAMP else stamp)


class TreeRecord:
    """A record, open for reading. size: of the file.

    Raises UnusableManifest, and nothing else for any bytes.
    """

    def __init__(self, file: BinaryIO, about: bytes, size: int) -> None:
        self._file = file
        self._blocks: Dict[bytes, int] = {}
        self._digests: Tuple[bytes, Dict[bytes, bytes]] = b"", {}
        self._index(about, size - DIGEST_SIZE)

    def _index(self, about: bytes, end: int) -> None:
        """Check the whole file, and keep the position of each block."""
        hashed = sha256(b"")
        if self._take(len(_MAGIC), hashed.update) != _MAGIC:
            raise UnusableManifest(_OTHER_VERSION)
        if self._take(len(about) + 1, hashed.update) != about + b"\n":
            raise UnusableManifest("it belongs to another pair of trees")
        position = len(_MAGIC) + len(about) + 1
        while position < end:
            header = self._take(_HEADER.size, hashed.update)
            if len(header) < _HEADER.size:
                raise UnusableManifest(_DAMAGED)
            above, count, names, stamped = _HEADER.unpack(header)
            size = above + names + count * _row_size(stamped=stamped)
            if not count or position + _HEADER.size + size > end:
                raise UnusableManifest(_DAMAGED)
            directory = self._take(above, hashed.update)
            if directory in self._blocks:
                raise UnusableManifest(_DAMAGED)
            self._take(size - above, hashed.update)
            self._blocks[directory] = position
            position += _HEADER.size + size
        if position != end or self._file.read(DIGEST_SIZE) != hashed.digest():
            raise UnusableManifest(_DAMAGED)

    def _take(self, size: int, feed: Callable[[bytes], object]) -> bytes:
        data = self._file.read(size)
        feed(data)
        return data

    @property
    def directories(self) -> Iterable[bytes]:
        return self._blocks

    def block(self, directory: bytes) -> Optional[Block]:
        """Return the block of a directory; None if nothing is recorded there."""
        position = self._blocks.get(directory)
        if position is None:
            return None
        try:
            return self._read_block(directory, position)
        except (OSError, ValueError, StructError) as error:  # The file was whole when it was opened.
            raise OperationFailed(
                f"the recorded digests cannot be read any more: {error}", cure="Run the task again."
            ) from None

    def _read_block(self, directory: bytes, position: int) -> Block:
        self._file.seek(position)
        above, count, names, stamped = _HEADER.unpack(self._file.read(_HEADER.size))
        numbers, stamps = count * _NUMBER_SIZE, count * STAMP.size if stamped else 0
        size = above + names + count * _row_size(stamped=stamped)
        body = self._file.read(size)
        if len(body) < size:
            raise ValueError(_DAMAGED)
        first = above + names
        second = first + numbers
        third = second + numbers
        fourth = third + stamps
        return Block(
            directory,
            body[above:first],
            _numbers("Q", body[first:second]),
            _numbers("q", body[second:third]),
            body[third:fourth] if stamped else None,
            body[fourth:],
        )

    def digest(self, path: bytes) -> Optional[bytes]:
        """Return the recorded digest of a file. Files of one directory are looked up fast in a row."""
        directory = path.rpartition(b"/")[0]
        if not self._digests[1] or self._digests[0] != directory:
            block = self.block(directory)
            self._digests = directory, {} if block is None else block.digests_by_path()
        return self._digests[1].get(path)

    def files(self) -> Iterator[RecordedFile]:
        for directory in self._blocks:
            block = self.block(directory)
            if block is not None:
                yield from block.files()


def write_tree_record(
    file: BinaryIO, about: bytes, tree: Tree, digests: Digests, stamp_of: Optional[Callable[[bytes], Optional[bytes]]]
) -> None:
    """Write the files of `tree` whose digest is known. stamp_of: None if stamps do not count on this side."""
    hashed = sha256(b"")

    def write(*parts: bytes) -> None:
        for part in parts:
            hashed.update(part)
            file.write(part)

    write(_MAGIC, about, b"\n")
    for directory, files in _by_directory(tree).items():
        files.sort()
        known = [(path, digests.get(path)) for path in files]
        paths = [path for path, digest in known if digest is not None]
        if not paths:
            continue
        start = len(directory) + 1 if directory else 0
        names = b"\0".join([path[start:] for path in paths])
        rows = [tree[path] for path in paths]  # type: ignore[index]  # bytes that equal a RelPath
        sizes, mtimes = array("Q", [row[1] for row in rows]), array("q", [row[2] for row in rows])
        write(_HEADER.pack(len(directory), len(paths), len(names), stamp_of is not None), directory, names)
        write(_bytes_of(sizes), _bytes_of(mtimes))
        if stamp_of is not None:
            write(b"".join([stamp_of(path) or NO_STAMP for path in paths]))
        write(b"".join([digest for _path, digest in known if digest is not None]))
    file.write(hashed.digest())


def from_manifest(data: bytes, about: bytes) -> TreeRecord:
    """Return the record that a former version wrote as a manifest. Raises UnusableManifest."""
    from .manifest import read_manifest  # pylint: disable=import-outside-toplevel

    files = read_manifest(data)
    tree: Tree = {path: Entry(FILE, file.size, file.mtime, 0) for path, file in files.items()}
    digests: Digests = {path: file.digest for path, file in files.items()}
    stamps = {bytes(path): file.stamp for path, file in files.items()}
    made = BytesIO()
    write_tree_record(made, about, tree, digests, stamps.get)
    size = made.tell()
    made.seek(0)
    return TreeRecord(made, about, size)


def _by_directory(tree: Tree) -> Dict[bytes, List[bytes]]:
    """Return the files whose numbers fit, by directory."""
    found: Dict[bytes, List[bytes]] = {}
    least, most = _MTIMES
    for path, entry in tree.items():
        if entry[0] == FILE and entry[1] <= _LAST_SIZE and least <= entry[2] <= most:
            found.setdefault(path.rpartition(b"/")[0], []).append(path)
    return found


def _row_size(*, stamped: bool) -> int:
    return 2 * _NUMBER_SIZE + DIGEST_SIZE + (STAMP.size if stamped else 0)


def _pieces(data: bytes, size: int) -> List[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


def _bytes_of(numbers: array[int]) -> bytes:
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def _numbers(kind: str, data: bytes) -> array[int]:
    numbers = array(kind)
    numbers.frombytes(data)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
