# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directory at whose listing sessions end."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import ConnectionLost, Stalled
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import ROOT, RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.scan import (
    MOST_RESTARTS,
    DoubtfulDirectories,
)

A, B, C = RelPath(b"a"), RelPath(b"b"), RelPath(b"b/c")
TREE = {ROOT: [A, B], B: [C]}
LOST = ConnectionLost("lost")


def found(bad: RelPath) -> tuple[list[RelPath], list[RelPath]]:
    """List TREE; each session ends when `bad` is listed. Return the listed directories, and the failed directories."""
    doubtful, listed, failed = DoubtfulDirectories(None), list[RelPath](), list[RelPath]()
    start = ROOT
    while True:
        doubtful.begin()
        waiting, lost = [start], False
        while waiting and not lost:
            directory = waiting.pop(0)
            if directory == bad:
                lost = True
            elif doubtful.takes(directory) and directory not in listed:
                listed.append(directory)
            waiting += [] if lost else [each for each in TREE.get(directory, []) if doubtful.enter(each)]
        if lost:
            if not doubtful.failed(LOST, attempts=2):
                continue
            failed.append(start)
        else:
            assert doubtful.listed()
        start = doubtful.next()
        if start == ROOT:
            return listed, failed


@pytest.mark.parametrize("bad", [A, B, C])
def test_one_directory_fails_and_the_others_are_listed(bad: RelPath) -> None:
    listed, failed = found(bad)
    assert failed == [bad]
    below = {B, C} if bad == B else {bad}
    assert set(listed) == {ROOT, A, B, C} - below


def test_a_good_tree_is_listed_at_once() -> None:
    assert found(RelPath(b"none")) == ([ROOT, A, B, C], [])


def test_the_root_itself_cannot_be_listed() -> None:
    doubtful = DoubtfulDirectories(None)
    doubtful.begin()
    assert doubtful.failed(LOST, attempts=2) is False
    with pytest.raises(ConnectionLost):
        doubtful.failed(LOST, attempts=2)


def test_the_listing_does_not_begin_again_for_ever() -> None:
    doubtful = DoubtfulDirectories(None)

    def lose(number: int) -> None:
        doubtful.begin()
        assert doubtful.takes(ROOT)
        doubtful.enter(RelPath(b"d%d" % number))
        assert not doubtful.failed(LOST, attempts=2)

    for number in range(MOST_RESTARTS):
        lose(number)
    with pytest.raises(ConnectionLost):
        lose(MOST_RESTARTS)


def test_silence_holds_back_at_once() -> None:
    doubtful = DoubtfulDirectories(None)
    doubtful.begin()
    doubtful.takes(ROOT)
    assert doubtful.enter(A)
    assert doubtful.failed(Stalled("silence"), attempts=2) is False
    doubtful.begin()
    assert not doubtful.enter(A)
    assert doubtful.next() == A


def test_a_directory_that_is_not_wanted_is_not_entered() -> None:
    doubtful = DoubtfulDirectories(lambda path: path != A)
    doubtful.begin()
    assert [doubtful.enter(each) for each in (A, B)] == [False, True]
