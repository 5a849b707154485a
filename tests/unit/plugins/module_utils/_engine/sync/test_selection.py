# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entries that belong to a run: filters, and a trash below the destination."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    DIRECTORY,
    FILE,
    Entry,
    Tree,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.planning.filters import Filters
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.selection import SideSelection

TRASH = RelPath(b"d/.trash")


def tree(*paths: bytes) -> Tree:
    """Paths that end with a slash are directories."""
    return {
        RelPath(path.rstrip(b"/")): Entry(DIRECTORY if path.endswith(b"/") else FILE, 0, 0, 0o644) for path in paths
    }


def test_nothing_is_asked_where_all_is_in() -> None:
    selection = SideSelection(Filters(), None)
    assert selection.enter is None
    whole = tree(b"d/", b"d/f")
    left = selection.select(whole)
    assert left.tree is whole
    assert left.hiding == set()


def test_what_filters_hold_back_is_hidden_in_its_directory() -> None:
    selection = SideSelection(Filters(exclude=["*.log", "cache/"]), None)
    assert selection.enter is not None
    assert (selection.enter(RelPath(b"d")), selection.enter(RelPath(b"d/cache"))) == (True, False)
    left = selection.select(tree(b"d/", b"d/f", b"d/f.log", b"e/", b"e/cache/"))
    assert set(left.tree) == {b"d", b"d/f", b"e"}
    assert left.hiding == {b"d", b"e"}


def test_the_trash_is_neither_entered_nor_seen() -> None:
    selection = SideSelection(Filters(), TRASH)
    assert selection.enter is not None
    assert (selection.enter(RelPath(b"d")), selection.enter(TRASH), selection.enter(RelPath(b"e/.trash"))) == (
        True,
        False,
        True,
    )
    left = selection.select(tree(b"d/", b"d/.trash/", b"d/f"))
    assert set(left.tree) == {b"d", b"d/f"}
    assert left.hiding == {b"d"}


def test_a_side_without_the_trash_hides_nothing() -> None:
    assert SideSelection(Filters(), TRASH).select(tree(b"d/", b"d/f")).hiding == set()


def test_trash_and_filters_together() -> None:
    selection = SideSelection(Filters(exclude=["*.log"]), TRASH)
    assert selection.enter is not None
    assert not selection.enter(TRASH)
    left = selection.select(tree(b"d/", b"d/.trash/", b"e/", b"e/f.log", b"e/f"))
    assert set(left.tree) == {b"d", b"e", b"e/f"}
    assert left.hiding == {b"d", b"e"}
