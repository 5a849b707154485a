# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sealed form of a file while it is sent: in memory, by a thread, or by way of an unnamed file."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pyrage
import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import SourceChanged
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sealing.pairs import Pair
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sealing.provider import open_sealer
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.local.transport import (
    LocalTransport,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sealed import (
    source as sealed_source,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sealed.source import (
    SealedSource,
    Workshop,
)
from pyrage import x25519
from support.running.patience import HANG_SECONDS
from support.scenes.sealed_pair import age_key

KEY = age_key()
A = RelPath(b"a")
SMALL, LARGE = 1000, (3 << 20) + 17

OPEN: list[LocalTransport] = []


class Reversing:
    """A format whose head shows no size, and whose size depends on the whole."""

    recipients_digest = "none"

    def seal(self, read: Callable[[int], bytes], write: Callable[[bytes], object]) -> None:
        write(b"head")
        while data := read(1 << 18):
            write(data[::-1])
        write(b"tail" * 3)

    def close(self) -> None: ...


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    """Close the directories of all scenes: other tests count descriptors."""
    yield
    while OPEN:
        OPEN.pop().close()


class Scene:
    def __init__(self, place: Path, content: bytes, sealer: object = None) -> None:
        self.path = place / "tree/a"
        self.path.parent.mkdir()
        self.path.write_bytes(content)
        os.utime(self.path, (1_600_000_000, 1_600_000_000))
        self.side = LocalTransport(os.fsencode(place / "tree"))
        OPEN.append(self.side)
        self.spool = place / "spool"
        self.sealed: list[tuple[RelPath, Pair]] = []
        self.sealer = sealer or open_sealer(KEY.recipients)

    def open(self, meanwhile: Callable[[], None] | None = None) -> SealedSource:
        workshop = Workshop(self.sealer, os.fsencode(self.spool), lambda *each: self.sealed.append(each))  # type: ignore[arg-type]
        return SealedSource(self.side.open_source(A), A, workshop, meanwhile)


def whole(source: SealedSource, step: int = 32768) -> bytes:
    """Read as uploads do, one byte more than there should be."""
    found = b""
    while data := source.read(min(step, source.size + 1 - len(found))):
        found += data
    return found


@pytest.mark.parametrize("size", [0, 1, SMALL, LARGE])
def test_a_file_is_sent_sealed_and_its_pair_is_known(tmp_path: Path, size: int) -> None:
    content = os.urandom(size)
    scene, threads = Scene(tmp_path, content), threading.active_count()
    source = scene.open()
    sealed = whole(source)
    assert len(sealed) == source.size
    assert source.mtime == 1_600_000_000 * 10**9
    assert not source.changed(sha256(sealed).digest)
    source.close()
    assert pyrage.decrypt(sealed, [x25519.Identity.from_str(KEY.identity)]) == content
    [(path, pair)] = scene.sealed
    assert (path, pair[:4]) == (A, (size, sha256(content).digest(), len(sealed), sha256(sealed).digest()))
    assert len(pair.recipients) == 16
    assert threading.active_count() == threads
    assert not scene.spool.exists(), "no second file"


def test_a_format_that_does_not_show_its_size_goes_through_an_unnamed_file(tmp_path: Path) -> None:
    content = os.urandom(LARGE)
    scene = Scene(tmp_path, content, Reversing())
    source = scene.open()
    assert source.size == LARGE + 16
    assert list(scene.spool.iterdir()) == []
    sealed = whole(source)
    assert len(sealed) == source.size
    assert not source.changed(sha256(sealed).digest)
    source.close()
    assert sealed.endswith(b"tail")


def test_others_may_work_while_the_unnamed_file_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed_source, "_MOMENT", 0.01)
    calls: list[int] = []

    class Waiting(Reversing):
        def seal(self, read: Callable[[int], bytes], write: Callable[[bytes], object]) -> None:
            called.wait(HANG_SECONDS)
            super().seal(read, write)

    def meanwhile() -> None:
        calls.append(1)
        if len(calls) > 2:
            called.set()

    called = threading.Event()
    scene = Scene(tmp_path, bytes(LARGE), Waiting())
    source = scene.open(meanwhile)
    assert called.is_set()
    so_far = len(calls)
    whole(source)
    source.close()
    assert len(calls) == so_far, "an upload under way takes care of its session itself"


def test_a_file_that_grows_is_not_sent(tmp_path: Path) -> None:
    scene = Scene(tmp_path, bytes(LARGE))
    source = scene.open()
    with scene.path.open("ab") as file:
        file.write(b"more")
    with pytest.raises(SourceChanged):
        whole(source)
    source.close()
    assert scene.sealed == []


@pytest.mark.parametrize("change", ["shorter", "touched"])
def test_a_file_that_changes_has_no_pair(tmp_path: Path, change: str) -> None:
    scene = Scene(tmp_path, bytes(LARGE))
    source = scene.open()
    if change == "shorter":
        os.truncate(scene.path, LARGE - 1)
    else:
        os.utime(scene.path, (1, 1))
    sealed = whole(source)
    assert len(sealed) != source.size or source.changed(sha256(sealed).digest)
    source.close()
    assert scene.sealed == []


def test_an_upload_that_is_given_up_leaves_no_thread(tmp_path: Path) -> None:
    scene, threads = Scene(tmp_path, bytes(LARGE)), threading.active_count()
    source = scene.open()
    source.read(100)
    source.close()
    source.close()
    assert threading.active_count() == threads


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_bytes_are_sent_again_as_they_were(size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file cannot be sealed twice in the same way; the bytes that may be asked for again are kept."""
    monkeypatch.setattr(sealed_source, "_KEPT", 1 << 20)
    sealed = Scene(tmp_path, os.urandom(size)).open()
    first = sealed.read(500)
    assert sealed.go_back(100)
    assert not sealed.go_back(101)
    whole = first[:100] + sealed.read(sealed.size)
    assert len(whole) == sealed.size
    assert whole[:500] == first
    assert sealed.go_back(sealed.size - 300)
    assert sealed.read(sealed.size) == whole[-300:]
    sealed.arrived(sealed.size - 10)
    assert not sealed.go_back(sealed.size - 11)
    assert sealed.go_back(sealed.size - 10)
    assert not sealed.go_back(100)
    assert sealed.read(99) == whole[-10:]
    assert not sealed.changed(lambda: b"")
    sealed.close()
