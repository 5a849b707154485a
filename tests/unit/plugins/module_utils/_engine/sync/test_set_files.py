# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of a set that exist only in memory: whole, proven and never replaced, unless that is wanted."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    AlreadyExists,
    OperationFailed,
    ProofFailed,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.contents import PeerHash
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.set_files import SetFiles
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.stage_names import StageNames
from support.trees.memory_transport import MemoryTransport
from support.trees.tree_spec import File

PATH = RelPath(b"d/file")


class Peer:
    """A tree in memory and the files that are made there. sent: sizes."""

    def __init__(self) -> None:
        self.tree = MemoryTransport({})
        self.names = StageNames(b"/memory/tree", "0123456789abcdef")
        self.sent: list[int] = []
        self.files = SetFiles(self.tree, self.names, PeerHash(self.tree, "auto"), "auto", self.sent.append)
        self.files.make_directory(RelPath(b"d"))

    def content(self) -> bytes:
        found = self.tree.snapshot()[PATH]
        assert isinstance(found, File)
        assert found.mode == 0o644
        return found.content


@pytest.mark.parametrize("content", [b"", b"small", b"x" * 300_000])
def test_a_file_is_made_once(content: bytes) -> None:
    peer = Peer()
    peer.files.create(PATH, content)
    assert peer.content() == content
    assert peer.sent == [len(content)]
    with pytest.raises(AlreadyExists):
        peer.files.create(PATH, b"other")
    assert peer.content() == content


def test_a_file_is_replaced() -> None:
    peer = Peer()
    for content in (b"one", b"two"):
        peer.files.replace(PATH, content)
        assert peer.content() == content
    assert peer.names.open == set()


def test_a_file_that_turns_out_to_be_longer_is_not_proven() -> None:
    peer = Peer()
    peer.tree.faults.on_operation = lambda operation, path: (
        operation == "digest" and peer.tree.node(path).content.extend(b"!")
    )
    with pytest.raises(ProofFailed, match="differ from the sent bytes: it has more than its 5 bytes") as caught:
        peer.files.create(PATH, b"small")
    assert (caught.value.path, bool(caught.value.cure)) == (PATH, True)


def test_an_error_of_the_temporary_name_is_an_error_of_the_file() -> None:
    peer = Peer()

    def refuse(operation: str, path: bytes) -> None:
        if operation == "rename_new":
            raise OperationFailed("no", path=b"d/temporary")

    peer.tree.faults.on_operation = refuse
    with pytest.raises(OperationFailed) as caught:
        peer.files.create(PATH, b"content")
    assert caught.value.path == PATH


def test_a_damaged_file_gets_no_name() -> None:
    peer = Peer()
    peer.tree.faults.flip(PATH)
    with pytest.raises(ProofFailed):
        peer.files.create(PATH, b"content")
    assert PATH not in peer.tree.snapshot()
    assert len(peer.names.open) == 1, "the end of the run removes the temporary file"


def test_everybody_may_list_the_directory() -> None:
    assert Peer().tree.snapshot()[b"d"].mode == 0o755
