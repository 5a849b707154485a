# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import errno
import hashlib
import os
import tempfile
import threading
from pathlib import Path
from typing import Callable, Dict, Iterator, List, Optional, Sequence

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    NotFound,
    OperationFailed,
    PermissionDenied,
    UnsafeName,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    FILE,
    SPECIAL,
    Attributes,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Rename
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.local import (
    digest as local_digest,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.local import (
    transport as local_transport,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.local.transport import (
    LocalTransport,
)
from support.contracts.transport_contract import LocalSideContract, errors, paths
from support.running.child import NOBODY, in_child
from support.running.patience import HANG_SECONDS
from support.trees.real_tree import read_tree, write_tree
from support.trees.swap_race import run_race
from support.trees.tree_spec import MTIME, Directory, File, Found, Link, TreeSpec


class TestLocalTransport(LocalSideContract):
    @pytest.fixture
    def make(self, tmp_path: Path) -> Iterator[Callable[[Optional[TreeSpec]], LocalTransport]]:
        self.root = os.fsencode(tmp_path / "tree")
        made = []

        def make(tree: Optional[TreeSpec]) -> LocalTransport:
            if tree is not None:
                write_tree(self.root, tree)
            made.append(LocalTransport(self.root))
            return made[-1]

        before = len(os.listdir("/proc/self/fd"))
        yield make
        for transport in made:
            transport.close()
        assert len(os.listdir("/proc/self/fd")) == before

    def truth(self, transport: LocalTransport) -> Dict[bytes, Found]:
        return read_tree(self.root)

    def put(self, transport: LocalTransport, tree: TreeSpec) -> None:
        write_tree(self.root, tree)


class TestUnprivileged:
    """As an account that may not do everything; the tree lies where that account can reach it."""

    @pytest.fixture
    def root(self) -> Iterator[bytes]:
        with tempfile.TemporaryDirectory() as base:
            os.chmod(base, 0o755)  # noqa: S103  # for the account without privileges
            root = os.fsencode(base) + b"/tree"
            os.mkdir(root)
            yield root

    def fill(self, root: bytes, tree: TreeSpec, *, foreign: Sequence[bytes] = ()) -> None:
        write_tree(root, tree)
        if os.geteuid() == 0:
            for path in [b"", *read_tree(root)]:
                if path not in foreign:
                    os.lchown(root + b"/" + path if path else root, NOBODY, NOBODY)

    def test_a_directory_that_cannot_be_listed_is_a_problem_and_the_others_are_listed(self, root: bytes) -> None:
        self.fill(root, {b"closed/f": b"", b"no_search/f": b"", b"open/f": b""})
        os.chmod(root + b"/closed", 0o300)
        os.chmod(root + b"/no_search", 0o600)
        pages = in_child(lambda: [tuple(page) for page in LocalTransport(root).scan()], unprivileged=True)
        problems = {directory: type(problem) for directory, _entries, problem, _stamps in pages if problem}
        assert problems == {b"closed": PermissionDenied, b"no_search": PermissionDenied}
        assert [
            path for _directory, found, _problem, _stamps in pages for path, _entry in found if path.name == b"f"
        ] == [b"open/f"]

    def test_a_directory_without_read_permission_can_be_worked_in(self, root: bytes) -> None:
        self.fill(root, {b"drop/box": Directory()})
        os.chmod(root + b"/drop", 0o300)

        def work() -> object:
            side = LocalTransport(root)
            side.create_file(RelPath(b"drop/box/f"), b"in")
            return side.read_file(RelPath(b"drop/box/f"))

        assert in_child(work, unprivileged=True) == b"in"

    def test_own_files_and_directories_without_any_permission_get_attributes(self, root: bytes) -> None:
        self.fill(root, {b"d": Directory(0), b"f": File(b"x", 0)})
        changes = [(path, Attributes(0o640, MTIME + 1)) for path in paths(b"d", b"f")]
        result = in_child(lambda: errors(LocalTransport(root).set_attributes(changes)), unprivileged=True)
        assert result == {b"d": None, b"f": None}
        assert read_tree(root) == {b"d": Directory(0o640, MTIME + 1), b"f": File(b"x", 0o640, MTIME + 1)}

    def test_without_proc_attributes_are_set_through_the_opened_file(
        self, root: bytes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(local_transport, "_DESCRIPTORS", b"/no/such/")  # stands for a chroot without /proc
        self.fill(root, {b"d": Directory(), b"f": b"x", b"l": Link(b"f")})
        changes = [(path, Attributes(0o700, MTIME + 1)) for path in paths(b"d", b"f", b"l")]
        result = in_child(lambda: errors(LocalTransport(root).set_attributes(changes)), unprivileged=True)
        assert result == {b"d": None, b"f": None, b"l": UnsafeName}
        assert read_tree(root)[b"f"] == File(b"x", 0o700, MTIME + 1)
        assert read_tree(root)[b"d"] == Directory(0o700, MTIME + 1)

    def test_what_may_not_be_done_names_the_item_and_the_others_are_done(self, root: bytes) -> None:
        self.fill(root, {b"full": Directory(0o555), b"secret": File(b"x", 0), b"good": b"good"})

        def work() -> object:
            side = LocalTransport(root)
            found = []
            for act in (side.open_source, side.read_file):
                with pytest.raises(PermissionDenied) as caught:
                    act(RelPath(b"secret"))
                found.append(caught.value.path)
            for act in (side.create_stage, lambda path: side.create_file(path, b"")):
                with pytest.raises(PermissionDenied) as caught:
                    act(RelPath(b"full/new"))
                found.append(caught.value.path)
            digests = [(item.path, item.error and type(item.error)) for item in side.digest(paths(b"secret", b"good"))]
            return found, digests, errors(side.make_directories(paths(b"full/d", b"d")))

        found, digests, made = in_child(work, unprivileged=True)
        assert found == [b"secret", b"secret", b"full/new", b"full/new"]
        assert digests == [(b"secret", PermissionDenied), (b"good", None)]
        assert made == {b"full/d": PermissionDenied, b"d": None}

    def test_files_of_others_in_an_own_directory(self, root: bytes) -> None:
        """Attributes are refused; the trash takes them by moving, where the kernel refuses the hard link."""
        self.fill(root, {b"theirs": File(b"1", 0o600), b"too": File(b"2", 0o600)}, foreign=[b"theirs", b"too"])

        def work() -> object:
            side = LocalTransport(root)
            changed = errors(side.set_attributes([(RelPath(b"theirs"), Attributes(0o644))]))
            side.rename_new(*paths(b"too", b"renamed"))
            return changed, errors(side.keep_in(RelPath(b"t"), paths(b"theirs"), remove=False))

        changed, kept = in_child(work, unprivileged=True)
        found = read_tree(root)
        assert changed == {b"theirs": PermissionDenied if os.geteuid() == 0 else None}
        assert kept == {b"theirs": None}
        assert (found[b"t/theirs"].content, found[b"renamed"].content) == (b"1", b"2")


class TestFewDescriptors:
    @pytest.mark.parametrize("more_files", [5, 6, 7, 8, 30])
    def test_everything_works_with_a_few_more(self, tmp_path: Path, more_files: int) -> None:
        root = os.fsencode(tmp_path)
        deep = b"/".join([b"d"] * 100)
        write_tree(root, {deep + b"/f": b"deep", **{b"%02d/f" % number: b"%d" % number for number in range(80)}})

        def work() -> object:
            side = LocalTransport(root)
            found = [path for page in side.scan() for path, entry in page.entries if entry.kind == FILE]
            digests = [item.error for item in side.digest(found)]
            for number in range(80):
                stage = side.create_stage(RelPath(b"%02d/s" % number))
                stage.write_at(b"new", 0)
                stage.finish(Attributes(0o644))
            moves = [Rename(*paths(b"%02d/s" % number, b"%02d/f" % number)) for number in range(80)]
            renamed = errors(side.rename(moves))
            kept = errors(side.keep_in(RelPath(b"t"), found, remove=True))
            return len(found), set(digests), set(renamed.values()), set(kept.values())

        assert in_child(work, more_files=more_files) == (81, {None}, {None}, {None})

    def test_errors_that_are_kept_keep_no_descriptor(self, tmp_path: Path) -> None:
        write_tree(os.fsencode(tmp_path), {b"%03d" % number: Directory() for number in range(200)})
        side = LocalTransport(os.fsencode(tmp_path))
        kept = []
        before = len(os.listdir("/proc/self/fd"))
        for number in range(200):
            with pytest.raises(NotFound) as caught:
                side.open_source(RelPath(b"%03d/none" % number))
            kept.append(caught.value)
        assert len(os.listdir("/proc/self/fd")) - before <= 65
        side.close()
        assert len(os.listdir("/proc/self/fd")) == before


class TestDurable:
    def test_stages_and_directories_are_synced(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """fsync is replaced by a record of its calls: whether a disk kept its word cannot be seen without a crash."""
        synced: List[int] = []
        monkeypatch.setattr(os, "fsync", lambda fd: synced.append(os.fstat(fd).st_ino))
        side = LocalTransport(os.fsencode(tmp_path), durable=True)
        stage = side.create_stage(RelPath(b"s"))
        stage.write_at(b"x", 0)
        stage.finish(Attributes(0o644))
        assert not any(errors(side.sync_directories([RelPath(b"")])).values())
        assert synced == [(tmp_path / "s").stat().st_ino, tmp_path.stat().st_ino]
        LocalTransport(os.fsencode(tmp_path)).create_stage(RelPath(b"t")).finish(Attributes())
        assert len(synced) == 2

    def test_an_error_of_fsync_fails_the_stage(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A disk that fails cannot be had here: the call is replaced."""

        def fail(fd: int) -> None:
            raise OSError(errno.EIO, "Input/output error")

        monkeypatch.setattr(os, "fsync", fail)
        stage = LocalTransport(os.fsencode(tmp_path), durable=True).create_stage(RelPath(b"s"))
        with pytest.raises(OperationFailed) as caught:
            stage.finish(Attributes())
        assert caught.value.path == b"s"
        assert os.listdir(tmp_path) == []


class TestRoot:
    def test_the_root_may_be_reached_through_links(self, tmp_path: Path) -> None:
        (tmp_path / "real").mkdir()
        (tmp_path / "named").symlink_to("real")
        side = LocalTransport(os.fsencode(tmp_path / "named"))
        side.create_file(RelPath(b"f"), b"x")
        assert (tmp_path / "real" / "f").read_bytes() == b"x"
        assert side.real_root() == os.path.realpath(os.fsencode(tmp_path / "real"))

    def test_a_root_whose_parent_is_missing(self, tmp_path: Path) -> None:
        side = LocalTransport(os.fsencode(tmp_path / "none" / "tree"))
        assert side.root_entry() is None
        with pytest.raises(NotFound):
            side.create_root()

    def test_a_root_that_is_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "f").write_bytes(b"123")
        side = LocalTransport(os.fsencode(tmp_path / "f"))
        assert (side.root_entry().kind, side.root_entry().size) == (FILE, 3)
        assert [type(page.problem) for page in side.scan()] == [OperationFailed]

    def test_sparse_files(self, tmp_path: Path) -> None:
        with open(tmp_path / "f", "wb") as file:
            file.truncate(50 << 20)
        side = LocalTransport(os.fsencode(tmp_path))
        (item,) = side.digest(paths(b"f"))
        assert (item.size, item.digest) == (50 << 20, hashlib.sha256(bytes(50 << 20)).digest())

    def test_a_file_that_grows_while_it_is_hashed_is_not_followed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write_tree(os.fsencode(tmp_path), {b"f": b"x" * 100})
        real, reads = os.readv, []

        def grow(fd: int, buffers: List[memoryview]) -> int:
            reads.append(fd)
            assert len(reads) < 100
            with open(tmp_path / "f", "ab") as file:
                file.write(b"more")
            return real(fd, buffers)

        monkeypatch.setattr(os, "readv", grow)
        (item,) = LocalTransport(os.fsencode(tmp_path)).digest(paths(b"f"))
        assert item.error is None
        assert item.size > 100

    def test_devices_are_told_apart(self) -> None:
        found = {path: (entry, error) for path, entry, error in LocalTransport(b"/dev").look(paths(b"null"))}
        assert found[b"null"][0].kind == SPECIAL
        with pytest.raises(OperationFailed):
            LocalTransport(b"/dev").open_source(RelPath(b"null"))


def test_300_rounds_against_a_process_that_swaps_a_directory_for_a_link(tmp_path: Path) -> None:
    counts, outside = run_race(os.fsencode(tmp_path), 300)
    print(
        "300 rounds: %d operations done, %d met the link, %d outside"
        % (counts["done"], counts["refused"], len(outside))
    )
    assert outside == []
    assert counts["done"] > 100
    assert counts["refused"] > 100


def test_others_may_work_while_a_large_file_is_hashed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    called = threading.Event()

    def slow_sha256() -> object:
        called.wait(HANG_SECONDS)
        return hashlib.sha256()

    monkeypatch.setattr(local_digest, "_MOMENT", 0.01)
    monkeypatch.setattr(local_digest, "sha256", slow_sha256)
    (tmp_path / "large").write_bytes(bytes(2 << 20))
    transport = LocalTransport(os.fsencode(tmp_path))
    transport.call_meanwhile(called.set)
    [digested] = transport.digest([RelPath(b"large")])
    transport.close()
    assert called.is_set()
    assert digested.digest == hashlib.sha256(bytes(2 << 20)).digest()


def test_others_may_work_while_many_small_files_are_hashed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_digest, "_MOMENT", 0.0)
    calls: List[int] = []
    (tmp_path / "small").write_bytes(b"1")
    transport = LocalTransport(os.fsencode(tmp_path))
    transport.call_meanwhile(lambda: calls.append(1))
    assert len(list(transport.digest([RelPath(b"small")] * 3))) == 3
    transport.close()
    assert len(calls) == 3


def test_a_digest_that_is_not_read_to_its_end_keeps_no_directory_open(tmp_path: Path) -> None:
    write_tree(os.fsencode(tmp_path), {b"a/b/one": b"1", b"a/b/two": b"2"})
    transport = LocalTransport(os.fsencode(tmp_path))
    digests = transport.digest(paths(b"a/b/one", b"a/b/two"))
    next(digests)
    digests.close()
    assert not transport._directories._open
    transport.close()
