# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files to store, without an object for each."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.on_demand import FileStores
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.plan import (
    MISSING,
    SIZE,
    STORE,
    Write,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import FILE, Attributes, Entry

A, B, C = (RelPath(name) for name in (b"a", b"b", b"c"))
OLD = Entry(FILE, 9, 9, 0o600)
SOURCE = {path: Entry(FILE, size, 5, 0o644) for size, path in enumerate((A, B, C))}


def attributes(wanted: Entry, present: Entry | None) -> Attributes:
    return Attributes(wanted.mode if present is None else present.mode, wanted.mtime)


@pytest.fixture
def stores() -> FileStores:
    made = FileStores(SOURCE, {B: OLD}, attributes)
    assert not made
    for path, reason in ((C, MISSING), (A, MISSING), (B, SIZE)):
        made.add(path, reason)
    made.sort()
    return made


def test_an_action_is_made_from_both_trees(stores: FileStores) -> None:
    assert stores == (
        Write(A, STORE, MISSING, SOURCE[A], None, Attributes(0o644, 5)),
        Write(B, STORE, SIZE, SOURCE[B], OLD, Attributes(0o600, 5)),
        Write(C, STORE, MISSING, SOURCE[C], None, Attributes(0o644, 5)),
    )
    assert stores.write(B) == stores[1]
    assert list(stores.between(1, 3)) == list(stores[1:])
    assert len(stores) == 3
    assert stores


def test_what_needs_no_action(stores: FileStores) -> None:
    assert stores.paths == [A, B, C]
    assert list(stores.sizes) == [0, 1, 2]
    assert stores.wanted(C) == SOURCE[C]
    assert [stores.has(path) for path in (A, B, C, b"", b"aa", b"d")] == [True, True, True, False, False, False]


def test_files_that_are_left_alone(stores: FileStores) -> None:
    assert stores.replacing == {B: SIZE}
    stores.keep(lambda path: path != B)
    assert (stores.paths, stores.replacing) == ([A, C], {})
    assert not stores.has(B)
    stores.keep(lambda path: False)
    assert not stores
