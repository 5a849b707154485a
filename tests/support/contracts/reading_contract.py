# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The contract of every Transport for the root, scans, looks and digests."""

# The exact class is meant, not one below it; pylint: disable=unidiomatic-typecheck
from __future__ import annotations

import hashlib
from typing import List

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    AlreadyExists,
    ItemError,
    NotFound,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    DIRECTORY,
    FILE,
    LINK,
    SPECIAL,
    Entry,
)

from ..trees.tree_spec import MTIME, SECOND, Directory, File, Link, Special, normal
from .tree_scene import ODD_NAMES, Make, TreeScene, entries, paths

__all__ = ["ReadingContract"]


class ReadingContract(TreeScene):
    # The root.

    def test_root_that_is_there(self, make: Make) -> None:
        assert make({}).root_entry().kind == DIRECTORY

    def test_missing_root_is_made_once(self, make: Make) -> None:
        transport = make(None)
        assert transport.root_entry() is None
        transport.create_root()
        assert transport.root_entry().kind == DIRECTORY
        with pytest.raises(AlreadyExists):
            transport.create_root()

    def test_real_root_is_absolute_also_while_it_is_missing(self, make: Make) -> None:
        transport = make(None)
        missing = transport.real_root()
        transport.create_root()
        assert missing.startswith(b"/")
        assert transport.real_root() == missing

    def test_made_root_can_be_worked_in(self, make: Make) -> None:
        transport = make(None)
        transport.create_root()
        transport.create_file(RelPath(b"f"), b"x")
        assert self.truth(transport)[b"f"].content == b"x"

    # scan

    def test_scan_of_an_empty_tree(self, make: Make) -> None:
        assert entries(make({})) == {}

    def test_scan_tells_kind_size_mtime_and_mode(self, make: Make) -> None:
        tree = {
            b"d": Directory(0o750, MTIME + SECOND),
            b"d/empty": File(b"", 0o600, MTIME + 2 * SECOND),
            b"d/f": File(b"12345", 0o755, MTIME + 3 * SECOND),
            b"hollow": Directory(0o700, MTIME),
        }
        assert entries(make(tree)) == {
            b"d": Entry(DIRECTORY, 0, MTIME + SECOND, 0o750),
            b"d/empty": Entry(FILE, 0, MTIME + 2 * SECOND, 0o600),
            b"d/f": Entry(FILE, 5, MTIME + 3 * SECOND, 0o755),
            b"hollow": Entry(DIRECTORY, 0, MTIME, 0o700),
        }

    def test_scan_follows_no_link_and_reads_it_when_asked(self, make: Make) -> None:
        transport = make({b"d/f": b"x", b"loop": Link(b"."), b"to_d": Link(b"d"), b"nowhere": Link(b"/no/such")})
        without, read = entries(transport), entries(transport, read_links=True)
        assert set(without) == set(read) == {b"d", b"d/f", b"loop", b"to_d", b"nowhere"}
        for name, target in ((b"loop", b"."), (b"to_d", b"d"), (b"nowhere", b"/no/such")):
            assert (without[name].kind, without[name].size, without[name].target) == (LINK, 0, None)
            assert (read[name].kind, read[name].size, read[name].target) == (LINK, 0, target)

    def test_scan_tells_of_specials(self, make: Make) -> None:
        found = entries(make({b"fifo": Special()}))
        assert (found[b"fifo"].kind, found[b"fifo"].size) == (SPECIAL, 0)

    def test_scan_enters_only_where_wanted(self, make: Make) -> None:
        asked: List[bytes] = []

        def enter(path: RelPath) -> bool:
            asked.append(path)
            return path != b"b"

        found = entries(make({b"a/a/x": b"", b"b/b/x": b"", b"f": b""}), enter=enter)
        assert sorted(found) == [b"a", b"a/a", b"a/a/x", b"b", b"f"]
        assert sorted(asked) == [b"a", b"a/a", b"b"]

    def test_scan_of_many_entries_comes_in_pages(self, make: Make) -> None:
        transport = make({b"d/%04d" % number: b"" for number in range(1200)})
        assert len(entries(transport)) == 1201
        assert max(len(page.entries) for page in transport.scan()) <= 1000

    def test_scan_of_many_levels(self, make: Make, depth: int) -> None:
        deep = b"/".join([b"d"] * depth)
        found = entries(make({deep + b"/f": b"x"}))
        assert len(found) == depth + 1
        assert found[deep + b"/f"].size == 1

    def test_scan_of_odd_names_is_byte_exact(self, make: Make) -> None:
        tree = normal({name + b"/" + name: b"x" for name in ODD_NAMES})
        assert set(entries(make(tree))) == set(tree)

    def test_scan_of_a_missing_root_is_a_problem(self, make: Make) -> None:
        pages = list(make(None).scan())
        assert [type(page.problem) for page in pages] == [NotFound]
        assert not pages[0].entries

    def test_two_scans_do_not_disturb_each_other(self, make: Make) -> None:
        transport = make({b"d/%04d" % number: b"" for number in range(1200)})
        expected = entries(transport)
        first, second = transport.scan(), transport.scan()
        page_of_first = next(first)
        assert sum(len(page.entries) for page in second) == len(expected)
        assert len(page_of_first.entries) + sum(len(page.entries) for page in first) == len(expected)

    # look

    def test_look(self, make: Make) -> None:
        transport = make({b"d/f": File(b"abc", 0o640), b"l": Link(b"d")})
        asked = paths(b"d/f", b"l", b"d", b"none", b"none/below", b"d/f/below")
        found = {path: (entry, error) for path, entry, error in transport.look(asked)}
        assert set(found) == set(asked)
        assert all(error is None for _entry, error in found.values())
        assert found[b"d/f"][0] == Entry(FILE, 3, MTIME, 0o640)
        assert found[b"l"][0].kind == LINK
        assert found[b"d"][0].kind == DIRECTORY
        assert [found[path][0] for path in asked[3:]] == [None] * 3

    # digest

    def test_digest(self, make: Make) -> None:
        sizes = (0, 1, 32767, 32768, 32769, 262145, 1048576, 2097153)
        tree = {b"%d" % size: bytes([size % 251]) * size for size in sizes}
        transport = make({**tree, b"d": Directory()})
        asked = {
            **{RelPath(path): len(content) for path, content in tree.items()},
            RelPath(b"none"): 1,
            RelPath(b"d"): 1,
        }
        results = {item.path: item for item in transport.digest(asked)}
        for path, content in tree.items():
            assert results[path][1:] == (hashlib.sha256(content).digest(), len(content), None)
        assert type(results[b"none"].error) is NotFound
        assert isinstance(results[b"d"].error, ItemError)
        assert results[b"none"].digest is results[b"d"].digest is None
        assert len(results) == len(tree) + 2

    def test_digest_of_many_files_answers_each_once(self, make: Make) -> None:
        tree = {b"d%d/%d" % (number % 7, number): b"%d" % number for number in range(self.small_files)}
        results = list(make(tree).digest({RelPath(path): len(content) for path, content in tree.items()}))
        assert {item.path: item.digest for item in results} == {
            path: hashlib.sha256(content).digest() for path, content in tree.items()
        }
        assert len(results) == len(tree)

    def test_digest_that_is_not_read_to_its_end(self, make: Make) -> None:
        tree = {b"%d" % number: b"x" * 1500000 for number in range(6)}
        transport = make(tree)
        sizes = dict.fromkeys(paths(*tree), 1500000)
        results = transport.digest(sizes)
        assert next(results).error is None
        results.close()
        assert len(list(transport.digest(sizes))) == 6
