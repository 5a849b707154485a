# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The limit of deletions: a number, or a part of the files at the destination. The spelling of paths."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import (
    DELETE,
    DeleteLimit,
    DropBoxRequest,
    spelled,
)
from support.scenes.sync_pair import SyncPair


@pytest.mark.parametrize(
    ("limit", "files", "allowed"),
    [
        (DeleteLimit(3, percent=False), 1000, 3),
        (DeleteLimit(10, percent=True), 1000, 100),
        (DeleteLimit(10, percent=True), 25, 2),
        (DeleteLimit(10, percent=True), 1, 1),
        (DeleteLimit(0, percent=True), 1000, 0),
        (DeleteLimit(0, percent=False), 1000, 0),
        (DeleteLimit(100, percent=True), 7, 7),
    ],
)
def test_the_limit(limit: DeleteLimit, files: int, allowed: int) -> None:
    assert limit.of(files) == allowed


@pytest.mark.parametrize(
    ("spellings", "path"),
    [
        ((b"a", b"a/", b"./a", b"a//", b"a/.", b"././a"), b"a"),
        ((b"/a/b", b"//a//b/", b"/a/./b", b"/./a/b"), b"/a/b"),
        ((b"/", b"//", b"/."), b"/"),
        ((b".", b"./", b"./."), b""),
        ((b"a/../b",), b"a/../b"),
        ((b"..a/.b.", b"..a/./.b."), b"..a/.b."),
    ],
)
def test_a_path_has_one_spelling(spellings: tuple[bytes, ...], path: bytes) -> None:
    assert [spelled(each) for each in spellings] == [path] * len(spellings)


@pytest.mark.parametrize(
    ("asked", "answered", "is_it"),
    [
        (b"in", b"/home/mirror/in", True),
        (b"./in/", b"in", True),
        (b"in", b"/home/mirror/main", False),
        (b"in", b"/home/mirror/in/deeper", False),
        (b"/in", b"/in", True),
        (b"/in", b"/home/mirror/in", False),
    ],
)
def test_the_tree_at_a_server_is_the_one_that_is_asked_for(asked: bytes, answered: bytes, is_it: bool) -> None:
    request = SyncPair({}, {}).request(remote_root=asked)
    assert request.is_asked(answered) is is_it
    assert request.place == (*request.endpoint.account, spelled(asked))


@pytest.mark.parametrize(
    ("drop_box", "remembers", "in_place"),
    [
        (None, None, False),
        (DropBoxRequest(), False, False),
        (DropBoxRequest(in_place=True), False, True),
        (DropBoxRequest(deliver_once=True), True, False),
        (DropBoxRequest(after_transfer=DELETE), True, False),
    ],
)
def test_the_abilities_of_a_drop_box(drop_box: DropBoxRequest | None, remembers: bool | None, in_place: bool) -> None:
    assert SyncPair({}, {}).request(drop_box=drop_box).in_place is in_place
    assert (drop_box and drop_box.remembers) == remembers


def test_without_keys_nothing_is_sealed() -> None:
    request = SyncPair({}, {}).request()
    assert (request.sealed, request.extension) == (False, b"")
