# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Moves at the destination: how they are proven, and how a file that cannot be moved is stored."""

from __future__ import annotations

import itertools

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import PermissionDenied
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.report import SyncReport
from support.scenes.sync_pair import SyncPair, codes, done
from support.trees.tree_spec import MTIME, SECOND, File

TREE = {b"d/old": b"content", b"d/kept": b"k", b"e/f": b"other"}
MOVED = [(b"n", "create_directory"), (b"n/new", "move")]
STORED = [(b"n", "create_directory"), (b"n/new", "store"), (b"d/old", "remove")]


CONTENT = File(b"content")


def renamed(*, push: bool = True, new: File = CONTENT, **options: object) -> SyncPair:
    """Two equal trees with a record, after which a file of the source got another name."""
    pair = SyncPair(TREE, {}, push=push, delete=True, **options)
    pair.run()
    pair.source.discard(b"d/old")
    pair.source.fill({b"n/new": new})
    return pair


def converged(pair: SyncPair) -> None:
    """The trees are equal, and another run changes nothing and moves no content."""
    assert pair.destination.snapshot() == pair.source.snapshot()
    moved = pair.content_moved()
    again = pair.run()
    assert again.plan.actions == again.plan.restamp == ()
    assert codes(again) == set()
    assert pair.content_moved() == moved


@pytest.mark.parametrize(
    ("options", "proof", "moved"),
    [
        ({}, "recorded", 0),
        ({"proof": "read_back"}, "read_back", 7),
        ({"server_hash": "check-file"}, "server_hash", 7),
        ({"server_hash": "check-file", "proof": "read_back"}, "read_back", 7),
        ({"server_hash": "check-file", "proof": "server_hash"}, "server_hash", 7),
    ],
)
def test_the_proof_of_a_move(options: dict, proof: str, moved: int) -> None:
    """The server of the test counts the bytes that it hashes as well."""
    pair = renamed(**options)
    before = pair.content_moved()
    report = pair.run()
    assert done(report) == MOVED
    assert [outcome.proof for outcome in report.outcomes] == [None, proof]
    assert report.stats["bytes_sent"] == 0
    assert report.stats["files_moved"] == 1
    assert report.stats["files_stored"] == 0
    assert pair.content_moved() - before == moved
    assert report.proofs[proof] >= 1
    assert sum(report.proofs.values()) == 3
    converged(pair)


def test_without_proofs_the_record_of_an_earlier_run_counts() -> None:
    pair = renamed()
    report = pair.run(proof="none")
    assert (done(report), report.proofs["recorded"]) == (MOVED, 3)
    pair = renamed(proof="none")
    assert sorted(done(pair.run())) == sorted(STORED), "nothing was recorded"


def test_a_run_without_moves_has_no_count_of_them() -> None:
    assert "files_moved" not in SyncPair(TREE, {}).run().stats


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_mode_and_time_are_those_of_the_new_file(push: bool) -> None:
    new = File(b"content", mode=0o600, mtime=MTIME + 5 * SECOND)
    pair = renamed(push=push, new=new, server_hash="check-file")
    assert done(pair.run()) == MOVED
    assert pair.destination.snapshot()[b"n/new"] == new
    converged(pair)


def test_a_file_is_never_wider_than_it_will_be() -> None:
    pair = renamed(new=File(b"content", mode=0o600))
    seen = []
    pair.peer.faults.on_operation = lambda operation, _path: seen.append(
        pair.peer.snapshot().get(b"n/new", File(mode=0o600)).mode
    )
    pair.run()
    assert set(seen) == {0o600}


def test_the_content_stands_under_one_of_its_names_at_any_time() -> None:
    pair = renamed()
    names = []
    pair.peer.faults.on_operation = lambda operation, _path: names.append(
        {path for path, found in pair.peer.snapshot().items() if getattr(found, "content", b"") == b"content"}
    )
    pair.run()
    assert {frozenset(each) for each in names} == {frozenset({b"d/old"}), frozenset({b"n/new"})}


def test_a_moved_file_does_not_go_to_the_trash() -> None:
    pair = renamed(trash=b".trash")
    assert done(pair.run()) == MOVED
    assert not [path for path in pair.destination.snapshot() if path.startswith(b".trash")]


class TestStoredAfterAll:
    """The old name is removed by the same run."""

    def ends_well(self, pair: SyncPair, report: SyncReport, expected: list = STORED) -> None:
        assert codes(report) == set()
        assert done(report) == expected
        assert report.stats.get("files_moved", 0) == 0
        converged(pair)

    @pytest.mark.parametrize("options", [{"server_hash": "check-file"}, {"proof": "read_back"}], ids=["hash", "read"])
    def test_other_content_under_the_old_name(self, options: dict) -> None:
        pair = renamed(**options)
        pair.destination.damage(b"d/old")
        self.ends_well(pair, pair.run())

    def test_a_server_that_lies(self) -> None:
        pair = renamed(server_hash="check-file")
        pair.peer.faults.lie(b"d/old", bytes(32))
        self.ends_well(pair, pair.run())

    def test_other_content_under_the_old_name_here(self) -> None:
        pair = renamed(push=False, server_hash="check-file")
        pair.destination.damage(b"d/old")
        report = pair.run()
        assert codes(report) == set()
        converged(pair)

    @pytest.mark.parametrize("operation", ["rename", "set_attributes"])
    def test_a_refusal(self, operation: str) -> None:
        pair = renamed(new=File(b"content", mode=0o600))
        name = b"n/new" if operation == "rename" else b"d/old"
        pair.peer.faults.fail(operation, name, PermissionDenied("no"), times=1)
        self.ends_well(pair, pair.run())

    @pytest.mark.parametrize(
        "change", [{b"d/old": File(b"CONTENT", mtime=MTIME + SECOND)}, {b"d/old": b"longer content"}]
    )
    def test_the_file_changed_between_its_proof_and_its_rename(self, change: dict) -> None:
        pair = renamed()

        def act(operation: str, path: bytes) -> None:
            if (operation, path) == ("rename", b"n/new"):
                pair.peer.faults.on_operation = None
                pair.peer.discard(b"d/old")
                pair.peer.fill(change)

        pair.peer.faults.on_operation = act
        self.ends_well(pair, pair.run(), [(b"n", "create_directory"), (b"n/new", "store")])

    def test_the_file_vanished(self) -> None:
        pair = renamed()

        def act(operation: str, path: bytes) -> None:
            if (operation, path) == ("rename", b"n/new"):
                pair.peer.faults.on_operation = None
                pair.peer.discard(b"d/old")

        pair.peer.faults.on_operation = act
        self.ends_well(pair, pair.run())


@pytest.mark.parametrize("server_hash", [None, "check-file"])
@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
@pytest.mark.parametrize("retries", [0, 3], ids=["for good", "with a new session"])
@pytest.mark.parametrize("effect", [False, True], ids=["before the effect", "after it"])
def test_a_session_that_is_lost_at_any_operation(
    push: bool, server_hash: str | None, retries: int, effect: bool
) -> None:
    for number in itertools.count():
        pair = renamed(push=push, server_hash=server_hash)
        faults = pair.peer.faults
        faults.disconnect_at = faults.operations + number
        faults.effect_before_loss = effect
        operations = faults.operations
        report = pair.run(retries=retries)
        if faults.operations <= operations + number:
            break
        found = pair.destination.snapshot()
        assert any(getattr(found.get(name), "content", b"") == b"content" for name in (b"d/old", b"n/new"))
        for name, content in ((b"d/old", b"content"), (b"n/new", b"content"), (b"e/f", b"other")):
            assert getattr(found.get(name), "content", content) == content
        if retries:
            assert codes(report) == set(), number
        faults.disconnect_at = None
        assert codes(pair.run()) == set()
        converged(pair)
    assert number > 7
