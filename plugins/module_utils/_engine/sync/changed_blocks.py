# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is recorded about the blocks of large files at the server.

- The checksums of the blocks (BlockRecord), as bytes: a head, the checksums, and the SHA-256 of both. `differing` finds
  large files here whose first blocks show that their content is another: the rest is read only once, while it is sent.
  Equal blocks prove nothing.
- Delta proofs: recorded digests that rest on blocks which the server copied, unread. They are kept with the record, in
  a text: one line a file, with its digest and its path, and the SHA-256 of all lines. Only a push with `delta` always
  believes them, and counts such a file as `delta` again. For every other run the file has no recorded digest, so that
  its content is compared. The text is written before the record: a digest that is in the record alone was proven whole.
"""

from __future__ import annotations

import hashlib
from struct import Struct
from typing import TYPE_CHECKING, Dict, Iterable, Mapping, NamedTuple, Optional, Set

from ..errors import SyncError
from ..integrity.digest import DIGEST_SIZE, UnusableManifest, sha256
from ..model.blocks import STRONG, WEAK, Blocks, checksum, checksum_at
from ..model.relpath import RelPath
from ..model.report import PROVEN_BY_DELTA
from ..model.request import ALWAYS, PUSH, SyncRequest
from ..model.tree import Digests, Tree
from ..transport.base import LocalSide, SourceFile
from .groups import LARGE
from .record import DELTA, Record

if TYPE_CHECKING:
    from .contents import Contents
    from .proof import Proven


_SHARE = 8
"""Of a file that is equal at both ends, an eighth is read twice at most."""
_MOST_READ = 256 << 20
_FORM = b"blocks-"
_MOST_BYTES = 64 << 20
"""Bytes for one pair of trees: enough for 128 GiB of files of up to 1 GiB."""
_MAGIC = b"secure.ftp_synchronize blocks 1\n"
_HEAD = Struct(">32sQqQII")
"""Digest of the file, its size, its mtime in nanoseconds, bytes of a block, of a checksum, and of the name."""


def differing(record: Record, local: LocalSide, tree: Tree, known: Digests, paths: Iterable[RelPath]) -> Set[RelPath]:
    """Return the large files of `paths` that are seen to differ. known: the digests of the files at the server."""
    blocks, found = BlockRecord(record), set()
    for path in paths:
        size = tree[path].size
        recorded = blocks.find(path) if size >= LARGE else None
        if recorded is None or (recorded.size, recorded.digest) != (size, known.get(path)):
            continue
        if _differs(local, path, recorded):
            found.add(path)
    return found


def _differs(local: LocalSide, path: RelPath, recorded: RecordedBlocks) -> bool:
    try:
        file = local.open_source(path)
    except SyncError:
        return False  # It is tried again when the file is hashed, and reported then.
    try:
        return _another_block(file, recorded)
    except SyncError:
        return False
    finally:
        file.close()


def _another_block(file: SourceFile, recorded: RecordedBlocks) -> bool:
    """Return whether one of the first blocks is another."""
    known = recorded.blocks
    for number in range(min(recorded.size // _SHARE, _MOST_READ) // known.block):
        data = file.read(known.block)
        if len(data) < known.block:
            return False
        if checksum(data, strong=known.strong) != checksum_at(known, number):
            return True
    return False


class BlockRecord:
    """The block digests of large files at the server, one small file each, kept with the record of digests.

    They are valid for one content: for a file whose whole digest is known to be the recorded digest. The files of one
    pair of trees take a bounded space; the files that were written first are removed first. A lost file costs only
    time.
    """

    def __init__(self, record: Record, *, most: int = _MOST_BYTES) -> None:
        self._record = record
        self._most = most

    def find(self, path: RelPath) -> Optional[RecordedBlocks]:
        """Return the blocks of a file as they were recorded last; None if there are none."""
        try:
            data = self._record.load_text(_form(path))
            return read_blocks(data, self._name(path)) if data else None
        except UnusableManifest:
            return None

    def forget(self, paths: Iterable[RelPath]) -> None:
        """Remove the blocks of files that are about to be replaced."""
        self._record.forget_texts([_form(path) for path in paths])

    def keep(self, path: RelPath, recorded: RecordedBlocks) -> None:
        """Record the blocks of one file. An error costs only time."""
        try:
            self._record.save_text(_form(path), write_blocks(self._name(path), recorded))
        except (OSError, UnusableManifest):
            return

    def trim(self) -> None:
        """Remove the files that were written first, beyond the space for this pair of trees."""
        self._record.trim_texts(_FORM, self._most)

    def _name(self, path: RelPath) -> bytes:
        return self._record.about + b" " + path


def _form(path: RelPath) -> bytes:
    return _FORM + hashlib.sha256(path).hexdigest()[:32].encode()


def settle(record: Record, request: SyncRequest, known: Digests) -> Set[RelPath]:
    """Return the files whose digests this run believes; for all other runs, remove those digests.

    known: the recorded digests of the peer's files
    """
    try:
        proofs = load(record)
    except UnusableManifest:
        _drop(known, list(known))  # Each of them may be such a digest.
        return set()
    mine = {path for path, digest in proofs.items() if known.get(path) == digest}
    if _believes(request):
        return mine
    _drop(known, mine)
    return set()


def _drop(known: Digests, paths: Iterable[bytes]) -> None:
    for path in paths:
        del known[path]


def _believes(request: SyncRequest) -> bool:
    """Return whether a run may leave the content of such files unread: it deletes and attests nothing for it."""
    return request.direction == PUSH and request.delta == ALWAYS and not request.attests


def proofs_after(
    record: Record, known: Digests, contents: Contents, stored: Mapping[RelPath, Proven]
) -> Dict[RelPath, bytes]:
    """Return the digests that rest on copies after a run.

    known: the peer's digests after it. If the text is unusable, those that this run did not learn are removed.
    """
    try:
        before = load(record)
    except UnusableManifest:
        before = {}
        _drop(known, [path for path in known if path not in contents.compared and path not in stored])
    after = {
        path: digest
        for path, digest in before.items()
        if path not in contents.proofs and path not in stored and known.get(path) == digest
    }
    for path, proven in stored.items():
        if proven.proof == PROVEN_BY_DELTA and proven.destination is not None and path in known:
            after[path] = proven.destination
    return after


def load(record: Record) -> Dict[RelPath, bytes]:
    """Return the digests by path. Raises UnusableManifest."""
    lines = (line.split(b" ") for line in record.load_lines(DELTA))
    return {RelPath(bytes.fromhex(path.decode())): bytes.fromhex(digest.decode()) for digest, path in lines}


def save(record: Record, proofs: Mapping[RelPath, bytes]) -> None:
    """Replace the digests. Raises OSError, UnusableManifest."""
    lines = (b"%s %s" % (digest.hex().encode(), path.hex().encode()) for path, digest in sorted(proofs.items()))
    record.save_lines(DELTA, lines)


class RecordedBlocks(NamedTuple):
    """The blocks of a file at the server, as it was proven. digest: SHA-256 of the file. mtime: nanoseconds."""

    digest: bytes
    size: int
    mtime: int
    blocks: Blocks


def write_blocks(name: bytes, recorded: RecordedBlocks) -> bytes:
    """Return the bytes of a record. name: of the file and its tree."""
    digest, size, mtime, (block, sums, strong) = recorded
    head = _HEAD.pack(digest, size, mtime, block, STRONG if strong else WEAK, len(name))
    body = b"".join((_MAGIC, head, name, sums))
    return body + sha256(body).digest()


def read_blocks(data: bytes, name: bytes) -> RecordedBlocks:
    """Return the record of the file `name`. Raises UnusableManifest."""
    body, seal = data[:-DIGEST_SIZE], data[-DIGEST_SIZE:]
    start = len(_MAGIC) + _HEAD.size
    if not body.startswith(_MAGIC) or len(body) < start or sha256(body).digest() != seal:
        raise UnusableManifest("it is truncated, changed, or of another version")
    digest, size, mtime, block, each, length = _HEAD.unpack_from(body, len(_MAGIC))
    sums = body[start + length :]
    if body[start : start + length] != name:
        raise UnusableManifest("it belongs to another file")
    if block < 1 or each not in (STRONG, WEAK) or len(sums) != -(-size // block) * each:
        raise UnusableManifest("it does not have one checksum for each block")
    return RecordedBlocks(digest, size, mtime, Blocks(block, sums, each == STRONG))
