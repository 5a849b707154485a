# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The digests of a manifest in columns, which are read several times faster than its text.

A cache, as Python's .pyc files are: it holds the seal of the manifest that it was made of, and counts only beside that
one. What is cut or changed is not believed.

    magic | seal of the manifest | count | sizes | mtimes | digests | names, NUL between | SHA-256 of all before

Numbers are 64 bits, little-endian; mtimes are nanoseconds, signed.
"""

from __future__ import annotations

import sys
from array import array
from struct import Struct
from typing import Iterable, Optional

from ..model.tree import FILE, Digests, Tree
from .digest import DIGEST_SIZE, sha256
from .manifest import RecordedFile

__all__ = ["compile_manifest", "read_compiled"]

_MAGIC = b"secure_sync compiled manifest 1\n"
_COUNT = Struct("<Q")
_NUMBER_SIZE = 8
_HEAD_SIZE = len(_MAGIC) + DIGEST_SIZE + _COUNT.size


def compile_manifest(seal: bytes, tree: Tree, digests: Digests) -> Optional[bytes]:
    """The files of `tree` whose digest is known; None where a number does not fit. seal: the SHA-256, 32 bytes, at the
    end of the manifest of the same tree and digests."""
    rows = [(path, entry.size, entry.mtime, digests[path]) for path, entry in tree.items()
            if path in digests and entry.kind == FILE]  # fmt: skip
    names, sizes, mtimes, known = zip(*rows) if rows else ((), (), (), ())
    try:
        numbers = _bytes_of(array("Q", sizes)) + _bytes_of(array("q", mtimes))
    except OverflowError:
        return None
    body = b"".join((_MAGIC, seal, _COUNT.pack(len(rows)), numbers, *known, b"\0".join(names)))
    return body + sha256(body).digest()


def read_compiled(data: bytes, seal: bytes) -> Optional[Iterable[RecordedFile]]:
    """What was compiled from the manifest with this seal; None where `data` is of another one, or cannot be
    believed."""
    body = memoryview(data)[:-DIGEST_SIZE]
    if bytes(body[: _HEAD_SIZE - _COUNT.size]) != _MAGIC + seal or sha256(body).digest() != data[-DIGEST_SIZE:]:
        return None
    count = _COUNT.unpack_from(body, _HEAD_SIZE - _COUNT.size)[0]
    mtimes = _HEAD_SIZE + count * _NUMBER_SIZE
    digests = mtimes + count * _NUMBER_SIZE
    names = digests + count * DIGEST_SIZE
    known = bytes(body[digests:names])
    files = zip(
        _numbers("Q", body[_HEAD_SIZE:mtimes]),
        _numbers("q", body[mtimes:digests]),
        [known[start : start + DIGEST_SIZE] for start in range(0, len(known), DIGEST_SIZE)],
    )
    return zip(bytes(body[names:]).split(b"\0"), files)


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
