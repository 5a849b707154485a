# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file that is archived while others may change it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.bundle.composing import TreeFile
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import SourceChanged
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.local.transport import (
    LocalTransport,
)

A = RelPath(b"a")


def opened(place: Path, *, grown: bool = False) -> TreeFile:
    (place / "a").write_bytes(b"alpha")
    tree = LocalTransport(str(place).encode())
    ((_path, entry, _error),) = tree.look([A])
    assert entry is not None
    if grown:
        (place / "a").write_bytes(b"alphabet")
    return TreeFile(tree.open_source(A), A, entry)


def test_its_digest(tmp_path: Path) -> None:
    file = opened(tmp_path)
    assert (file.read(2), file.read(3)) == (b"al", b"pha")
    assert file.finish() == hashlib.sha256(b"alpha").digest()
    file.close()


def test_a_file_that_changed_since_it_was_listed(tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(SourceChanged):
        opened(tmp_path, grown=True)
    assert len(os.listdir("/proc/self/fd")) <= before + 1  # the directory that the tree keeps open


def test_a_file_that_is_cut_while_it_is_read(tmp_path: Path) -> None:
    file = opened(tmp_path)
    os.truncate(tmp_path / "a", 2)
    with pytest.raises(SourceChanged):
        file.read(5)
    file.close()


def test_a_file_that_changes_behind_the_reader(tmp_path: Path) -> None:
    file = opened(tmp_path)
    file.read(5)
    (tmp_path / "a").write_bytes(b"ALPHA")
    with pytest.raises(SourceChanged):
        file.finish()
    file.close()
