# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Removals, kept entries, and the limit of removals."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import TooManyDeletions
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model import plan
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.plan import SPECIAL_FILE, Remove
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import DeleteLimit
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    DIRECTORY,
    FILE,
    LINK,
    SPECIAL,
    Entry,
    Tree,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.planning.removals import (
    LEFT_LINK,
    Removals,
    check_limit,
    inside,
    may_be_there,
    plan_removals,
)

KINDS = {"/": DIRECTORY, "@": LINK, "|": SPECIAL}


def tree(*names: str) -> Tree:
    """As ls -F writes it: d/ is a directory, l@ a link, p| a fifo."""
    return {RelPath(name.rstrip("/@|").encode()): Entry(KINDS.get(name[-1], FILE), 0, 0, 0o644) for name in names}


def paths(*names: str) -> set[RelPath]:
    return {RelPath(name.encode()) for name in names}


def removals(destination: Tree, lacking: set[RelPath] | None = None, **more: object) -> Removals:
    asked = {"giving_way": set(), "held": set(), "protected": set(), "links": "copy", **more}
    return plan_removals(destination, destination if lacking is None else lacking, **asked)


def gone(found: Removals) -> set[str]:
    return {action.path.decode() for action in found.actions}


def test_all_that_the_source_lacks_goes() -> None:
    found = removals(tree("a", "d/", "d/f", "l@"))
    assert gone(found) == {"a", "d", "d/f", "l"}
    assert {action.reason for action in found.actions} == {"extra"}
    assert found.skipped == []


def test_a_special_file_stays_and_so_do_its_directories() -> None:
    found = removals(tree("d/", "d/e/", "d/e/p|", "d/f"))
    assert gone(found) == {"d/f"}
    assert [(skipped.path, skipped.reason) for skipped in found.skipped] == [(b"d/e/p", SPECIAL_FILE)]


def test_a_link_stays_where_links_are_skipped() -> None:
    found = removals(tree("d/", "d/l@"), links="skip")
    assert gone(found) == set()
    assert [skipped.reason for skipped in found.skipped] == [LEFT_LINK]


@pytest.mark.parametrize("held", ["held", "protected"])
def test_what_is_held_or_protected_stays(held: str) -> None:
    assert gone(removals(tree("d/", "d/e/", "d/f", "x"), **{held: paths("d/e")})) == {"d/f", "x"}


def test_what_gives_way_goes_with_all_that_is_in_it() -> None:
    destination = tree("d/", "d/f", "x")
    found = removals(destination, paths("d/f", "x"), giving_way=paths("d"))
    assert {(action.path.decode(), action.reason) for action in found.actions} == {
        ("d", "kind"),
        ("d/f", "kind"),
        ("x", "extra"),
    }


def test_a_directory_that_holds_what_stays_does_not_give_way() -> None:
    found = removals(tree("d/", "d/p|", "d/x", "e/", "e/y"), paths("d/p", "d/x", "e/y"), giving_way=paths("d", "e"))
    assert found.staying == set(paths("d"))
    assert {action.path: action.reason for action in found.actions} == dict.fromkeys(paths("e", "e/y"), plan.KIND)
    assert {skipped.path for skipped in found.skipped} == paths("d/p")


FILES = tuple(f"f{number}" for number in range(1000))


def going(destination: Tree, files: int) -> list[Remove]:
    """Return the removals of a directory, if there is any, and of so many files."""
    found = [path for path in paths("d", *FILES[:files]) if path in destination]
    return [Remove(path, plan.EXTRA, destination[path]) for path in found]


@pytest.mark.parametrize(
    ("deletions", "limit", "refused"),
    [
        (0, DeleteLimit(0, True), False),
        (1, DeleteLimit(0, True), True),
        (1, DeleteLimit(10, True), False),
        (2, DeleteLimit(10, True), True),
        (2, DeleteLimit(2, False), False),
        (3, DeleteLimit(2, False), True),
        (10, DeleteLimit(100, True), False),
    ],
)
def test_the_limit_counts_files_not_directories(deletions: int, limit: DeleteLimit, refused: bool) -> None:
    destination = tree("d/", "e/", *(f"f{number}" for number in range(10)))
    if refused:
        with pytest.raises(TooManyDeletions) as caught:
            check_limit(destination, going(destination, deletions), limit)
        assert f"{deletions} of 10" in caught.value.message
        assert [action.path for action in caught.value.refused] == sorted(paths("d", *FILES[:deletions]))
    else:
        check_limit(destination, going(destination, deletions), limit)


@pytest.mark.parametrize(
    ("files", "deletions", "limit", "refused"),
    [
        (1, 1, DeleteLimit(10, True), False),
        (5, 1, DeleteLimit(10, True), False),
        (5, 2, DeleteLimit(10, True), True),
        (19, 2, DeleteLimit(10, True), True),
        (20, 2, DeleteLimit(10, True), False),
        (5, 1, DeleteLimit(0, True), True),
        (5, 1, DeleteLimit(0, False), True),
        (1000, 1, DeleteLimit(0.01, True), False),
    ],
)
def test_a_percentage_allows_one_file_at_least(files: int, deletions: int, limit: DeleteLimit, refused: bool) -> None:
    destination = tree(*(f"f{number}" for number in range(files)))
    if refused:
        with pytest.raises(TooManyDeletions):
            check_limit(destination, going(destination, deletions), limit)
    else:
        check_limit(destination, going(destination, deletions), limit)


def test_inside() -> None:
    tops = {b"d/e"}
    assert inside(RelPath(b"d/e"), tops)
    assert inside(RelPath(b"d/e/f/g"), tops)
    assert not inside(RelPath(b"d/ef"), tops)
    assert not inside(RelPath(b"d"), tops)


@pytest.mark.parametrize(
    ("path", "unlisted", "there"),
    [
        (b"a", b"", True),
        (b"a/b", b"", True),
        (b"a/b", b"a", True),
        (b"a/b/c", b"a", True),
        (b"a", b"a", True),
        (b"ab", b"a", False),
        (b"k/x", b"", False),
        (b"k/x", b"k", True),
        (b"k", b"k", False),
        (b"", b"", False),
    ],
)
def test_may_be_there(path: bytes, unlisted: bytes, there: bool) -> None:
    known = tree("k/")
    assert may_be_there(known, {RelPath(unlisted)}, RelPath(path)) is there
    assert not may_be_there(known, set(), RelPath(path))
