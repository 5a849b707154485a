# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The counts of proofs: each file of the source that is known to be equal at the end counts once, under its proof."""

from __future__ import annotations

import pytest
from support.scenes.sync_pair import SyncPair, codes
from support.trees.tree_spec import Directory, Link

PROOFS = ("server_hash", "read_back", "recorded", "none")
OLD = {b"a": b"one", b"d/b": b"two", b"e": Directory(), b"l": Link(b"a")}
NEW = {**OLD, b"new": b"three"}


def counts(**expected: int) -> dict[str, int]:
    return {**dict.fromkeys(PROOFS, 0), **expected}


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_stored_and_equal_files(push: bool) -> None:
    pair = SyncPair(NEW, OLD, push=push)
    assert pair.run().proofs == counts(read_back=3)  # no record yet: equal files are read, the new file is proven
    assert pair.run(compare="size_mtime").proofs == counts(none=3)
    assert pair.run(compare="checksum").proofs == counts(read_back=3)


def test_the_server_hashes() -> None:
    assert SyncPair(NEW, OLD, server_hash="check-file").run().proofs == counts(server_hash=3)


def test_what_is_recorded_counts_as_that() -> None:
    pair = SyncPair(NEW, OLD)
    pair.run()
    pair.source.fill({b"later": b"four"})
    assert pair.run().proofs == counts(recorded=3, read_back=1)


def test_without_proof() -> None:
    assert SyncPair(NEW, OLD, proof="none", compare="size_mtime").run().proofs == counts(none=3)


def test_a_file_that_failed_counts_nowhere() -> None:
    pair = SyncPair(NEW, OLD)
    pair.peer.faults.flip(b"new")
    report = pair.run()
    assert codes(report) == {"proof_failed"}
    assert report.proofs == counts(read_back=2)


def test_check_mode_counts_what_was_compared() -> None:
    assert SyncPair(NEW, OLD).run(check_mode=True).proofs == counts(read_back=2)


def test_files_of_the_destination_alone_do_not_count() -> None:
    assert SyncPair({b"a": b"one"}, {b"a": b"one", b"more": b"x"}).run().proofs == counts(read_back=1)
