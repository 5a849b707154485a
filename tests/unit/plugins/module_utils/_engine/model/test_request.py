# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The limit of deletions: a number, or a part of the files at the destination. The spelling of paths."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import (
    DeleteLimit,
    spelled,
)


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
