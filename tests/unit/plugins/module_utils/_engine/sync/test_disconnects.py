# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The session ends at every operation of a run, one after the other: before or after the operation takes effect,
finally or with another session available. Final names hold the old or the new bytes; the next run converges; the run
after that changes nothing and moves no content."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import ConnectionFailed
from support.scenes.sync_pair import SyncPair
from support.trees.memory_transport import MemoryTransport
from support.trees.tree_spec import Directory, File, Link, TreeSpec

SOURCE: TreeSpec = {
    b"changed": b"new content",
    b"same": b"same",
    b"touched": File(b"touched", mtime=1_500_000_000_000_000_000),
    b"mode": File(b"mode", mode=0o600),
    b"d/new": b"x" * 70000,
    b"d/deep/new": b"y",
    b"empty": Directory(),
    b"link": Link(b"d/new"),
    b"relinked": Link(b"same"),
    b"to-file": b"was a directory",
    b"to-dir/inside": b"was a file",
    b"read-only": Directory(mode=0o555),
    b"read-only/f": b"in a read-only directory",
}
DESTINATION: TreeSpec = {
    b"changed": b"old content, longer",
    b"same": b"same",
    b"touched": b"touched",
    b"mode": b"mode",
    b"relinked": Link(b"changed"),
    b"to-file/a": b"1",
    b"to-file/b/c": b"2",
    b"to-dir": b"file",
    b"extra/e": b"extra",
    b"read-only": Directory(mode=0o555),
}
OPTIONS = {"delete": True, "links": "copy"}


def pair(*, push: bool, server_hash: str | None = None, **options: object) -> SyncPair:
    return SyncPair(SOURCE, DESTINATION, push=push, server_hash=server_hash, **{**OPTIONS, **options})


def assert_old_or_new(destination: MemoryTransport, old: dict, new: dict) -> None:
    for path, found in destination.snapshot().items():
        if isinstance(found, File) and b".secure_sync" not in path and not path.startswith(b".trash/"):
            allowed = [tree[path].content for tree in (old, new) if isinstance(tree.get(path), File)]
            assert found.content in allowed, path


def without_trash(tree: dict) -> dict:
    return {path: found for path, found in tree.items() if path.partition(b"/")[0] != b".trash"}


def assert_converges(sync_pair: SyncPair) -> None:
    report = sync_pair.run(retries=3)
    assert report.error is None
    assert not report.problems
    assert without_trash(sync_pair.destination.snapshot()) == sync_pair.source.snapshot()
    moved = sync_pair.content_moved()
    again = sync_pair.run(check_mode=True)
    assert again.plan.actions == ()
    assert sync_pair.run().outcomes == ()
    assert sync_pair.content_moved() == moved


@pytest.mark.parametrize("effect", [False, True], ids=["before the effect", "after the effect"])
@pytest.mark.parametrize("retries", [0, 3], ids=["for good", "with a new session"])
@pytest.mark.parametrize(
    ("push", "trash", "server_hash"),
    [(True, None, None), (True, b".trash", "check-file"), (False, b".trash", None)],
    ids=["push", "push with trash and server hash", "pull with trash"],
)
def test_at_every_operation(
    push: bool, trash: bytes | None, server_hash: str | None, retries: int, effect: bool
) -> None:
    points = 0
    while True:
        sync_pair = pair(push=push, trash=trash, server_hash=server_hash)
        old, new = sync_pair.destination.snapshot(), sync_pair.source.snapshot()
        faults = sync_pair.peer.faults
        faults.disconnect_at, faults.effect_before_loss = points, effect
        report = sync_pair.run(retries=retries)
        if faults.operations <= points:
            break
        assert_old_or_new(sync_pair.destination, old, new)
        if retries:
            assert report.error is None, (points, report.error)
            assert not report.problems
            assert [outcome for outcome in report.outcomes if outcome.error] == [], points
            assert without_trash(sync_pair.destination.snapshot()) == new
        assert_converges(sync_pair)
        assert sync_pair.source.snapshot() == new
        points += 1
    assert points > 30
    print("%d points" % points)


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_again_and_again(push: bool) -> None:
    """A session that ends with every thirtieth operation still gets there, because each one brings the run on."""
    sync_pair = pair(push=push)
    faults = sync_pair.peer.faults
    count = 0

    def lose(_operation: str, _path: bytes) -> None:
        nonlocal count
        count += 1
        faults.disconnect_at = faults.operations - 1 if count % 30 == 0 else None

    faults.on_operation = lose
    report = sync_pair.run(retries=4)
    assert report.error is None
    assert faults.asked("reconnect")
    faults.on_operation = faults.disconnect_at = None
    assert sync_pair.destination.snapshot() == sync_pair.source.snapshot()
    assert any("and reopened" in note for note in report.notes)


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_gives_up_after_the_retries(push: bool) -> None:
    sync_pair = pair(push=push)
    faults = sync_pair.peer.faults
    faults.disconnect_at = 12
    faults.reconnect_errors = [ConnectionFailed("refused")] * 9
    report = sync_pair.run(retries=3)
    assert report.error.code == "connection_failed"
    assert len(faults.asked("reconnect")) == 3
    assert [0.5 <= sync_pair.sleeps[0] <= 0.625, 1 <= sync_pair.sleeps[1] <= 1.25, 2 <= sync_pair.sleeps[2] <= 2.5] == [
        True
    ] * 3
