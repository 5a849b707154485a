# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Opening a received file: whole, with its attributes, or not at all."""

from __future__ import annotations

import os
import subprocess
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyrage
import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import SyncError
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.blocks import Buffer
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import Attributes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sealing.pairs import Pair, PairBook
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sealing.provider import (
    open_opener,
    open_sealer,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import StageFile
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.local.transport import (
    LocalTransport,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sealed.opening import (
    Opened,
    opened,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sealed.source import (
    SealedSource,
    Workshop,
)
from pyrage import x25519
from support.running.peak_memory import peak_kib
from support.scenes.sealed_pair import AgeKey, age_key
from support.trees.trees import make_large_sparse

KEY = age_key()
STAGE, PLAIN = RelPath(b"s.tmp"), RelPath(b"a")
ATTRIBUTES = Attributes(0o640, 10**18)
CHUNK = (64 << 10) + 16
LARGE = (1 << 20) + 1
HUGE = (5 << 30) + 1


def seal(content: bytes, key: AgeKey = KEY) -> bytes:
    return pyrage.encrypt(content, [x25519.Recipient.from_str(key.recipient)])


def open_here(place: Path, sealed: bytes, book: PairBook | None = None) -> Opened:
    (place / "s.tmp").write_bytes(sealed)
    with closing(LocalTransport(os.fsencode(place))) as side:
        return opened(side, STAGE, ATTRIBUTES, open_opener(KEY.identities), book or PairBook(), PLAIN)


def refused(place: Path, sealed: bytes, book: PairBook | None = None) -> str:
    """Return the code; nothing of the content may be left."""
    with pytest.raises(SyncError) as caught:
        open_here(place, sealed, book)
    assert [path.name for path in place.iterdir()] == ["s.tmp"]
    return caught.value.code


@pytest.mark.parametrize(
    ("size", "name"), [(0, "s.tmp"), (200_000, "s.tmp"), (1 << 20, "s.tmp.open"), (LARGE, "s.tmp.open")]
)
def test_the_content_has_its_attributes_and_the_pair_is_known(tmp_path: Path, size: int, name: str) -> None:
    content = os.urandom(size)
    sealed = seal(content)
    pair, stage, unset = open_here(tmp_path, sealed)
    assert (stage, unset) == (os.fsencode(name), None)
    found = tmp_path / name
    assert found.read_bytes() == content
    assert (found.stat().st_mode & 0o777, found.stat().st_mtime_ns) == (0o640, 10**18)
    assert pair == Pair(size, sha256(content).digest(), len(sealed), sha256(sealed).digest())


def test_a_small_message_with_a_large_content_is_not_opened_in_memory(tmp_path: Path) -> None:
    content = bytes(LARGE)

    class Unpacking:
        def open(self, read: Any, write: Any) -> None:
            assert read(6000) == b"packed" * 1000
            for at in range(0, LARGE, 1 << 18):
                write(content[at : at + (1 << 18)])

    (tmp_path / "s.tmp").write_bytes(b"packed" * 1000)
    opener: Any = Unpacking()
    with closing(LocalTransport(os.fsencode(tmp_path))) as side:
        pair, stage, _unset = opened(side, STAGE, ATTRIBUTES, opener, PairBook(), PLAIN)
    assert (pair.size, stage) == (LARGE, b"s.tmp.open")
    assert (tmp_path / "s.tmp.open").read_bytes() == content


def test_a_file_system_that_shows_another_owner_gets_a_second_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    _pair, stage, _unset = open_here(tmp_path, seal(b"alpha"))
    assert stage == b"s.tmp.open"
    assert (tmp_path / "s.tmp.open").read_bytes() == b"alpha"


@pytest.mark.parametrize("size", [200_000, LARGE])
def test_a_damaged_file_leaves_nothing(tmp_path: Path, size: int) -> None:
    sealed = seal(os.urandom(size))
    head = len(sealed) - size - (size // (64 << 10) + 1) * 16
    chunks = [sealed[head + at : head + at + CHUNK] for at in range(0, 3 * CHUNK, CHUNK)]
    assert sealed.startswith(sealed[:head] + b"".join(chunks))
    swapped = sealed[:head] + chunks[1] + chunks[0] + sealed[head + 2 * CHUNK :]
    flipped = sealed[:-1] + bytes([sealed[-1] ^ 1])
    at_the_edge = sealed[: head + 2 * CHUNK]
    for wrong in (swapped, flipped, at_the_edge, sealed[:-1], sealed + b"x", sealed[:30], b"", b"plain text"):
        assert refused(tmp_path, wrong) == "sealed_damaged", wrong[:30]


def test_a_file_for_somebody_else_leaves_nothing(tmp_path: Path) -> None:
    assert refused(tmp_path, seal(b"theirs", age_key())) == "identity_missing"


def test_the_content_of_a_signed_index_is_demanded(tmp_path: Path) -> None:
    book = PairBook()
    book.index = {PLAIN: (5, sha256(b"alpha").digest())}
    open_here(tmp_path, seal(b"alpha"), book)
    assert refused(tmp_path, seal(b"alphA"), book) == "digest_mismatch"
    book.index = {}
    assert refused(tmp_path, seal(b"alpha"), book) == "digest_mismatch"


class Bomb:
    """Opens every file to a content of as many bytes as are taken."""

    def __init__(self) -> None:
        self.written = 0

    def open(self, _read: Any, write: Any) -> None:
        """Write without end."""
        while self.written < 100 << 20:
            write(bytes(1 << 18))
            self.written += 1 << 18


@pytest.mark.parametrize(
    ("signed", "most", "code"), [(None, 2200 * 1000, "sealed_damaged"), (1_500_000, 1_500_000, "digest_mismatch")]
)
def test_a_small_file_does_not_fill_the_disk(tmp_path: Path, signed: int | None, most: int, code: str) -> None:
    """Its sender knows the certificate, and the limits of size see the sealed file only."""
    (tmp_path / "s.tmp").write_bytes(bytes(2000))
    book, bomb = PairBook(), Bomb()
    book.index = None if signed is None else {PLAIN: (signed, b"")}
    opener: Any = bomb
    with closing(LocalTransport(os.fsencode(tmp_path))) as side, pytest.raises(SyncError) as caught:
        opened(side, STAGE, ATTRIBUTES, opener, book, PLAIN)
    assert caught.value.code == code
    assert bomb.written <= most + (1 << 20)
    assert [path.name for path in tmp_path.iterdir()] == ["s.tmp"]


class Piped(LocalTransport):
    """A directory whose files are received sealed, and whose new files only have a size: no disk holds them."""

    def __init__(self, place: Path) -> None:
        super().__init__(os.fsencode(place))
        self.sealed: list[Pair] = []
        self.stage = Counted()

    def open_source(self, path: RelPath) -> SealedSource:
        workshop = Workshop(open_sealer(KEY.recipients), b"/nonexistent", lambda _path, pair: self.sealed.append(pair))
        return Whole(super().open_source(path), path, workshop)

    def create_stage(self, path: RelPath) -> Counted:
        return self.stage

    def read_file(self, path: RelPath, *, limit: int = 65536) -> bytes:
        """Return the beginning of the sealed file."""
        return bytes(limit)


class Whole(SealedSource):
    """Checked at its end, as uploads do."""

    def __init__(self, *parts: Any) -> None:
        self.seen = sha256()
        super().__init__(*parts)

    def read(self, count: int) -> bytes:
        data = super().read(count)
        self.seen.update(data)
        return data

    def close(self) -> None:
        if hasattr(self, "size"):
            assert not self.changed(self.seen.digest)
        super().close()


class Counted(StageFile):
    size = 0
    finished = False

    def write_at(self, data: Buffer, offset: int) -> None:
        assert offset == self.size
        self.size += len(data)

    def finish(self, attributes: Attributes) -> None:
        self.finished = True

    def abandon(self) -> None:
        raise AssertionError("the file was not opened")

    leave = abandon


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_a_huge_file_is_sealed_and_opened_in_little_memory(tmp_path: Path) -> None:
    """5 GiB pass through both ends, more than 32 bits count, and the process needs 40 MiB more than before at most."""
    make_large_sparse(tmp_path / "a", HUGE)
    side = Piped(tmp_path)
    opener = open_opener(KEY.identities)
    before = peak_kib(reset=True)
    pair, _second, _unset = opened(side, PLAIN, ATTRIBUTES, opener, PairBook(), PLAIN)
    assert peak_kib() - before < 40 << 10
    judged = subprocess.run(["sha256sum", tmp_path / "a"], capture_output=True, check=True).stdout
    assert (pair.size, pair.digest.hex()) == (HUGE, judged[:64].decode())
    assert [sealed[:4] for sealed in side.sealed] == [pair[:4]]
    assert pair.stored_size > HUGE + (HUGE >> 12)
    assert (side.stage.size, side.stage.finished) == (HUGE, True)
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").stat().st_blocks < 1000, "the disk is spared"
    side.close()
