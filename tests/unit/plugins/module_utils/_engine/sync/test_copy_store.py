# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies at the destination: how they are proven, and how a file that cannot be copied is stored."""

from __future__ import annotations

import itertools

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import PermissionDenied
from support.scenes.sync_pair import SyncPair, codes, done
from support.trees.tree_spec import MTIME, SECOND, File, TreeSpec

LARGE = 70_000
ONE, TWO, THREE, FOUR = (bytes([65 + number]) * LARGE for number in range(4))
TREE: TreeSpec = {b"log.2": ONE, b"log.1": TWO, b"log": THREE}
ROTATED: TreeSpec = {b"log.3": ONE, b"log.2": TWO, b"log.1": THREE, b"log": FOUR}
COPIED = [(b"log", "store"), (b"log.1", "copy"), (b"log.2", "copy"), (b"log.3", "copy")]


def copying(**options: object) -> SyncPair:
    """Two equal trees with a record, at a server that copies."""
    pair = SyncPair(TREE, {}, **options)
    pair.peer.capabilities = pair.peer.capabilities._replace(copies=True)
    pair.run()
    return pair


def rotated(**options: object) -> SyncPair:
    """As `copying`, after the names of all files moved on."""
    pair = copying(**options)
    pair.source.fill({path: File(content, mtime=MTIME + SECOND) for path, content in ROTATED.items()})
    return pair


def converged(pair: SyncPair) -> None:
    assert pair.destination.snapshot() == pair.source.snapshot()
    moved = pair.content_moved()
    again = pair.run()
    assert again.plan.actions == again.plan.restamp == ()
    assert pair.content_moved() == moved


@pytest.mark.parametrize(
    ("options", "proof"),
    [
        ({}, "read_back"),
        ({"server_hash": "check-file"}, "server_hash"),
        ({"proof": "read_back", "server_hash": "check-file"}, "read_back"),
    ],
)
def test_files_that_take_each_others_names_are_copied(options: dict, proof: str) -> None:
    pair = rotated(**options)
    sent = pair.peer.content_received
    foreseen = pair.run(check_mode=True)
    report = pair.run()
    assert done(report) == [(bytes(each.path), each.action) for each in foreseen.plan.actions] == COPIED
    assert {outcome.proof for outcome in report.outcomes} == {proof}
    assert pair.peer.content_received - sent == report.stats["bytes_sent"] == LARGE
    assert report.stats["bytes_saved"] == 3 * LARGE
    assert report.stats["files_copied"] == 3
    converged(pair)


def test_two_files_that_change_places() -> None:
    pair = copying()
    pair.source.fill({b"log.1": ONE, b"log.2": File(TWO, mtime=MTIME + SECOND)})
    pair.source.fill({b"log.1": File(ONE, mtime=MTIME + SECOND)})
    assert done(pair.run()) == [(b"log.1", "copy"), (b"log.2", "copy")]
    converged(pair)


def test_a_moved_file_is_copied_before_it_is_moved() -> None:
    pair = copying(delete=True)
    pair.source.discard(b"log.2")
    pair.source.fill({b"a": ONE, b"b": ONE})
    assert done(pair.run()) == [(b"a", "move"), (b"b", "copy")]
    converged(pair)


def test_replaced_files_go_to_the_trash() -> None:
    pair = rotated(trash=b".trash")
    pair.run()
    kept = {path: found.content for path, found in pair.destination.snapshot().items() if path.startswith(b".trash/")}
    assert kept == {b".trash/" + path: content for path, content in TREE.items()}


@pytest.mark.parametrize("fault", ["flip", "lose_write"])
def test_a_false_copy_is_sent_instead(fault: str) -> None:
    pair = rotated()
    getattr(pair.peer.faults, fault)(b"log.2", times=1)
    report = pair.run()
    assert codes(report) == set()
    assert sorted(done(report)) == [(b"log", "store"), (b"log.1", "copy"), (b"log.2", "store"), (b"log.3", "copy")]
    converged(pair)


@pytest.mark.parametrize("operation", ["copy", "copy.create", "copy.finish"])
def test_a_refused_copy_is_sent_instead(operation: str) -> None:
    pair = rotated()
    pair.peer.faults.fail(operation, b"log.2", PermissionDenied("no"))
    report = pair.run()
    assert codes(report) == set()
    assert sorted(done(report)) == [(b"log", "store"), (b"log.1", "copy"), (b"log.2", "store"), (b"log.3", "copy")]
    converged(pair)


def test_a_file_that_changed_since_it_was_listed_is_not_copied() -> None:
    pair = rotated()

    def act(operation: str, path: bytes) -> None:
        if (operation, path) == ("copy", b"log.2"):
            pair.peer.faults.on_operation = None
            pair.peer.fill({b"log.1": File(FOUR, mtime=MTIME + 9 * SECOND)})

    pair.peer.faults.on_operation = act
    assert codes(pair.run()) == set()
    converged(pair)


@pytest.mark.parametrize("retries", [0, 3], ids=["for good", "with a new session"])
@pytest.mark.parametrize("effect", [False, True], ids=["before the effect", "after it"])
def test_a_session_that_is_lost_at_any_operation(retries: int, effect: bool) -> None:
    for number in itertools.count():
        pair = rotated()
        faults = pair.peer.faults
        operations = faults.operations
        faults.disconnect_at, faults.effect_before_loss = operations + number, effect
        report = pair.run(retries=retries)
        if faults.operations <= operations + number:
            break
        for path, found in pair.destination.snapshot().items():
            if path in ROTATED:
                assert found.content in (TREE.get(path), ROTATED[path]), (number, path)
        if retries:
            assert codes(report) == set(), number
        faults.disconnect_at = None
        assert codes(pair.run()) == set()
        converged(pair)
    assert number > 20
