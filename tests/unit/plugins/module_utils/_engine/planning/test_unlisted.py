# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries that the destination may have although its listing lacks them get no action."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.plan import Plan, PlanPolicy
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import ROOT, RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import DeleteLimit
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    DIRECTORY,
    FILE,
    LINK,
    SPECIAL,
    Entry,
    Tree,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.planning.planner import Draft, make_plan
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.planning.relocations import Twins
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.planning.unlisted import may_be_there
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Capabilities

POLICY = PlanPolicy(compare="size_mtime", delete=True, max_delete=DeleteLimit(100, True), links="copy")


def file(size: int = 1, mode: int = 0o644) -> Entry:
    return Entry(FILE, size, 5, mode)


def directory(mode: int = 0o755) -> Entry:
    return Entry(DIRECTORY, 0, 5, mode)


link = Entry(LINK, 0, 5, 0o777, b"f")
special = Entry(SPECIAL, 0, 5, 0o644)


def tree(entries: dict[str, Entry]) -> Tree:
    return {RelPath(name.encode()): entry for name, entry in entries.items()}


SOURCE = tree(
    {
        "d": directory(),
        "d/f": file(2),
        "d/link": link,
        "d/shown": file(2),
        "d/sub": directory(),
        "d/sub/deep": file(),
        "d/known": directory(),
        "d/known/new": file(),
        "d-": file(),
        "e": directory(),
        "e/new": file(),
    }
)


def plan(destination: Tree, *unlisted: bytes, source: Tree = SOURCE, **more: object) -> Plan:
    return make_plan(
        source,
        destination,
        POLICY,
        **{
            "capabilities": Capabilities(),
            "unlisted": {RelPath(path) for path in unlisted},
            "complete": not unlisted,
            **more,
        },
    )


def short(made: Plan) -> list[tuple[str, str]]:
    return [(action.path.decode(), action.action) for action in made.actions]


OUTSIDE = [("d-", "store"), ("e", "create_directory"), ("e/new", "store")]


def test_nothing_below_an_unlisted_directory_gets_an_action() -> None:
    made = plan(tree({"d": directory()}), b"d")
    assert short(made) == OUTSIDE
    assert made.withheld == 7
    assert [path for path, _attributes in made.restamp] == []


def test_the_directory_itself_keeps_its_attributes() -> None:
    """With the mode of the source, the next run can list it."""
    made = plan(tree({"d": directory(0o333)}), b"d")
    assert short(made) == [("d", "set_attributes"), *OUTSIDE]


def test_entries_that_an_incomplete_listing_shows_are_known() -> None:
    made = plan(tree({"d": directory(), "d/shown": file(3), "d/known": directory(), "d/link": file()}), b"d")
    assert short(made) == sorted([*OUTSIDE, ("d/shown", "store"), ("d/known/new", "store")])
    assert made.withheld == 3
    assert [skipped.path for skipped in made.skipped] == [b"d/link"], "of another kind, while a listing is incomplete"


def test_a_listed_directory_in_which_all_is_missing() -> None:
    made = plan(tree({"d": directory(), "d/known": directory()}), b"d/known")
    assert ("d/known/new", "store") not in short(made)
    assert made.withheld == 1
    assert len(short(made)) == len(OUTSIDE) + 5


def test_nothing_is_stored_below_an_unlisted_root() -> None:
    made = plan({}, b"")
    assert made == Plan(withheld=len(SOURCE))


def test_what_filters_hide_of_an_unlisted_directory() -> None:
    """With `include`, a directory is in the tree only with an entry that is in."""
    assert short(plan({}, b"d")) == OUTSIDE


def test_skipped_entries_of_the_source_stay_skipped() -> None:
    made = plan(tree({"d": directory()}), b"d", source=tree({"d": directory(), "d/fifo": special}))
    assert [skipped.path for skipped in made.skipped] == [b"d/fifo"]
    assert made.withheld == 0


def test_nothing_is_moved_or_copied_to_a_name_that_may_be_there() -> None:
    """The other listings are complete here, so that there are removals, which become moves."""
    size = 1 << 20
    source = tree({"d": directory(), "d/f": file(size), "new": file(size)})
    destination = tree({"d": directory(), "old": file(size)})
    wanted = {path: b"digest" for path, entry in source.items() if entry.kind == FILE}

    def relocate(draft: Draft) -> None:
        Twins(draft, copies=True).relocate(wanted, {RelPath(b"old"): b"digest"})

    made = plan(destination, b"d", source=source, complete=True, relocate=relocate)
    assert short(made) == [("new", "move")]
    assert made.withheld == 1


def test_a_whole_listing_withholds_nothing() -> None:
    made = plan(tree({"d": directory()}))
    assert made.withheld == 0
    assert len(short(made)) == len(SOURCE) - 1


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
    known = tree({"k": directory()})
    assert may_be_there(RelPath(path), known, {RelPath(unlisted)}) is there
    assert not may_be_there(RelPath(path), known, set())
    assert RelPath(b"") == ROOT
