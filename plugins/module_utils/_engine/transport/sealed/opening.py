# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Open a received file: its content goes to a temporary file, which is whole and has its attributes at the end.

A small file is opened in memory, and its content replaces it: to make a file costs more than to open it. The content
of a larger file goes to a second temporary file.
"""

from __future__ import annotations

import io
from typing import NamedTuple, Optional, Tuple

from ...errors import DigestMismatch, ItemError, SealedDamaged, SyncError
from ...integrity.digest import sha256
from ...model.relpath import RelPath
from ...model.tree import Attributes
from ...sealing.pairs import Pair, PairBook
from ...sealing.provider import Opener
from ..base import LocalSide, SourceFile, StageFile

_SUFFIX = b".open"
"""After the name of the received file."""
_SMALL = 1 << 20
"""Bytes."""
_MOST_GROWTH = 1100
"""Times the bytes of the received file. Of the methods of OpenPGP, zlib reaches 1032; bzip2 has no such limit, and a
few bytes of it would fill the disk."""


class Opened(NamedTuple):
    """stage: the temporary name of the content. unset: why its attributes were refused."""

    pair: Pair
    stage: RelPath
    unset: Optional[SyncError]


class _Large(Exception):
    """The content is too large for memory."""


class _Sealed:
    """Reads and hashes the received file."""

    def __init__(self, file: SourceFile) -> None:
        self._file = file
        self.size = 0
        self._digest = sha256()

    def read(self, count: int) -> bytes:
        data = self._file.read(count)
        self.size += len(data)
        self._digest.update(data)
        return data

    def read_rest(self) -> None:
        while self.read(1 << 18):
            pass

    def digest(self) -> bytes:
        return self._digest.digest()


class _Content:
    """Writes and hashes the content, which has at most `most` bytes."""

    def __init__(self, stage: StageFile, most: int, error: SyncError) -> None:
        self._stage = stage
        self._most = most
        self._error = error
        self.size = 0
        self._digest = sha256()

    def write(self, data: bytes) -> None:
        if self.size + len(data) > self._most:
            raise self._error
        self._stage.write_at(data, self.size)
        self.size += len(data)
        self._digest.update(data)

    def digest(self) -> bytes:
        return self._digest.digest()


def opened(
    side: LocalSide, received: RelPath, attributes: Attributes, opener: Opener, book: PairBook, plain: RelPath
) -> Opened:
    """Return the content of the file `received` under a temporary name. plain: its final name.

    Raises IdentityMissing, SealedDamaged, DigestMismatch, ItemError; nothing of the content is left then.
    """
    small = _opened_in_memory(side, received, opener)
    if small is None:
        return _opened_beside(side, received, attributes, opener, book, plain)
    pair, content = small
    _require_signed(pair, book, plain)
    try:
        stage = side.reopen_stage(received)
    except ItemError:  # not a file of this user alone: file systems can show other owners
        return _opened_beside(side, received, attributes, opener, book, plain)
    try:
        stage.write_at(content, 0)
        stage.finish(attributes)
    except BaseException:
        stage.abandon()
        raise
    return Opened(pair, received, stage.unset)


def _opened_in_memory(side: LocalSide, received: RelPath, opener: Opener) -> Optional[Tuple[Pair, bytes]]:
    """Return the pair and the content; None if one of both is large."""
    sealed = side.read_file(received, limit=_SMALL + 1)
    if len(sealed) > _SMALL:
        return None
    content = bytearray()

    def add(data: bytes) -> None:
        if len(content) + len(data) > _SMALL:
            raise _Large
        content.extend(data)

    try:
        opener.open(io.BytesIO(sealed).read, add)
    except _Large:  # a message can be compressed
        return None
    whole = bytes(content)
    return Pair(len(whole), sha256(whole).digest(), len(sealed), sha256(sealed).digest()), whole


def _opened_beside(
    side: LocalSide, received: RelPath, attributes: Attributes, opener: Opener, book: PairBook, plain: RelPath
) -> Opened:
    second = RelPath(received + _SUFFIX)
    file = side.open_source(received)
    try:
        stage = side.create_stage(second)
        try:
            pair = _copy(file, stage, opener, _signed(book, plain))
            _require_signed(pair, book, plain)
            stage.finish(attributes)
        except BaseException:
            stage.abandon()
            raise
    finally:
        file.close()
    return Opened(pair, second, stage.unset)


def _copy(file: SourceFile, stage: StageFile, opener: Opener, signed: Optional[Tuple[int, bytes]]) -> Pair:
    """signed: size and digest of the content, if there is a signed index."""
    if signed is None:
        text = f"the content of the sealed file is more than {_MOST_GROWTH} times as large"
        error = SealedDamaged(text, cure="Ask the sender to seal the file without compression.")
        target = _Content(stage, _MOST_GROWTH * file.size, error)
    else:
        target = _Content(stage, signed[0], _not_signed())
    source = _Sealed(file)
    opener.open(source.read, target.write)
    source.read_rest()
    return Pair(target.size, target.digest(), source.size, source.digest())


def _require_signed(pair: Pair, book: PairBook, plain: RelPath) -> None:
    """Refuse a content that the signed index does not have under this name."""
    if _signed(book, plain) not in (None, (pair.size, pair.digest)):
        raise _not_signed()


def _signed(book: PairBook, plain: RelPath) -> Optional[Tuple[int, bytes]]:
    """Return size and digest of the content by the signed index; None without an index."""
    return None if book.index is None else book.index.get(plain, (0, b""))


def _not_signed() -> SyncError:
    return DigestMismatch(
        "the content of the sealed file is not the content of the signed index",
        cure="Ask the sender: the file was sealed by another program or changed after it was indexed.",
    )
