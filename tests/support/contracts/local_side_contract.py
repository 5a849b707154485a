# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The contract of every LocalSide in addition to the TreeContract: files open here, and no link followed anywhere."""

from __future__ import annotations

from hashlib import sha256
from typing import Callable, Dict, List

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    AlreadyExists,
    ItemError,
    NotFound,
    SyncError,
    UnsafeName,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import Attributes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import LocalSide, Rename

from ..trees.tree_spec import MTIME, SECOND, Directory, File, Link, Special
from .tree_contract import TreeContract
from .tree_scene import Make, errors, paths

__all__ = ["THROUGH_A_LINK", "LocalSideContract"]


def _raised(results: List[object]) -> None:
    for result in results:
        error = result[2] if isinstance(result, tuple) and len(result) == 3 else result.error
        if error is not None:
            raise error


THROUGH_A_LINK: Dict[str, Callable[[LocalSide], object]] = {
    "look": lambda side: _raised(list(side.look(paths(b"link/f")))),
    "digest": lambda side: _raised(list(side.digest(paths(b"link/f")))),
    "make_directories": lambda side: _raised(list(side.make_directories(paths(b"link/new")))),
    "make_links": lambda side: _raised(list(side.make_links([(RelPath(b"link/new"), b"x")]))),
    "set_attributes": lambda side: _raised(list(side.set_attributes([(RelPath(b"link/f"), Attributes(0o777, 0))]))),
    "set_attributes_of_the_link": lambda side: _raised(
        list(side.set_attributes([(RelPath(b"link"), Attributes(0o777, 0))]))
    ),
    "rename_from": lambda side: _raised(list(side.rename([Rename(*paths(b"link/f", b"taken"))]))),
    "rename_to": lambda side: _raised(list(side.rename([Rename(*paths(b"stage", b"link/f"))]))),
    "keep_in_from": lambda side: _raised(list(side.keep_in(RelPath(b"trash"), paths(b"link/f"), remove=True))),
    "keep_in_to": lambda side: _raised(list(side.keep_in(RelPath(b"link"), paths(b"stage"), remove=True))),
    "remove_files": lambda side: _raised(list(side.remove_files(paths(b"link/f")))),
    "remove_directories": lambda side: _raised(list(side.remove_directories(paths(b"link/hollow")))),
    "create_file": lambda side: side.create_file(RelPath(b"link/new"), b"x"),
    "read_file": lambda side: side.read_file(RelPath(b"link/f")),
    "rename_new_from": lambda side: side.rename_new(*paths(b"link/f", b"taken")),
    "rename_new_to": lambda side: side.rename_new(*paths(b"stage", b"link/new")),
    "open_source": lambda side: side.open_source(RelPath(b"link/f")),
    "create_stage": lambda side: side.create_stage(RelPath(b"link/new")),
    "reopen_stage": lambda side: side.reopen_stage(RelPath(b"link/f")),
}
"""Every operation, through a link that stands where a directory should."""


class LocalSideContract(TreeContract):
    @pytest.mark.parametrize("operation", list(THROUGH_A_LINK))
    def test_no_link_is_followed_on_the_way(self, make: Make, operation: str) -> None:
        outside = {b"outside/f": File(b"secret", 0o600), b"outside/hollow": Directory(0o700)}
        side = make({**outside, b"link": Link(b"outside"), b"stage": b"stage"})
        before = self.truth(side)
        with pytest.raises(UnsafeName):
            THROUGH_A_LINK[operation](side)
        found = self.truth(side)
        assert {path: spec for path, spec in found.items() if not path.startswith(b"trash")} == before

    def test_no_link_is_followed_at_the_end(self, make: Make) -> None:
        side = make({b"f": b"secret", b"link": Link(b"f")})
        before = self.truth(side)
        for act in (side.open_source, side.read_file):
            with pytest.raises(UnsafeName):
                act(RelPath(b"link"))
        for act in (side.create_stage, lambda path: side.create_file(path, b"")):
            with pytest.raises(AlreadyExists):
                act(RelPath(b"link"))
        assert [type(item.error) for item in side.digest(paths(b"link"))] == [UnsafeName]
        assert self.truth(side) == before

    def test_specials_and_directories_are_never_opened(self, make: Make) -> None:
        side = make({b"fifo": Special(), b"d": Directory()})
        for path in paths(b"fifo", b"d"):
            with pytest.raises(ItemError):
                side.open_source(path)
            with pytest.raises(ItemError):
                side.read_file(path)
        assert all(item.error for item in side.digest(paths(b"fifo", b"d")))

    def test_bits_above_the_permissions_stay(self, make: Make) -> None:
        side = make({b"d": Directory(0o3777), b"f": File(b"", 0o4755)})
        changes = [(path, Attributes(0o750)) for path in paths(b"d", b"f")]
        assert not any(errors(side.set_attributes(changes)).values())
        assert {path: spec.mode for path, spec in self.truth(side).items()} == {b"d": 0o3750, b"f": 0o4750}

    # Sources.

    def test_source(self, make: Make) -> None:
        side = make({b"d/f": File(b"0123456789" * 10000, 0o400, MTIME + SECOND)})
        source = side.open_source(RelPath(b"d/f"))
        assert (source.size, source.mtime) == (100000, MTIME + SECOND)
        assert source.read(5) == b"01234"
        rest = b""
        while len(rest) < 99995:
            rest += source.read(65536)
        assert source.read(1) == b""
        assert rest == (b"0123456789" * 10000)[5:]
        assert not source.changed(lambda: sha256(b"0123456789" * 10000).digest())
        source.close()
        source.close()

    def test_source_that_is_missing(self, make: Make) -> None:
        with pytest.raises(NotFound) as caught:
            make({}).open_source(RelPath(b"none"))
        assert caught.value.path == b"none"

    def test_source_that_is_replaced_while_open_stays_one_version(self, make: Make) -> None:
        side = make({b"f": b"old" * 10, b"stage": b"new" * 10})
        source = side.open_source(RelPath(b"f"))
        assert not any(errors(side.rename([Rename(*paths(b"stage", b"f"))])).values())
        assert source.read(100) == b"old" * 10
        assert not source.changed(lambda: sha256(b"old" * 10).digest())
        source.close()

    def test_source_that_is_touched_has_changed(self, make: Make) -> None:
        side = make({b"f": b"old"})
        source = side.open_source(RelPath(b"f"))
        assert not any(errors(side.set_attributes([(RelPath(b"f"), Attributes(mtime=MTIME + SECOND))])).values())
        assert source.changed(lambda: sha256(b"old").digest())
        source.close()

    # Stages.

    def test_stage(self, make: Make) -> None:
        side = make({b"d": Directory()})
        stage = side.create_stage(RelPath(b"d/s"))
        assert self.truth(side)[b"d/s"].mode == 0o600
        stage.write_at(b"world", 6)
        stage.write_at(b"hello ", 0)
        assert self.truth(side)[b"d/s"].mode == 0o600
        stage.finish(Attributes(0o444, MTIME + SECOND))
        assert self.truth(side)[b"d/s"] == File(b"hello world", 0o444, MTIME + SECOND)
        stage.abandon()
        assert b"d/s" in self.truth(side)

    def test_stage_that_is_empty_or_keeps_its_mode(self, make: Make) -> None:
        side = make({})
        side.create_stage(RelPath(b"s")).finish(Attributes())
        assert (self.truth(side)[b"s"].content, self.truth(side)[b"s"].mode) == (b"", 0o600)

    @pytest.mark.parametrize("content", [b"", b"new", b"longer than before"])
    def test_stage_that_is_opened_again_has_the_new_content_alone(self, make: Make, content: bytes) -> None:
        side = make({b"s": File(b"received", 0o600)})
        stage = side.reopen_stage(RelPath(b"s"))
        stage.write_at(content, 0)
        stage.finish(Attributes(0o640, MTIME + SECOND))
        assert self.truth(side) == {b"s": File(content, 0o640, MTIME + SECOND)}
        side.reopen_stage(RelPath(b"s")).abandon()
        assert self.truth(side) == {}

    def test_stage_that_is_not_there_is_not_opened_again(self, make: Make) -> None:
        side = make({})
        with pytest.raises(NotFound):
            side.reopen_stage(RelPath(b"s"))
        assert self.truth(side) == {}

    def test_stage_that_is_abandoned_leaves_nothing(self, make: Make) -> None:
        side = make({})
        stage = side.create_stage(RelPath(b"s"))
        stage.write_at(b"half", 0)
        stage.abandon()
        stage.abandon()
        assert self.truth(side) == {}

    @pytest.mark.parametrize(("path", "error"), [(b"f", AlreadyExists), (b"none/s", NotFound), (b"f/s", ItemError)])
    def test_stage_that_cannot_be_made(self, make: Make, path: bytes, error: type) -> None:
        side = make({b"f": b"mine"})
        with pytest.raises(error) as caught:
            side.create_stage(RelPath(path))
        assert isinstance(caught.value, SyncError)
        assert caught.value.path == path
        assert self.truth(side)[b"f"].content == b"mine"

    def test_many_open_at_once(self, make: Make) -> None:
        tree = {b"d%d/f" % number: b"%d" % number for number in range(300)}
        side = make(tree)
        opened = [(side.open_source(RelPath(path)), side.create_stage(RelPath(path[:-1] + b"s"))) for path in tree]
        for source, stage in opened:
            stage.write_at(source.read(100), 0)
            source.close()
            stage.finish(Attributes(0o644))
        found = self.truth(side)
        assert [found[b"d%d/s" % number].content for number in range(300)] == [b"%d" % number for number in range(300)]
