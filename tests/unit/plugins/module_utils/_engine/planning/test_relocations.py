# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Moves and copies of a plan, by the digests that are known."""

from __future__ import annotations

import hashlib

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import TooManyDeletions
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.plan import Plan
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import DeleteLimit
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    DIRECTORY,
    FILE,
    Digests,
    Entry,
    Tree,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.planning import relocations
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.planning.planner import (
    Draft,
    PlanPolicy,
    make_plan,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.planning.relocations import (
    SMALLEST_COPY,
    Twins,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Capabilities

MIRROR = PlanPolicy(delete=True, max_delete=DeleteLimit(100, True))
LARGE = SMALLEST_COPY
Content = dict[str, str]
"""path -> content, a letter; the size is the same for all."""


def digest(letter: str) -> bytes:
    return hashlib.sha256(letter.encode()).digest()


def tree(files: Content, size: int) -> Tree:
    made: Tree = {}
    for name in files:
        path = RelPath(name.encode())
        made[path] = Entry(FILE, size, 5, 0o644)
        if path.parent:
            made[path.parent] = Entry(DIRECTORY, 0, 5, 0o755)
    return made


def digests(files: Content) -> Digests:
    return {name.encode(): digest(letter) for name, letter in files.items() if letter}


def plan(
    source: Content,
    destination: Content,
    policy: PlanPolicy = MIRROR,
    *,
    size: int = LARGE,
    copies: bool = True,
    **more: object,
) -> Plan:
    known = (digests(source), digests(destination))

    def relocate(draft: Draft) -> None:
        Twins(draft, copies=copies).relocate(*known)

    more.setdefault("relocate", relocate)

    return make_plan(
        tree(source, size),
        tree(destination, size),
        policy,
        capabilities=Capabilities(),
        source_digests=known[0],
        destination_digests=known[1],
        **more,
    )


def short(made: Plan) -> list[tuple[str, ...]]:
    """Path and action; of a move or a copy the old name too."""
    found = []
    for action in made.actions:
        origin = getattr(action, "origin", None)
        found.append((action.path.decode(), action.action, *([origin.decode()] if origin else [])))
    return found


def test_a_renamed_file_is_moved_and_counts_as_no_deletion() -> None:
    made = plan({"new": "x"}, {"old": "x"}, MIRROR._replace(max_delete=DeleteLimit(0, False)))
    assert short(made) == [("new", "move", "old")]
    assert made.deletions == 0
    assert made.actions[0].reason == "missing"


def test_other_deletions_still_count() -> None:
    with pytest.raises(TooManyDeletions, match="delete 1 of 2 files"):
        plan({"new": "x"}, {"old": "x", "other": "y"}, MIRROR._replace(max_delete=DeleteLimit(0, False)))


def test_without_delete_the_old_file_stays_and_is_copied() -> None:
    keep = MIRROR._replace(delete=False)
    assert short(plan({"new": "x"}, {"old": "x"}, keep)) == [("new", "copy", "old")]
    assert short(plan({"new": "x"}, {"old": "x"}, keep, copies=False)) == [("new", "store")]


def test_a_small_file_is_moved_but_not_copied() -> None:
    assert short(plan({"new": "x"}, {"old": "x"}, size=1)) == [("new", "move", "old")]
    assert short(plan({"new": "x", "old": "x"}, {"old": "x"}, size=LARGE - 1)) == [("new", "store")]
    assert short(plan({"new": "x", "old": "x"}, {"old": "x"}, size=LARGE)) == [("new", "copy", "old")]


def test_an_empty_file_is_stored() -> None:
    assert short(plan({"new": "x"}, {"old": "x"}, size=0)) == [("new", "store"), ("old", "remove")]


@pytest.mark.parametrize(
    ("source", "destination"),
    [({"new": "x"}, {"old": "y"}), ({"new": ""}, {"old": "x"}), ({"new": "x"}, {"old": ""})],
    ids=["other content", "unknown at the source", "unknown at the destination"],
)
def test_only_equal_digests_count(source: Content, destination: Content) -> None:
    assert short(plan(source, destination)) == [("new", "store"), ("old", "remove")]


def test_each_old_file_is_moved_once_and_copied_for_the_rest() -> None:
    source = {"a": "x", "b": "x", "c": "x"}
    assert short(plan(source, {"old": "x"})) == [("a", "move", "old"), ("b", "copy", "old"), ("c", "copy", "old")]
    assert short(plan(source, {"old": "x"}, copies=False)) == [("a", "move", "old"), ("b", "store"), ("c", "store")]


def test_a_twin_of_the_same_name_is_preferred() -> None:
    made = plan({"n/1": "x", "n/2": "x", "n/3": "x"}, {"o/0": "x", "o/2": "x", "o/3": "x"})
    moved = [each for each in short(made) if each[1] == "move"]
    assert moved == [("n/1", "move", "o/0"), ("n/2", "move", "o/2"), ("n/3", "move", "o/3")]


def test_the_directories_that_are_left_get_their_times_again() -> None:
    made = plan({"d/a": "1", "n/new": "x"}, {"d/a": "1", "d/old": "x"})
    assert ("n/new", "move", "d/old") in short(made)
    assert [path for path, _attributes in made.restamp] == [b"d"]


def test_rotated_files_are_copied_over_each_other_and_not_moved() -> None:
    made = plan({"log": "4", "log.1": "3", "log.2": "2"}, {"log": "3", "log.1": "2", "log.2": "1"})
    assert short(made) == [("log", "store"), ("log.1", "copy", "log"), ("log.2", "copy", "log.1")]
    made = plan({"log": "4", "log.1": "3"}, {"log": "3", "log.1": "2"}, copies=False)
    assert short(made) == [("log", "store"), ("log.1", "store")]


def test_nothing_is_moved_onto_a_file() -> None:
    made = plan({"a": "x"}, {"a": "y", "old": "x"}, copies=False)
    assert short(made) == [("a", "store"), ("old", "remove")]


def test_a_file_that_a_directory_replaces_is_no_twin() -> None:
    made = plan({"old/new": "x"}, {"old": "x"})
    assert short(made) == [("old", "remove"), ("old", "create_directory"), ("old/new", "store")]


def test_files_that_are_left_alone_are_no_twins() -> None:
    made = plan({"new": "x"}, {"old": "x"}, untouched=frozenset([RelPath(b"old")]))
    assert short(made) == [("new", "store")]


def test_nothing_is_moved_after_an_incomplete_listing() -> None:
    assert short(plan({"new": "x"}, {"old": "x"}, complete=False, copies=False)) == [("new", "store")]


def test_the_sizes_say_which_digests_are_needed() -> None:
    source = {**tree({"new": "", "far": ""}, LARGE), RelPath(b"other"): Entry(FILE, 7, 5, 0o644)}
    seen: list[list[str]] = []

    def relocate(draft: Draft) -> None:
        for known in ({}, {b"old": digest("x")}):
            twins = Twins(draft, copies=True)
            for paths in (twins.unknown_extra(known), twins.unknown_stores({b"far": digest("y")}, known)):
                seen.append([path.decode() for path in paths])

    make_plan(source, tree({"old": "", "gone": ""}, LARGE), MIRROR, capabilities=Capabilities(), relocate=relocate)
    assert [sorted(paths) for paths in seen] == [["gone", "old"], [], ["gone"], ["new"]]


@pytest.mark.parametrize(("others", "hashed"), [({}, []), ({"other": "x"}, ["f"])])
def test_a_file_that_differs_is_no_twin_of_the_file_it_replaces(others: Content, hashed: list[str]) -> None:
    """It is hashed only if another file has its size."""
    seen: list[str] = []

    def relocate(draft: Draft) -> None:
        twins = Twins(draft, copies=True)
        seen.extend(path.decode() for path in twins.unknown_stores({}, digests({"f": "y", **others})))

    there = {"f": "y", **others}
    made = plan({"f": ""}, there, differing={RelPath(b"f")}, relocate=relocate)
    assert [action.reason for action in made.actions if action.action == "store"] == ["digest"]
    assert seen == hashed


@pytest.mark.parametrize(
    ("stores", "extra", "likely"),
    [
        ({"new": (LARGE, 5)}, {"old": (LARGE, 5), "far": (LARGE, 8)}, {"new", "old"}),
        ({"new": (LARGE, 5)}, {"old": (LARGE, 9)}, {"new", "old"}),
        ({"d/name": (LARGE, 5), "new": (LARGE, 6)}, {"e/name": (LARGE, 9), "old": (LARGE, 9)}, {"d/name", "e/name"}),
        ({"b": (LARGE, 5), "d/name": (LARGE, 6)}, {"a": (LARGE, 9), "e/name": (LARGE, 9)}, {"d/name", "e/name"}),
        ({"name": (LARGE + 1, 5), "new": (LARGE, 6)}, {"d/name": (LARGE, 9), "x": (LARGE + 1, 8)}, {"name", "x"}),
        ({"new": (LARGE, 5), "z": (LARGE, 6)}, {"old": (LARGE, 5), "y": (LARGE, 7)}, {"new", "old", "z", "y"}),
    ],
    ids=["same-time", "same-size", "same-name", "name-sorts", "name-of-another-size", "both"],
)
def test_renamed_files_and_a_sample_of_the_others_are_hashed_first(
    monkeypatch: pytest.MonkeyPatch,
    stores: dict[str, tuple[int, int]],
    extra: dict[str, tuple[int, int]],
    likely: set[str],
) -> None:
    monkeypatch.setattr(relocations, "SAMPLE", 1)
    seen: list[set[RelPath]] = []
    trees = [
        {RelPath(path.encode()): Entry(FILE, size, when * 10**9, 0o644) for path, (size, when) in files.items()}
        for files in (stores, extra)
    ]

    def relocate(draft: Draft) -> None:
        seen.append(Twins(draft, copies=True).likely())

    make_plan(*trees, MIRROR, capabilities=Capabilities(), relocate=relocate)
    assert seen == [{path.encode() for path in likely}]


def test_many_equal_files_take_little_time() -> None:
    count = 20_000
    made = plan({f"n/{number}": "x" for number in range(count)}, {f"o/{number + 7}": "x" for number in range(count)})
    assert sum(action.action == "move" for action in made.actions) == count
