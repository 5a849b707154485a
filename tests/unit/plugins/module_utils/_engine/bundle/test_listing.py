# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entries that go into an archive."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.bundle.listing import list_tree, newest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import EmptySource, Refused
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.local.transport import (
    LocalTransport,
)


def test_order_and_the_newest_file(tmp_path: Path) -> None:
    for name in ("b", "a/x", "a-b", "a.c"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
        os.utime(tmp_path / name, (7, 7))
    os.utime(tmp_path / "b", (9.5, 9.5))
    members = list_tree(LocalTransport(str(tmp_path).encode()), "skip").members
    assert [each.path for each in members] == [b"a", b"a-b", b"a.c", b"a/x", b"b"]
    assert newest(members) == 9
    assert newest(()) == 0


@pytest.mark.parametrize(("links", "kept"), [("skip", [b"f"]), ("copy", [b"f", b"inside"]), ("error", Refused)])
def test_links(tmp_path: Path, links: str, kept: list[bytes] | type[Exception]) -> None:
    tree = LocalTransport(str(tmp_path).encode())
    (tmp_path / "f").write_bytes(b"")
    for name, target in {"inside": "f", "above": "../f", "absolute": "/etc"}.items():
        (tmp_path / name).symlink_to(target)
    if isinstance(kept, list):
        listed = list_tree(tree, links)
        assert [each.path for each in listed.members] == kept
        assert {each.path for each in listed.skipped} == {b"inside", b"above", b"absolute"} - set(kept)
    else:
        with pytest.raises(kept):
            list_tree(tree, links)


def test_an_empty_tree(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(EmptySource):
        list_tree(LocalTransport(str(tmp_path).encode()), "skip")
