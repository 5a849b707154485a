# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A tree of this host, shown as the tree of its sealed files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pyrage
import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest, SyncError
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import Attributes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sealing.pairs import Pair, PairBook
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sealing.provider import (
    open_opener,
    open_sealer,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Rename
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.local.transport import (
    LocalTransport,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sealed.local import (
    SealedLocal,
    SealedNames,
    SealedWork,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sealed.source import Workshop
from pyrage import x25519
from support.scenes.sealed_pair import age_key

KEY = age_key()
STAGE = RelPath(b".stage.tmp")
OPEN: list[SealedLocal] = []


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    """Close the directories of all scenes: other tests count descriptors."""
    yield
    while OPEN:
        OPEN.pop().close()


class Scene:
    """A directory with the file `a`, and its sealed side."""

    def __init__(self, place: Path, *, push: bool = True) -> None:
        self.place = place
        (place / "a").write_bytes(b"alpha")
        self.book = PairBook()
        names = SealedNames(b".age", lambda path: path.name == b".lock")
        workshop = Workshop(open_sealer(KEY.recipients), os.fsencode(place / "spool"), self.book.made) if push else None
        opener = None if push else open_opener(KEY.identities)
        self.side = SealedLocal(LocalTransport(os.fsencode(place)), SealedWork(names, self.book, workshop, opener))
        OPEN.append(self.side)

    def know(self, path: bytes = b"a", content: bytes = b"alpha") -> Pair:
        pair = Pair(len(content), sha256(content).digest(), 205, b"\2" * 32)
        self.book.known[RelPath(path)] = pair
        return pair

    def listed(self) -> dict[bytes, int]:
        return {path: entry.size for page in self.side.scan() for path, entry in page.entries}

    def digest(self, path: bytes) -> bytes | None:
        [digested] = self.side.digest([RelPath(path)])
        assert digested.path == path
        return digested.digest

    def receive(self, sealed: bytes, attributes: Attributes | None = None) -> None:
        stage = self.side.create_stage(STAGE)
        stage.write_at(sealed, 0)
        stage.finish(attributes or Attributes())


def seal(content: bytes) -> bytes:
    return pyrage.encrypt(content, [x25519.Recipient.from_str(KEY.recipient)])


def test_files_are_listed_under_their_stored_names(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    (tmp_path / "d.age").mkdir()
    (tmp_path / "d.age/.lock").touch()
    assert scene.listed() == {b"a.age": 5, b"d.age": 0, b"d.age/.lock": 0}
    scene.know()
    assert scene.listed()[b"a.age"] == 205
    [page] = [page for page in scene.side.scan(enter=lambda path: False) if page.directory == b""]
    assert page.stamps is None or set(page.stamps) == {b"a.age"}


def test_a_look_and_a_stamp_go_to_the_file_itself(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.know()
    looked = {path: entry for path, entry, _error in scene.side.look([RelPath(b"a.age"), RelPath(b"b.age")])}
    assert looked[RelPath(b"a.age")].size == 205  # type: ignore[union-attr]
    assert looked[RelPath(b"b.age")] is None
    if scene.side.stamped:
        assert set(scene.side.stamps([RelPath(b"a.age")])) == {b"a.age"}


def test_the_digest_is_that_of_the_sealed_form_while_the_content_is_the_same(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    assert scene.digest(b"a.age") == bytes(32)
    pair = scene.know()
    assert scene.digest(b"a.age") == pair.stored_digest
    (tmp_path / "a").write_bytes(b"alphA")
    assert scene.digest(b"a.age") == bytes(32), "of no file"
    assert scene.digest(b"gone.age") is None


def test_nothing_is_opened_but_sealed(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    source = scene.side.open_source(RelPath(b"a.age"))
    sealed = source.read(source.size)
    assert pyrage.decrypt(sealed, [x25519.Identity.from_str(KEY.identity)]) == b"alpha"
    (tmp_path / "d.age").mkdir()
    scene.listed()
    for path in (b"a", b"d.age"):
        with pytest.raises(InvalidRequest, match="only sealed files"):
            scene.side.open_source(RelPath(path))


def test_a_name_that_gets_too_long_is_refused_before_the_file_is_sent(tmp_path: Path) -> None:
    scene, fits = Scene(tmp_path), RelPath(b"n" * 251 + b".age")
    (tmp_path / ("n" * 251)).write_bytes(b"1")
    scene.side.open_source(fits).close()
    with pytest.raises(SyncError, match="has 256 bytes, and names have at most 255") as refused:
        scene.side.open_source(RelPath(b"n" + fits))
    assert refused.value.path == b"n" + fits


def test_a_reader_sends_nothing(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="only sealed files"):
        Scene(tmp_path, push=False).side.open_source(RelPath(b"a.age"))


@pytest.mark.parametrize("order", ["before", "after"])
def test_an_entry_with_the_stored_name_of_a_file_is_a_problem(tmp_path: Path, order: str) -> None:
    scene = Scene(tmp_path)
    (tmp_path / ("a.age" if order == "before" else "b.age")).mkdir()
    (tmp_path / "b").write_bytes(b"beta")
    problems = [page.problem for page in scene.side.scan() if page.problem]
    assert [problem.code for problem in problems] == ["kind_conflict"]


def test_a_received_file_is_opened_when_it_gets_its_name(tmp_path: Path) -> None:
    scene = Scene(tmp_path, push=False)
    scene.receive(seal(b"new"), Attributes(None, 10**18))
    assert [done.error for done in scene.side.set_attributes([(STAGE, Attributes(0o200, None))])] == [None]
    assert (tmp_path / ".stage.tmp").stat().st_mode & 0o777 == 0o600, "readable until it is opened"
    [done] = scene.side.rename([Rename(STAGE, RelPath(b"a.age"))])
    assert (done.path, done.error) == (b"a.age", None)
    found = (tmp_path / "a").stat()
    assert ((tmp_path / "a").read_bytes(), found.st_mode & 0o777, found.st_mtime_ns) == (b"new", 0o200, 10**18)
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_large_file_leaves_no_second_file(tmp_path: Path) -> None:
    scene, content = Scene(tmp_path, push=False), bytes(2 << 20)
    scene.receive(seal(content))
    assert [done.error for done in scene.side.rename([Rename(STAGE, RelPath(b"a.age"))])] == [None]
    assert (tmp_path / "a").read_bytes() == content
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("size", [3, 2 << 20])
def test_a_file_that_cannot_be_opened_leaves_the_old_one(tmp_path: Path, size: int) -> None:
    scene = Scene(tmp_path, push=False)
    scene.receive(seal(bytes(size))[:-1])
    [done] = scene.side.rename([Rename(STAGE, RelPath(b"a.age"))])
    assert done.error is not None
    assert (done.error.code, done.error.path) == ("sealed_damaged", b"a.age")
    assert (tmp_path / "a").read_bytes() == b"alpha"
    list(scene.side.remove_files([STAGE]))
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_changes_go_to_the_file_itself(tmp_path: Path) -> None:
    scene = Scene(tmp_path, push=False)
    shown = RelPath(b"a.age")
    assert [done.path for done in scene.side.set_attributes([(shown, Attributes(0o600, None))])] == [shown]
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600
    assert [done.path for done in scene.side.keep_in(RelPath(b".trash"), [shown], remove=False)] == [shown]
    assert (tmp_path / ".trash/a").read_bytes() == b"alpha"
    assert [done.path for done in scene.side.remove_files([shown])] == [shown]
    assert not (tmp_path / "a").exists()


def test_directories_links_and_files_of_the_engine_keep_their_names(tmp_path: Path) -> None:
    side = Scene(tmp_path, push=False).side
    results = [*side.make_directories([RelPath(b"d.age")]), *side.make_links([(RelPath(b"l.age"), b"a")])]
    assert [done.error for done in results] == [None, None]
    side.create_file(RelPath(b".lock"), b"held")
    assert side.read_file(RelPath(b".lock")) == b"held"
    side.rename_new(RelPath(b".lock"), RelPath(b".lock2"))
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock2", "a", "d.age", "l.age"]
    assert [done.error for done in side.sync_directories([RelPath(b"d.age")])] == [None]
    assert [done.error for done in side.remove_directories([RelPath(b"d.age")])] == [None]
    assert side.root_entry() is not None
    assert side.real_root() == os.fsencode(tmp_path.resolve())
    assert list(side.notes) == []
    side.close()


def test_contents_are_hashed_by_their_own_names(tmp_path: Path) -> None:
    [digested] = Scene(tmp_path).side.hash_contents([RelPath(b"a")])
    assert (digested.path, digested.digest) == (b"a", sha256(b"alpha").digest())


def test_what_is_called_meanwhile_is_called_while_a_file_is_sealed_and_by_the_tree_below(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    below: list[object] = []
    monkeypatch.setattr(LocalTransport, "call_meanwhile", lambda _side, action: below.append(action))
    scene = Scene(tmp_path)
    (tmp_path / "a").write_bytes(bytes(3 << 20))

    def meanwhile() -> None:
        calls.append("call")

    scene.side.call_meanwhile(meanwhile)
    scene.side.open_source(RelPath(b"a.age")).close()
    scene.side.close()
    assert calls
    assert below == [meanwhile]
