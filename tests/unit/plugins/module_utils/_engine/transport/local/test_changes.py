# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes of a local tree: each item has its own result, and repeating a removal is no error."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import AlreadyExists
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import ROOT, RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.local.transport import (
    LocalTransport,
)

A, INSIDE = RelPath(b"a"), RelPath(b"a/b")


@pytest.fixture
def changes(tmp_path: Path) -> Iterator[LocalTransport]:
    made = LocalTransport(os.fsencode(tmp_path / "tree"))
    made.create_root()
    yield made
    made.close()


def test_a_root_is_made_once(changes: LocalTransport, tmp_path: Path) -> None:
    assert (tmp_path / "tree").is_dir()
    with pytest.raises(AlreadyExists) as caught:
        changes.create_root()
    assert caught.value.path == ROOT


def test_each_item_has_a_result(changes: LocalTransport, tmp_path: Path) -> None:
    changes.create_file(A, b"content")
    made = list(changes.make_directories([INSIDE, RelPath(b"d")]))
    assert [(done.path, done.error is None) for done in made] == [(INSIDE, False), (RelPath(b"d"), True)]
    assert (tmp_path / "tree/a").read_bytes() == b"content"


def test_what_is_gone_counts_as_removed(changes: LocalTransport) -> None:
    changes.create_file(A, b"")
    for _time in range(2):
        assert [done.error for done in changes.remove_files([A])] == [None]
    assert [done.error for done in changes.remove_files([INSIDE])] == [None]


def test_below_a_link_nothing_is_removed(changes: LocalTransport, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other/b").touch()
    assert [done.error for done in changes.make_links([(A, b"../other")])] == [None]
    list(changes.remove_files([INSIDE]))
    assert (tmp_path / "other/b").exists()
