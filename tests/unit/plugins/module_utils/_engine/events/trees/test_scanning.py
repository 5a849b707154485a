# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import time
from hashlib import sha256
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import NotFound, SyncError
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.trees import scanning
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.trees.scanning import (
    Scan,
    scan_files,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import ROOT, RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Page

LATER = 3600.0


def scan(tree: Path, known: Scan | None = None) -> Scan:
    """Return the files of a tree, as if the changes so far were an hour ago."""
    return scan_files(str(tree), known.files if known else {}, lambda: time.time() + LATER)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "tree/d").mkdir(parents=True)
    (tmp_path / "tree/a").write_bytes(b"one")
    (tmp_path / "tree/d/b").write_bytes(b"two")
    (tmp_path / "tree/link").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "tree/pipe")
    return tmp_path / "tree"


def test_files_have_their_digests(tree: Path) -> None:
    found = scan(tree)
    assert {path: each.digest for path, each in found.files.items()} == {
        b"a": sha256(b"one").digest(),
        b"d/b": sha256(b"two").digest(),
    }
    assert found.unread == {}
    assert found.recent == set()


def test_an_unchanged_file_is_not_read_again(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = scan(tree)
    read: list[bytes] = []
    monkeypatch.setattr(scanning.LocalTransport, "digest", lambda _side, paths: read.extend(paths) or ())
    assert scan(tree, first).files == first.files
    assert read == []


def test_the_same_size_and_time_do_not_hide_another_content(tree: Path) -> None:
    first = scan(tree)
    before = (tree / "a").stat()
    (tree / "a").write_bytes(b"ONE")
    os.utime(tree / "a", ns=(before.st_atime_ns, before.st_mtime_ns))
    again = scan(tree, first)
    assert again.files[RelPath(b"a")].mtime == first.files[RelPath(b"a")].mtime
    assert again.files[RelPath(b"a")].digest == sha256(b"ONE").digest()


def test_a_file_that_was_changed_a_moment_ago_is_read_again(tree: Path) -> None:
    found = scan_files(str(tree), {}, time.time)
    assert [each.stamp for each in found.files.values()] == [b"", b""]
    assert found.stamps == {}
    assert found.recent == {b"a", b"d/b"}
    assert all(each.stamp for each in scan(tree).files.values())


def test_a_file_that_cannot_be_read_is_reported(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = scanning.LocalTransport.digest

    def removing(side: scanning.LocalTransport, paths: list[RelPath]) -> object:
        (tree / "a").unlink()
        return digest(side, paths)

    monkeypatch.setattr(scanning.LocalTransport, "digest", removing)
    found = scan(tree)
    assert set(found.files) == {b"d/b"}
    assert isinstance(found.unread[RelPath(b"a")], NotFound)


def test_a_listing_that_is_not_whole_is_refused(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotFound):
        scan(tree / "missing")
    gone, broken = Page(RelPath(b"d"), (), NotFound("x")), Page(RelPath(b"d"), (), SyncError("y"))
    monkeypatch.setattr(scanning.LocalTransport, "scan", lambda _side: [Page(ROOT, ()), gone])
    assert scan(tree).files == {}
    monkeypatch.setattr(scanning.LocalTransport, "scan", lambda _side: [broken])
    with pytest.raises(SyncError, match="y"):
        scan(tree)
