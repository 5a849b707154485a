# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The digests of a manifest in columns, which are read several times faster than its text.

A cache, like Python's .pyc files: it holds the seal of its manifest, and is valid only with that manifest. Truncated
or changed data is ignored.

    magic | seal of the manifest | count | sizes | mtimes | digests | stamps | names, NUL between | SHA-256 of it all

Numbers are 64 bits, little-endian; mtimes are nanoseconds, signed; a missing stamp is 16 zero bytes.
"""

from __future__ import annotations

import sys
from array import array
from itertools import repeat
from struct import Struct
from typing import Iterable, List, Optional

from ..model.tree import FILE, STAMP, Digests, Stamps, Tree
from .digest import DIGEST_SIZE, sha256
from .manifest import RecordedFile

__all__ = ["compile_manifest", "read_compiled"]

_MAGIC = b"secure_sync compiled manifest 2\n"
_COUNT = Struct("<Q")
_NO_STAMP = bytes(STAMP.size)
_NUMBER_SIZE = 8
_HEAD_SIZE = len(_MAGIC) + DIGEST_SIZE + _COUNT.size


def compile_manifest(seal: bytes, tree: Tree, digests: Digests, stamps: Stamps) -> Optional[bytes]:
    """Return the files of `tree` whose digest is known; None if a number does not fit. seal: the SHA-256, 32 bytes, at
    the end of the manifest of the same tree and digests."""
    rows = [(path, entry.size, entry.mtime, digests[path], stamps.get(path, _NO_STAMP)) for path, entry in tree.items()
            if path in digests and entry.kind == FILE]  # fmt: skip
    names, sizes, mtimes, known, changed = zip(*rows) if rows else ((), (), (), (), ())
    try:
        numbers = _bytes_of(array("Q", sizes)) + _bytes_of(array("q", mtimes))
    except OverflowError:
        return None
    body = b"".join((_MAGIC, seal, _COUNT.pack(len(rows)), numbers, *known, *changed, b"\0".join(names)))
    return body + sha256(body).digest()


def read_compiled(data: bytes, seal: bytes) -> Optional[Iterable[RecordedFile]]:
    """Return the compiled records of the manifest with this seal; None if `data` is for another manifest or damaged."""
    body = memoryview(data)[:-DIGEST_SIZE]
    if bytes(body[: _HEAD_SIZE - _COUNT.size]) != _MAGIC + seal or sha256(body).digest() != data[-DIGEST_SIZE:]:
        return None
    count = _COUNT.unpack_from(body, _HEAD_SIZE - _COUNT.size)[0]
    mtimes = _HEAD_SIZE + count * _NUMBER_SIZE
    digests = mtimes + count * _NUMBER_SIZE
    stamps = digests + count * DIGEST_SIZE
    names = stamps + count * STAMP.size
    files = zip(
        _numbers("Q", body[_HEAD_SIZE:mtimes]),
        _numbers("q", body[mtimes:digests]),
        _pieces(body[digests:stamps], DIGEST_SIZE),
        _stamps(body[stamps:names]),
    )
    return zip(bytes(body[names:]).split(b"\0"), files)


def _pieces(data: memoryview, size: int) -> List[bytes]:
    whole = bytes(data)
    return [whole[start : start + size] for start in range(0, len(whole), size)]


def _stamps(data: memoryview) -> Iterable[bytes]:
    """Return the stamps; b"" for each that there is not. All or none are there, in general."""
    if not bytes(data).strip(b"\0"):
        return repeat(b"")
    return [b"" if stamp == _NO_STAMP else stamp for stamp in _pieces(data, STAMP.size)]


def _bytes_of(numbers: array[int]) -> bytes:
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def _numbers(kind: str, data: memoryview) -> array[int]:
    numbers = array(kind)
    numbers.frombytes(data)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
