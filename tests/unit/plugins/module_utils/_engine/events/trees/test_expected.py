# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.trees.unexplained import (
    ANYTHING,
    Expected,
    Held,
)

FILE, OTHER = Held(None, 1, 1), Held(None, 2, 2)


def tree(**files: Held) -> Expected:
    """Return a tree; _ stands for a slash."""
    expected = Expected()
    for name, held in files.items():
        expected.put(name.replace("_", "/").encode(), held)
    return expected


def test_files_are_found_and_listed() -> None:
    expected = tree(a=FILE, d_b=OTHER)
    assert [expected.find(path) for path in (b"a", b"d/b", b"d/c", b"a/b", b"x/y")] == [FILE, OTHER, None, None, None]
    assert dict(expected.files()) == {b"a": FILE, b"d/b": OTHER}


def test_a_directory_moves_with_all_below_it() -> None:
    expected = tree(d_a=FILE, d_e_b=OTHER)
    expected.put(b"x/y", expected.take(b"d"))
    assert dict(expected.files()) == {b"x/y/a": FILE, b"x/y/e/b": OTHER}
    assert expected.take(b"d") is None
    assert expected.take(b"x/y/a/z") is None


def test_a_node_takes_the_place_of_a_file() -> None:
    expected = tree(a=FILE)
    expected.put(b"a/b", OTHER)
    assert dict(expected.files()) == {b"a/b": OTHER}


def test_a_file_is_removed_and_a_directory_keeps_its_files() -> None:
    expected = tree(a=FILE, d_b=OTHER)
    for path in (b"a", b"d", b"missing"):
        expected.remove(path)
    assert dict(expected.files()) == {b"d/b": OTHER}


def test_anything_is_a_directory_too() -> None:
    expected = tree(d=ANYTHING)
    expected.put(b"d/a", FILE)
    assert expected.find(b"d/b/c") is expected.take(b"d/b") is ANYTHING
    assert dict(expected.files()) == {b"d": ANYTHING}
