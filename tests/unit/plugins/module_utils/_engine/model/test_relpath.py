# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""RelPath: permitted parts of a path, and their display."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import UnsafeName
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import (
    ROOT,
    RelPath,
    check_name,
    display,
    display_text,
)
from hypothesis import given
from hypothesis import strategies as st

NAMES = st.from_regex(rb"[^/\0]{1,20}", fullmatch=True).filter(lambda name: name not in (b".", b".."))


@pytest.mark.parametrize("name", [b"", b".", b"..", b"a/b", b"/", b"a\0b", b"/etc", b"../x"])
def test_names_that_would_leave_the_tree_are_refused(name: bytes) -> None:
    with pytest.raises(UnsafeName) as caught:
        check_name(name)
    assert caught.value.path == name
    with pytest.raises(UnsafeName):
        RelPath(b"d").child(name)


@pytest.mark.parametrize("path", [b"", b"/", b"/etc", b"a/", b"a//b", b"a/../b", b"./a", b"a/.", b"a\0"])
def test_paths_that_would_leave_the_tree_are_refused(path: bytes) -> None:
    with pytest.raises(UnsafeName):
        RelPath.checked(path)


@pytest.mark.parametrize("name", [b"...", b".a", b" ", b"\n", b"\xff", b"-rf", b"a\\b", "\u202e".encode()])
def test_odd_names_are_names(name: bytes) -> None:
    assert check_name(name) == name
    assert ROOT.child(name) == name


@given(st.lists(NAMES, min_size=1, max_size=5))
def test_a_path_is_its_names(names: list[bytes]) -> None:
    path = ROOT
    for name in names:
        path = path.child(name)
    assert path == RelPath.checked(b"/".join(names)) == b"/".join(names)
    assert (path.name, path.depth, path.parent) == (names[-1], len(names), b"/".join(names[:-1]))
    assert isinstance(path.parent, RelPath)
    assert path.parent < path


def test_the_root() -> None:
    assert (ROOT, ROOT.depth, ROOT.parent, ROOT.name) == (b"", 0, b"", b"")


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (b"plain/name", "plain/name"),
        ("\u00e9".encode(), "\u00e9"),
        (b"\xe9", r"\xe9"),
        (b"a\\xe9", r"a\\xe9"),
        (b"\x1b[2J\n", r"\x1b[2J\x0a"),
        ("\u202etxt.exe".encode(), r"\u202etxt.exe"),
        ("\U000e0001".encode(), r"\U000e0001"),
    ],
)
def test_what_is_shown(path: bytes, shown: str) -> None:
    assert display(path) == shown


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_nothing_shown_steers_a_terminal_and_no_two_look_the_same(one: bytes, other: bytes) -> None:
    assert display(one).isprintable()
    assert (display(one) == display(other)) is (one == other)


def test_text_is_displayed_as_its_bytes() -> None:
    for raw in (b"plain", "ä".encode(), b"\xff\x1b[31m", b"a\\b"):
        assert display_text(raw.decode("utf-8", "surrogateescape")) == display(raw)
