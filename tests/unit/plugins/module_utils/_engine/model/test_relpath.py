# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""RelPath: permitted parts of a path, and their display."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import UnsafeName
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.display import display
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import (
    ROOT,
    RelPath,
    check_name,
)
from hypothesis import given
from hypothesis import strategies as st

NAMES = st.from_regex(rb"[^/\0]{1,20}", fullmatch=True).filter(lambda name: name not in (b".", b".."))


@pytest.mark.parametrize("name", [b"", b".", b"..", b"a/b", b"/", b"a\0b", b"/etc", b"../x"])
def test_names_that_would_leave_the_tree_are_refused(name: bytes) -> None:
    with pytest.raises(UnsafeName) as caught:
        check_name(name)
    assert caught.value.path == (name or None), "the empty path is the root"
    assert "'%s'" % display(name) in str(caught.value)
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
