# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that are hashed to find twins, and those that are not."""

from __future__ import annotations

import sys

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.planning.relocations import SAMPLE
from support.scenes.sync_pair import SyncPair
from support.trees.tree_spec import MTIME, SECOND, File

OLD = {b"d/old": b"content", b"d/kept": b"k"}
NEW = {b"d/new": b"content", b"d/kept": b"k"}


def renamed(*, push: bool = True, **options: object) -> SyncPair:
    """Two equal trees with a record, after which a file of the source got another name."""
    pair = SyncPair(OLD, {}, push=push, delete=True, **options)
    pair.run()
    pair.source.discard(b"d/old")
    pair.source.fill({b"d/new": b"content"})
    return pair


def asked(pair: SyncPair, operation: str) -> list[bytes]:
    return [*pair.source.faults.asked(operation), *pair.destination.faults.asked(operation)]


def actions(report: object) -> list[tuple[bytes, str]]:
    return [(bytes(action.path), action.action) for action in report.plan.actions]


def test_check_mode_foresees_a_move_without_reading_from_the_peer() -> None:
    pair = renamed()
    before = pair.content_moved()
    assert actions(pair.run(check_mode=True)) == [(b"d/new", "move")]
    assert pair.content_moved() == before
    assert pair.destination.snapshot().keys() >= {b"d/old"}


def test_nothing_is_hashed_if_no_size_is_equal() -> None:
    pair = renamed()
    pair.source.discard(b"d/new")
    pair.source.fill({b"d/new": b"other length"})
    logs = (pair.source.faults.log, pair.destination.faults.log)
    for log in logs:
        log.clear()
    assert actions(pair.run(check_mode=True)) == [(b"d/new", "store"), (b"d/old", "remove")]
    assert asked(pair, "digest") == asked(pair, "digest_by_server") == asked(pair, "server_hash") == []


@pytest.mark.parametrize("server_hash", [None, "check-file"])
def test_without_a_record_only_a_server_that_hashes_shows_twins(server_hash: str | None) -> None:
    pair = SyncPair(NEW, OLD, delete=True, server_hash=server_hash, compare="checksum")
    expected = [(b"d/new", "move")] if server_hash else [(b"d/new", "store"), (b"d/old", "remove")]
    assert actions(pair.run(check_mode=True)) == expected


@pytest.mark.parametrize("server_hash", [None, "check-file"])
def test_on_a_pull_the_server_hashes_the_new_file(server_hash: str | None) -> None:
    pair = renamed(push=False, server_hash=server_hash)
    before = pair.peer.content_sent
    report = pair.run()
    if server_hash:
        assert actions(report) == [(b"d/new", "move")]
        assert pair.peer.content_sent == before
        assert report.proofs["server_hash"] == 1
    else:
        assert actions(report) == [(b"d/new", "store"), (b"d/old", "remove")]
    assert pair.destination.snapshot() == pair.source.snapshot()


def test_a_comparison_without_digests_hashes_nothing() -> None:
    pair = renamed(server_hash="check-file", compare="size_mtime")
    for log in (pair.source.faults.log, pair.destination.faults.log):
        log.clear()
    report = pair.run(proof="none")
    assert actions(report) == [(b"d/new", "store"), (b"d/old", "remove")]
    assert asked(pair, "digest") == asked(pair, "digest_by_server") == []
    assert report.stats["files_compared"] == 0


@pytest.mark.parametrize("delete", [True, False])
def test_a_run_without_removals_loads_nothing(delete: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [name for name in sys.modules if name.endswith((".sync.twins", ".planning.relocations", ".relocation"))]
    for name in names:
        monkeypatch.delitem(sys.modules, name)
    pair = SyncPair(NEW, {} if delete else OLD, delete=delete)
    assert pair.run().stats["files_stored"] == 2 - (not delete)
    assert not set(names) & set(sys.modules)


MANY = 200


def many(prefix: bytes, content: bytes, mtime: int) -> dict[bytes, File]:
    """Files of one size, each with a time of its own."""
    return {
        b"%b%03d" % (prefix, number): File(b"%b %03d" % (content, number), mtime=mtime + number * SECOND)
        for number in range(MANY)
    }


def changed(*, push: bool, new: dict[bytes, File], **options: object) -> SyncPair:
    pair = SyncPair(many(b"d/old", b"content", MTIME), {}, push=push, delete=True, **options)
    pair.run()
    for path in many(b"d/old", b"", 0):
        pair.source.discard(path)
    pair.source.fill(new)
    for log in (pair.source.faults.log, pair.destination.faults.log):
        log.clear()
    return pair


@pytest.mark.parametrize("server_hash", [None, "check-file"])
@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_new_files_of_the_size_of_old_files_are_hashed_in_a_sample(push: bool, server_hash: str | None) -> None:
    """Segments of a log: many files of one size, of which none was renamed."""
    later = MTIME + 1000 * SECOND
    pair = changed(push=push, new=many(b"d/new", b"CONTENT", later), server_hash=server_hash)
    report = pair.run(check_mode=True)
    assert {action for _path, action in actions(report)} == {"store", "remove"}
    hashed = asked(pair, "digest") + asked(pair, "digest_by_server")
    assert len(hashed) <= (1 if push or server_hash is None else 2) * SAMPLE


@pytest.mark.parametrize("mtime", [MTIME, MTIME + 1000 * SECOND], ids=["renamed", "renamed and touched"])
@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_all_renamed_files_of_one_size_are_found(push: bool, mtime: int) -> None:
    pair = changed(push=push, new=many(b"e/old", b"content", mtime), server_hash="check-file")
    assert [action for _path, action in actions(pair.run(check_mode=True))].count("move") == MANY


def test_excluded_files_are_no_twins() -> None:
    pair = SyncPair(OLD, {}, delete=True)
    pair.run()
    pair.source.discard(b"d/old")
    pair.source.fill({b"d/new": b"content"})
    report = pair.run(exclude=("old",))
    assert (b"d/new", "store") in actions(report)
    assert pair.destination.snapshot().keys() >= {b"d/old", b"d/new"}
