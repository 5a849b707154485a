# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.event import RENAME, Event
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.trees.unexplained import (
    is_covered,
    path_below,
    paths_below,
)


def rename(old_path: bytes, path: bytes, *, ambiguous: bool = False) -> Event:
    return Event(1.0, RENAME, account="partner", path=path, old_path=old_path, ambiguous=ambiguous)


def test_the_paths_of_an_event() -> None:
    assert paths_below(rename(b"/in/a", b"/in/b"), b"/in") == [b"a", b"b"]
    assert paths_below(rename(b"/in/a", b"/b"), b"/in") == [b"a"]
    assert paths_below(rename(b"/in/a", b"b /in/c", ambiguous=True), b"/in") == [b"a", b"a b", b"c"]


def test_an_ambiguous_line_of_blanks_names_no_path() -> None:
    assert len(paths_below(rename(b"/in/a", b"b /" * 60, ambiguous=True), b"/in")) > 60
    assert paths_below(rename(b"/in/a", b"b /" * 2000, ambiguous=True), b"/in") == []


@pytest.mark.parametrize(
    ("path", "view", "expected"),
    [
        (b"/in/a", b"/in", b"a"),
        (b"in//./x/../a", b"/in/", b"a"),
        (b"/a", b"/", b"a"),
        (b"/in", b"/in", None),
        (b"/inn/a", b"/in", None),
        (b"/in/../a", b"/in", None),
        (b"", b"/", None),
    ],
)
def test_a_path_of_a_client_in_the_tree(path: bytes, view: bytes, expected: bytes | None) -> None:
    assert path_below(path, view) == expected


@pytest.mark.parametrize(("path", "expected"), [(b"a", True), (b"a/b/c", True), (b"ab", False), (b"b", False)])
def test_a_path_covers_all_below_it(path: bytes, expected: bool) -> None:
    assert is_covered(path, {b"a"}) is expected
    assert not is_covered(path, set())
