# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters against their own rules, and against git, whose patterns they follow."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Callable

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidPattern
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import ROOT, RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import DIRECTORY, FILE, Entry
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.planning.filters import Filters
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

NAMES = [b"a", b"b", b"ab", b"aab", b"abc", b"a-b", b"x.c", b"A", b"]", b"-", b"*", b"\\", b"!a", b"\xff", b"a b"]
DIRECTORIES = [b"a", b"b", b"ab", b"x.c"]


def _paths() -> dict[bytes, bool]:
    """Every path of a small tree three levels deep, with whether it is a directory."""
    paths: dict[bytes, bool] = {}
    level = [b""]
    for depth in range(3):
        deeper = []
        for above in level:
            for name in DIRECTORIES if depth < 2 else []:
                paths[above + name] = True
                deeper.append(above + name + b"/")
            for name in NAMES:
                paths.setdefault(above + name, False)
        level = deeper
    return paths


PATHS = _paths()


@pytest.fixture(scope="module")
def git_ignores(tmp_path_factory: pytest.TempPathFactory) -> Callable[[list[str]], set[bytes]]:
    """Ask git which of PATHS some patterns exclude."""
    root = tmp_path_factory.mktemp("git")
    environment = {"PATH": os.environ["PATH"], "HOME": str(root), "GIT_CONFIG_GLOBAL": "/dev/null", "LC_ALL": "C"}

    def git(*words: str, text: bytes = b"") -> bytes:
        done = subprocess.run(["git", *words], cwd=root, env=environment, input=text, capture_output=True, check=False)
        assert done.returncode in (0, 1), done.stderr
        return done.stdout

    git("init", "--quiet")
    for path, is_directory in PATHS.items():
        place = os.path.join(os.fsencode(root), path)
        if is_directory:
            os.mkdir(place)
        else:
            Path(os.fsdecode(place)).touch()

    def ignored(patterns: list[str]) -> set[bytes]:
        lines = [pattern.encode("utf-8", "surrogateescape") for pattern in patterns]
        (root / ".git/info/exclude").write_bytes(b"\n".join([*lines, b""]))
        found = git("check-ignore", "--no-index", "-z", "--stdin", text=b"\0".join([*PATHS, b""]))
        return set(found.split(b"\0")) - {b""}

    return ignored


PIECES = st.sampled_from(
    [
        "a",
        "b",
        "ab",
        "c",
        "x",
        ".",
        "-",
        "*",
        "**",
        "?",
        "[ab]",
        "[!a]",
        "[^-b]",
        "[]a]",
        "[a-c]",
        "[[:alpha:]]",
        "\\*",
        "\\\\",
    ]
)
PARTS = st.one_of(
    st.sampled_from(["**", "*", "a", "b", "ab", "x.c"]), st.lists(PIECES, min_size=1, max_size=5).map("".join)
)
PATTERNS = st.builds(
    lambda negated, anchor, parts, end: negated + anchor + "/".join(parts) + end,
    st.sampled_from(["", "", "", "!"]),
    st.sampled_from(["", "", "/"]),
    st.lists(PARTS, min_size=1, max_size=4),
    st.sampled_from(["", "", "/"]),
).filter(lambda pattern: not re.search(r"[^/!*]\*\*", pattern))
"""git takes literal text off before it looks for "**/", and so reads "a**/**" unlike its own manual: two stars behind
text are left to the table of test_pattern."""


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(patterns=st.lists(PATTERNS, min_size=1, max_size=4))
def test_excludes_as_git_does(git_ignores: Callable[[list[str]], set[bytes]], patterns: list[str]) -> None:
    try:
        filters = Filters([], patterns)
    except InvalidPattern:
        assume(False)
    ours = {path for path, is_directory in PATHS.items() if not filters.accepts(RelPath(path), is_directory)}
    assert ours == git_ignores(patterns)


@settings(max_examples=120)
@given(include=st.lists(PATTERNS, min_size=1, max_size=3), exclude=st.lists(PATTERNS, max_size=2))
def test_a_pruned_scan_finds_all_that_is_in(include: list[str], exclude: list[str]) -> None:
    try:
        filters = Filters(include, exclude)
    except InvalidPattern:
        assume(False)
    entered = {b""}
    for path, is_directory in PATHS.items():
        if path.rpartition(b"/")[0] in entered:
            if is_directory and filters.enter(RelPath(path)):
                entered.add(path)
        else:
            assert not filters.accepts(RelPath(path), is_directory), path


def _tree(*paths: bytes) -> dict[RelPath, Entry]:
    return {RelPath(p.rstrip(b"/")): Entry(DIRECTORY if p.endswith(b"/") else FILE, 0, 0, 0o644) for p in paths}


def test_without_patterns_all_is_in() -> None:
    filters = Filters([], [])
    assert filters.trivial
    assert filters.enter(ROOT)
    assert filters.enter(RelPath(b"a"))
    assert filters.accepts(RelPath(b"a/b"), False)


def test_exclude_wins_over_include() -> None:
    filters = Filters(["*.txt"], ["secret.txt"])
    assert not filters.trivial
    assert filters.accepts(RelPath(b"a/b.txt"), False)
    assert not filters.accepts(RelPath(b"a/secret.txt"), False)
    assert not filters.accepts(RelPath(b"a/b.png"), False)


def test_an_included_directory_is_in_with_all_below_it() -> None:
    filters = Filters(["docs/"], ["*.bak"])
    assert filters.accepts(RelPath(b"x/docs"), True)
    assert filters.accepts(RelPath(b"x/docs/deep/file"), False)
    assert filters.enter(RelPath(b"x/docs/deep"))
    assert not filters.accepts(RelPath(b"x/docs/file.bak"), False)
    assert not filters.accepts(RelPath(b"docs"), False), "a file of that name is no directory"


def test_only_ways_that_lead_to_an_included_entry_are_entered() -> None:
    filters = Filters(["/a/*/c.txt", "/d/**/e"], ["/d/no"])
    assert [p for p in (b"a", b"a/x", b"d", b"d/x/y") if not filters.enter(RelPath(p))] == []
    assert [p for p in (b"b", b"a/x/y", b"x/a", b"d/no", b"d/no/x") if filters.enter(RelPath(p))] == []
    assert not filters.accepts(RelPath(b"a"), True)


def test_an_excluded_directory_hides_what_a_later_pattern_takes_back() -> None:
    filters = Filters([], ["build/", "!build/keep"])
    assert not filters.enter(RelPath(b"build"))
    assert not filters.accepts(RelPath(b"build/keep"), False)
    filters = Filters([], ["build/*", "!build/keep"])
    assert filters.enter(RelPath(b"build"))
    assert filters.accepts(RelPath(b"build/keep"), False)
    assert not filters.accepts(RelPath(b"build/other"), False)


def test_select_keeps_the_way_to_what_is_in_and_tells_where_something_is_hidden() -> None:
    tree = _tree(b"a/", b"a/b/", b"a/b/x.txt", b"a/y.png", b"empty/", b"z.txt", b"c/", b"c/x.txt")
    selection = Filters(["*.txt"], ["z.*"]).select(tree)
    assert selection.tree == _tree(b"a/", b"a/b/", b"a/b/x.txt", b"c/", b"c/x.txt")
    assert selection.hiding == {b"a"}


def test_select_of_everything_excluded_is_empty() -> None:
    assert Filters(["*.nothing"], []).select(_tree(b"a/", b"a/b")).tree == {}


def test_include_takes_no_negation() -> None:
    with pytest.raises(InvalidPattern, match="begins with !") as caught:
        Filters(["!a"], [])
    assert "\\!name" in caught.value.cure
    assert Filters(["\\!a"], []).accepts(RelPath(b"!a"), False)


@pytest.mark.parametrize("lists", [(["["], []), ([], ["a", "["])])
def test_a_wrong_pattern_in_either_list_is_refused(lists: tuple[list[str], list[str]]) -> None:
    with pytest.raises(InvalidPattern, match=r"'\['"):
        Filters(*lists)
