# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The limits of age and size."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import FileLimits
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    DIRECTORY,
    FILE,
    Entry,
    Tree,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.feature import outside
from support.scenes.sync_pair import SyncPair, codes, done
from support.trees.tree_spec import MTIME, SECOND, File

NOW = 1_000_000 * SECOND
TREE: Tree = {RelPath(b"%d" % age): Entry(FILE, age, NOW - age * SECOND, 0o644) for age in (0, 9, 10, 11, 20)}
TREE[RelPath(b"dir")] = Entry(DIRECTORY, 0, NOW, 0o755)


@pytest.mark.parametrize(
    ("limits", "left_out"),
    [
        (FileLimits(), set()),
        (FileLimits(min_age=10), {b"0", b"9"}),
        (FileLimits(max_age=10), {b"11", b"20"}),
        (FileLimits(min_size=10), {b"0", b"9"}),
        (FileLimits(max_size=10), {b"11", b"20"}),
        (FileLimits(min_age=10, max_size=10), {b"0", b"9", b"11", b"20"}),
    ],
)
def test_a_file_on_the_limit_takes_part(limits: FileLimits, left_out: set[bytes]) -> None:
    assert outside(TREE, limits, NOW) == left_out


def test_a_time_in_the_future_is_young() -> None:
    tree = {RelPath(b"a"): Entry(FILE, 0, NOW + SECOND, 0o644)}
    assert outside(tree, FileLimits(min_age=1), NOW) == {b"a"}
    assert outside(tree, FileLimits(max_age=1), NOW) == set()


LARGE = b"x" * 10


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
class TestWithDelete:
    """A file that is left out at the source is left alone at the destination, and so is a file that only the
    destination has, if it is outside the limits itself."""

    def test_a_file_that_is_left_out_stays_at_the_destination(self, push: bool) -> None:
        pair = SyncPair(
            {b"a": LARGE, b"b": b"1"}, {b"a": b"old"}, push=push, delete=True, limits=FileLimits(max_size=5)
        )
        assert done(pair.run()) == [(b"b", "store")]
        assert pair.destination.snapshot()[b"a"] == File(b"old")

    def test_a_directory_in_the_place_of_a_file_that_is_left_out_stays(self, push: bool) -> None:
        pair = SyncPair(
            {b"a": LARGE, b"b": b"1"}, {b"a/c": b"old"}, push=push, delete=True, limits=FileLimits(max_size=5)
        )
        assert codes(pair.run()) == set()
        assert b"a/c" in pair.destination.snapshot()

    def test_an_extra_file_outside_the_limits_stays_with_its_directory(self, push: bool) -> None:
        there = {b"d/large": LARGE, b"d/small": b"1", b"e/small": b"1"}
        pair = SyncPair({b"b": b"1"}, there, push=push, delete=True, limits=FileLimits(max_size=5))
        pair.run()
        assert set(pair.destination.snapshot()) == {b"b", b"d", b"d/large"}

    def test_a_file_of_the_source_replaces_one_outside_the_limits(self, push: bool) -> None:
        pair = SyncPair({b"a": b"1"}, {b"a": LARGE}, push=push, delete=True, limits=FileLimits(max_size=5))
        pair.run()
        assert pair.destination.snapshot()[b"a"] == File(b"1")

    def test_a_source_of_which_everything_is_left_out_is_refused(self, push: bool) -> None:
        pair = SyncPair({b"a": LARGE}, {b"b": b"1"}, push=push, delete=True, limits=FileLimits(max_size=5))
        assert codes(pair.run()) == {"empty_source"}

    def test_the_number_of_files_that_are_left_out(self, push: bool) -> None:
        pair = SyncPair({b"a": LARGE, b"b": b"1"}, {}, push=push, limits=FileLimits(max_size=5))
        assert pair.run().stats["files_filtered"] == 1
        assert "files_filtered" not in pair.run(limits=None).stats


def test_a_single_file_is_left_out() -> None:
    pair = SyncPair({b"a": File(b"1", mtime=MTIME)}, {})
    report = pair.run(local_root=pair.local.root + b"/a", limits=FileLimits(min_size=2))
    assert codes(report) == set()
    assert pair.destination.snapshot() == {}
