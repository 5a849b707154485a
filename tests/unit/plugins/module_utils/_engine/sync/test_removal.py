# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Removal of entries, into the trash if there is a trash."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import NotFound, PermissionDenied
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.plan import EXTRA, Remove
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.outcomes import Outcomes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.removal import Removal
from support.trees.memory_transport import MemoryTransport
from support.trees.tree_spec import Directory, Link

TREE = {b"f": b"1", b"d": Directory(), b"d/e": Directory(), b"d/e/g": b"2", b"l": Link(b"f")}
TRASH = RelPath(b".trash")


class Moves:
    """Of links: whether renames leave them as they are."""

    def __init__(self, *, safe: bool) -> None:
        self.safe = safe


class Scene:
    def __init__(self, trash: RelPath | None = None, *, safe: bool = True) -> None:
        self.side = MemoryTransport(TREE)
        self.outcomes = Outcomes()
        self.removal = Removal(self.side, trash, self.outcomes, Moves(safe=safe))

    def action(self, path: bytes) -> Remove:
        return Remove(RelPath(path), EXTRA, self.side.node(path).entry())

    def remove(self, *names: bytes) -> bool:
        return self.removal.remove([self.action(path) for path in names])

    @property
    def left(self) -> set[bytes]:
        return set(self.side.snapshot())


def test_directories_go_behind_what_is_in_them() -> None:
    scene = Scene()
    assert scene.remove(b"d", b"d/e", b"d/e/g", b"f", b"l")
    assert scene.left == set()
    assert scene.outcomes.stats["removed"] == 5


@pytest.mark.parametrize(("safe", "link"), [(True, {b".trash/l"}), (False, set())])
def test_the_trash_takes_files_and_links_that_can_be_moved(safe: bool, link: set[bytes]) -> None:
    scene = Scene(TRASH, safe=safe)
    assert scene.remove(b"d", b"d/e", b"d/e/g", b"l")
    assert scene.left == {b"f", b".trash", b".trash/d", b".trash/d/e", b".trash/d/e/g"} | link


def test_what_fails_is_told_and_the_rest_goes_on() -> None:
    scene = Scene()
    scene.side.faults.fail("remove_files", b"d/e/g", PermissionDenied("no"))
    assert not scene.remove(b"d", b"d/e", b"d/e/g", b"f")
    assert scene.left == {b"d", b"d/e", b"d/e/g", b"l"}
    failed = {bytes(path) for (path, _kind), outcome in scene.outcomes.by_item.items() if outcome.error}
    assert failed == {b"d", b"d/e", b"d/e/g"}


def test_what_a_rename_replaces_is_kept_beside() -> None:
    scene = Scene(TRASH)
    assert scene.removal.keep_replaced([RelPath(b"f")]) == {}
    assert scene.left == set(TREE) | {b".trash", b".trash/f"}
    scene.side.faults.fail("keep_in", b"f", PermissionDenied("no"))
    assert list(scene.removal.keep_replaced([RelPath(b"f")])) == [b"f"]


def test_what_went_by_itself_needs_no_place_in_the_trash() -> None:
    scene = Scene(TRASH)
    removed = scene.action(b"l")
    list(scene.side.remove_files([RelPath(b"l")]))
    assert scene.removal.keep_replaced([RelPath(b"l")]) == {}
    assert scene.removal.remove([removed])


def test_what_is_still_there_was_not_kept() -> None:
    """A server without the trash's directory replies "no such file" as well."""
    scene = Scene(TRASH)
    scene.side.faults.fail("keep_in", b"f", NotFound("no such file"))
    assert list(scene.removal.keep_replaced([RelPath(b"f")])) == [b"f"]
    assert not scene.remove(b"f")
    assert scene.left == set(TREE)


def test_without_a_trash_nothing_is_kept() -> None:
    scene = Scene()
    assert scene.removal.keep_replaced([RelPath(b"f")]) == {}
    assert scene.left == set(TREE)
