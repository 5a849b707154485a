# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of a run at any moment."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ConnectionFailed,
    ConnectionLost,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.account import CREATE_ROOT, Account
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.backoff import Backoff
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.progress import Progress
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.sessions import Openers, Sessions
from support.scenes.sync_pair import SyncPair, codes, done
from support.trees.tree_spec import Directory, Link


def test_the_report_before_the_first_step() -> None:
    pair, error = SyncPair({}, {}), ConnectionFailed("no route")
    request = pair.request()
    sessions = Sessions(
        request, Openers(lambda asked: pair.source, lambda asked: pair.peer), Backoff(0), ExitStack(), Progress()
    )
    report = Account(request, sessions).report(error)
    assert report.error is error
    assert report.peer is None
    assert (report.plan.actions, report.outcomes, report.notes, report.proofs) == ((), (), (), {})
    assert set(report.stats.values()) == {0}


def test_the_root_that_was_made_comes_first() -> None:
    report = SyncPair({b"a": b"1"}, None).run()
    assert report.plan.actions[0] == CREATE_ROOT
    assert done(report) == [(b"", "create_directory"), (b"a", "store")]
    assert report.stats["directories_created"] == 1
    assert CREATE_ROOT not in SyncPair({b"a": b"1"}, {}).run().plan.actions


def test_entries_and_bytes_are_counted() -> None:
    report = SyncPair({b"a": b"12", b"b": b"345"}, {b"a": b"12"}).run()
    counted = {name: report.stats[name] for name in ("source_entries", "destination_entries", "files_compared")}
    assert counted == {"source_entries": 2, "destination_entries": 1, "files_compared": 1}
    assert report.stats["bytes_sent"] == 3
    assert report.stats["bytes_received"] == 5  # `a` was compared and `b` was proven, both by reading


def test_a_file_that_vanished_is_skipped_and_noted() -> None:
    pair = SyncPair({b"a": b"1", b"b": b"2"}, {})

    def vanish(operation: str, path: bytes) -> None:
        if operation == "open_source" and path == b"a":
            pair.source.discard(b"a")

    pair.source.faults.on_operation = vanish
    report = pair.run()
    assert done(report) == [(b"b", "store")]
    assert [skipped.path for skipped in report.plan.skipped] == [b"a"]
    assert report.notes == ("1 file vanished from the source after the listing",)


def test_new_sessions_are_noted() -> None:
    pair = SyncPair({b"a": b"1"}, {})
    pair.peer.faults.fail("upload", b"a", ConnectionLost("closed"), times=1)
    report = pair.run(retries=3)
    assert report.error is None
    assert report.notes == ("the connection was lost once and reopened",)


# counts of proofs: each file of the source that is known to be equal at the end counts once, under its proof

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
