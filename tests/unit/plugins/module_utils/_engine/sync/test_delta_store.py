# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files are sent by blocks, on which terms, and which digests are recorded.

The transfer itself is tested with servers, see tests/integration/test_sync_delta.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.blocks import (
    Basis,
    Blocks,
    ByBlocks,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync import delta_store, execution
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.delta_store import WHOLE
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import (
    Sources,
    Staged,
    Transfer,
)
from support.scenes.sync_pair import SyncPair
from support.trees.memory_transport import MemoryTransport

STRONG, WEAK = b"1" * 32, b"1" * 4
OLD, NEW = b"old content", b"the new content"


class BlockServer(MemoryTransport):
    """A server that is asked for blocks: it stores whole files, and reports blocks."""

    basis: Basis | None = None
    read: int | None = None

    def sends_blocks(self) -> bool:
        return True

    def upload(self, transfers: Iterable[Transfer], source: Sources) -> Iterator[Staged]:
        for staged in super().upload(transfers, source):
            self.basis = basis = staged.transfer.basis
            if basis is None:
                yield staged
                continue
            copied = 4 if basis.blocks.sums else 0
            read = self.read if copied and basis.read_back else None
            known = basis.blocks
            blocks = Blocks(known.block, STRONG if known.strong else WEAK, known.strong)
            yield staged._replace(by_blocks=ByBlocks(blocks, copied, read))


@pytest.fixture(autouse=True)
def _small_files_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (delta_store, execution):
        monkeypatch.setattr(module, "LARGE", len(OLD))


def pair_of(**options: Any) -> SyncPair:
    """Return a pair after its first run, whose file has changed since."""
    server = BlockServer({}, server_hash=options.pop("server_hash", "check-file"))
    pair = SyncPair({b"a": OLD}, server, **options)
    pair.run()
    assert_basis(pair, known=False, strong=server.server_hash() is None and options["proof"] == "auto")
    pair.source.fill({b"a": NEW})
    return pair


def assert_basis(pair: SyncPair, *, known: bool, read_back: bool = False, strong: bool = False) -> None:
    basis = pair.peer.basis
    assert basis is not None
    assert bool(basis.blocks.sums) == known
    assert basis.read_back == read_back
    assert basis.blocks.strong == (read_back or strong)


@pytest.mark.parametrize("delta", ["auto", "always"])
def test_a_server_that_hashes(delta: str) -> None:
    pair = pair_of(delta=delta)
    report = pair.run()
    assert_basis(pair, known=True)
    assert report.stats["bytes_saved"] == 4
    assert report.stats["bytes_sent"] == len(NEW) - 4
    assert report.proofs["server_hash"] == 1
    assert "delta" not in report.proofs


def test_a_server_that_cannot_hash() -> None:
    pair = pair_of(server_hash=None, delta="always", proof="auto")
    pair.peer.read = 7
    report = pair.run()
    assert_basis(pair, known=True, read_back=True)
    assert {kind: count for kind, count in report.proofs.items() if count} == {"delta": 1}
    assert report.stats["bytes_received"] == 7


def test_a_file_with_copies_that_were_not_read_is_read_once_by_a_run_that_does_not_believe_them() -> None:
    pair = pair_of(server_hash=None, delta="always", proof="auto")
    pair.peer.read = 7
    pair.run()
    received = [pair.run(delta=delta).stats["bytes_received"] for delta in ("always", "never", "never")]
    assert received == [0, len(NEW), 0]


def test_weak_checksums_need_a_whole_proof() -> None:
    pair = pair_of(server_hash=None, delta="always", proof="read_back")
    pair.run(proof="auto")
    assert_basis(pair, known=False, strong=True)


def test_strong_checksums_count_with_a_whole_proof_too() -> None:
    pair = pair_of(server_hash=None, delta="always", proof="auto")
    pair.run(proof="read_back")
    assert_basis(pair, known=True, strong=True)


def test_a_whole_proof_by_reading_back() -> None:
    pair = pair_of(server_hash=None, delta="always", proof="read_back")
    report = pair.run()
    assert_basis(pair, known=True)
    assert report.proofs["read_back"] == 1
    assert report.stats["bytes_received"] == len(NEW)


@pytest.mark.parametrize(
    "options",
    [
        {"delta": "never"},
        {"delta": "auto", "proof": "read_back"},
        {"delta": "auto", "proof": "none"},
        {"delta": "auto", "server_hash": None},
    ],
    ids=str,
)
def test_whole_files(options: dict[str, Any]) -> None:
    server = BlockServer({}, server_hash=options.get("server_hash", "check-file"))
    pair = SyncPair({b"a": OLD}, server, **{key: value for key, value in options.items() if key != "server_hash"})
    report = pair.run()
    assert report.stats["files_stored"] == 1
    assert server.basis is None
    assert WHOLE not in report.notes


def test_a_server_without_copies_is_a_note_if_blocks_were_demanded() -> None:
    assert WHOLE in SyncPair({b"a": OLD}, {}, delta="always").run().notes
    assert WHOLE not in SyncPair({b"a": OLD}, {}, delta="auto").run().notes
    assert WHOLE not in SyncPair({b"a": b"small"}, {}, delta="always").run().notes


def test_a_stage_that_is_not_proven_is_sent_whole() -> None:
    pair = pair_of()
    pair.peer.faults.flip(b"a", times=1)
    report = pair.run()
    assert_basis(pair, known=False)
    assert report.stats["files_stored"] == 1
    assert report.stats["bytes_sent"] == 2 * len(NEW) - 4


def test_content_that_is_known_to_be_another() -> None:
    """The destination was changed, and its time is the recorded time."""
    pair = pair_of(compare="checksum")
    pair.peer.damage(b"a")
    pair.source.fill({b"a": OLD[::-1]})
    assert pair.run().stats["files_stored"] == 1
    assert_basis(pair, known=False)
