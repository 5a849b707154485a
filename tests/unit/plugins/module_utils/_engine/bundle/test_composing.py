# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The members of each layout, by Python's tarfile."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.bundle.composing import Composer
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.bundle.listing import list_tree
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import NotSupported, UnsafeName
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.local.transport import (
    LocalTransport,
)


@pytest.fixture
def tree(tmp_path: Path) -> LocalTransport:
    (tmp_path / "sub/empty").mkdir(parents=True)
    (tmp_path / "sub/b").write_bytes(b"beta")
    (tmp_path / "a-b").write_bytes(b"")
    return LocalTransport(str(tmp_path).encode())


def members(tree: LocalTransport, base: bytes | None) -> dict[str, bytes | None]:
    out = io.BytesIO()
    Composer(tree, list_tree(tree, "skip").members, base).write(out, lambda tags: b"sealed " + tags[:4])
    out.seek(0)
    with tarfile.open(fileobj=out) as archive:
        found = {each.name: archive.extractfile(each) for each in archive}
        return {name: None if each is None else each.read() for name, each in found.items()}


def test_the_plain_layout(tree: LocalTransport) -> None:
    assert list(members(tree, None).items()) == [("a-b", b""), ("sub", None), ("sub/b", b"beta"), ("sub/empty", None)]


def test_a_bag_is_sorted_too(tree: LocalTransport) -> None:
    found = members(tree, b"v1")
    tags = ["bag-info.txt", "bagit.txt", "data", "data/a-b", "data/sub", "data/sub/b", "data/sub/empty"]
    after = ["manifest-sha256.txt", "tagmanifest-sha256.txt", "tagmanifest-sha256.txt.sig"]
    assert list(found) == ["v1", *(f"v1/{name}" for name in [*tags, *after])]
    assert found["v1/tagmanifest-sha256.txt.sig"] == b"sealed " + (found["v1/tagmanifest-sha256.txt"] or b"")[:4]


def test_names_that_a_bag_cannot_have(tree: LocalTransport, tmp_path: Path) -> None:
    with pytest.raises(UnsafeName):
        members(tree, b"..")
    (tmp_path / "100%").write_bytes(b"")
    with pytest.raises(NotSupported):
        members(tree, b"v1")
    assert "100%" in members(tree, None)
