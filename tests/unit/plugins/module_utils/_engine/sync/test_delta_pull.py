# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files are fetched by blocks. The transfer itself is tested with a server, see
tests/integration/test_sync_delta_pull.py."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.blocks import Basis, Blocks, ByBlocks
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync import delta_store, execution
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import (
    LocalSide,
    Staged,
    Transfer,
)
from support.scenes.sync_pair import SyncPair
from support.trees.memory_transport import MemoryTransport

OLD, NEW = b"old content", b"the new content"


class BlockServer(MemoryTransport):
    """A server that reports blocks, and gives whole files."""

    hashes = True

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.bases: list[Basis | None] = []

    def hashes_blocks(self) -> bool:
        return self.hashes

    def download(self, transfers: Iterable[Transfer], sink: LocalSide) -> Iterator[Staged]:
        for staged in super().download(transfers, sink):
            basis = staged.transfer.basis
            self.bases.append(basis)
            by_blocks = None if basis is None else ByBlocks(Blocks(basis.blocks.block, b"", strong=True), 4)
            yield staged._replace(by_blocks=by_blocks)


@pytest.fixture(autouse=True)
def _small_files_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (delta_store, execution):
        monkeypatch.setattr(module, "LARGE", len(OLD))


def pair_of(here: dict[bytes, bytes], **options: Any) -> SyncPair:
    server = BlockServer({b"a": NEW}, server_hash=options.pop("server_hash", "check-file"))
    return SyncPair(server, here, push=False, **options)


@pytest.mark.parametrize("delta", ["auto", "always"])
def test_a_file_that_replaces_another(delta: str) -> None:
    pair = pair_of({b"a": OLD}, delta=delta)
    report = pair.run()
    assert [basis is not None for basis in pair.peer.bases] == [True]
    assert report.stats["bytes_saved"] == 4
    assert report.stats["bytes_received"] == len(NEW) - 4
    assert report.proofs["server_hash"] == 1


@pytest.mark.parametrize(
    ("here", "options"),
    [
        ({}, {}),
        ({b"a": b"small"}, {}),
        ({b"a": OLD}, {"delta": "never"}),
        ({b"a": OLD}, {"proof": "read_back"}),
        ({b"a": OLD}, {"server_hash": None}),
    ],
    ids=str,
)
def test_whole_files(here: dict[bytes, bytes], options: dict[str, Any]) -> None:
    pair = pair_of(here, **options)
    assert pair.run().stats["files_stored"] == 1
    assert pair.peer.bases == [None]


def test_a_server_that_hashes_whole_files_only() -> None:
    pair = pair_of({b"a": OLD})
    pair.peer.hashes = False
    assert pair.run().stats["bytes_saved"] == 0
    assert pair.peer.bases == [None]


def test_a_file_that_is_not_proven_is_fetched_whole() -> None:
    pair = pair_of({b"a": OLD})
    pair.peer.faults.lie(b"a", b"0" * 32, times=1)
    assert pair.run().stats["files_stored"] == 1
    assert [basis is not None for basis in pair.peer.bases] == [True, False]
