# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Moves at the destination: how they are proven, and how a file that cannot be moved is stored."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ItemError,
    NoSpace,
    PermissionDenied,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.report import SyncReport
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import (
    DeleteLimit,
    Receipting,
    Signing,
)
from support.scenes.set_sender import SetSender
from support.scenes.sync_pair import SyncPair, codes, done
from support.servers.ssh_keys import key
from support.trees.memory_transport import MemoryTransport
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


def meanwhile(side: MemoryTransport, operation: str, path: bytes, change: Callable[[], None]) -> None:
    """Let another client do `change` right before the run's first such operation."""

    def act(asked: str, at: bytes) -> None:
        if (asked, at) == (operation, path):
            side.faults.on_operation = None
            change()

    side.faults.on_operation = act


def replaced(side: MemoryTransport, new: File) -> Callable[[], None]:
    """Return a change: another client replaces the file under its old name."""

    def change() -> None:
        side.discard(b"d/old")
        side.fill({b"d/old": new})

    return change


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
        self.ends_well(pair, pair.run())

    def test_the_file_vanished(self) -> None:
        pair = renamed()

        def act(operation: str, path: bytes) -> None:
            if (operation, path) == ("rename", b"n/new"):
                pair.peer.faults.on_operation = None
                pair.peer.discard(b"d/old")

        pair.peer.faults.on_operation = act
        self.ends_well(pair, pair.run())


class TestOtherClients:
    """Clients that change the file of a move, of which the run must carry no byte."""

    @pytest.mark.parametrize("options", [{}, {"server_hash": "check-file"}, {"proof": "read_back"}])
    @pytest.mark.parametrize("operation", ["look", "set_attributes", "rename"])
    def test_a_new_time_hides_no_change(self, options: dict, operation: str) -> None:
        """Other content of the same size, before each step of a move that changes mode and time."""
        new = File(b"content", mode=0o600, mtime=MTIME + 5 * SECOND)
        pair = renamed(new=new, **options)
        foreign = File(b"FOREIGN", mtime=MTIME + 99 * SECOND)
        meanwhile(pair.peer, operation, b"n/new" if operation == "rename" else b"d/old", replaced(pair.peer, foreign))
        report = pair.run()
        assert (b"n/new", "store") in done(report)
        assert codes(report) == set()
        converged(pair)

    @pytest.mark.parametrize("operation", ["look", "set_attributes", "rename"])
    def test_a_new_time_hides_no_change_here(self, operation: str) -> None:
        new = File(b"content", mode=0o600, mtime=MTIME + 5 * SECOND)
        pair = renamed(push=False, new=new, server_hash="check-file")
        foreign = File(b"FOREIGN", mtime=MTIME + 99 * SECOND)
        meanwhile(pair.local, operation, b"n/new" if operation == "rename" else b"d/old", replaced(pair.local, foreign))
        report = pair.run()
        assert (b"n/new", "store") in done(report)
        assert codes(report) == set()
        converged(pair)

    @pytest.mark.parametrize("put_back", [True, False])
    @pytest.mark.parametrize("operation", ["look", "rename"])
    def test_their_content_goes_to_the_trash(self, operation: str, put_back: bool) -> None:
        pair = renamed(trash=b".trash")
        if not put_back:
            pair.peer.faults.fail("rename_new", b"d/old", PermissionDenied("no"), times=9)
        foreign = File(b"the only copy of a partner", mtime=MTIME + SECOND)
        meanwhile(pair.peer, operation, b"n/new" if operation == "rename" else b"d/old", replaced(pair.peer, foreign))
        report = pair.run()
        assert codes(report) == set()
        found = pair.destination.snapshot()
        assert found[b".trash/d/old" if put_back or operation == "look" else b".trash/n/new"].content == foreign.content
        assert found[b"n/new"] == CONTENT
        assert b"d/old" not in found

    def test_their_content_does_not_stay_under_the_new_name(self) -> None:
        pair = renamed()
        foreign = File(b"FOREIGN!!", mtime=MTIME + SECOND)
        meanwhile(pair.peer, "rename", b"n/new", replaced(pair.peer, foreign))
        pair.peer.faults.fail("upload", b"n/new", NoSpace("full"), times=2)
        assert codes(pair.run()) == {"no_space"}
        found = pair.destination.snapshot()
        assert b"n/new" not in found
        assert found[b"d/old"] == foreign
        assert codes(pair.run()) == set()
        converged(pair)

    def test_a_wider_mode(self) -> None:
        old = {**TREE, b"d/old": File(b"content", mode=0o600)}
        pair = SyncPair(old, {}, delete=True)
        pair.run()
        pair.source.discard(b"d/old")
        pair.source.fill({b"n": File(b"content", mode=0o600)})
        meanwhile(pair.peer, "rename", b"n", lambda: setattr(pair.peer.node(b"d/old"), "mode", 0o666))
        assert codes(pair.run()) == set()
        assert pair.destination.snapshot()[b"n"].mode == 0o600
        converged(pair)

    def test_the_report_knows_that_the_old_name_has_gone(self, tmp_path: Path) -> None:
        pair = renamed()
        pair.peer.faults.fail("rename_new", b"d/old", PermissionDenied("no"), times=9)
        meanwhile(pair.peer, "rename", b"n/new", replaced(pair.peer, File(b"longer!!", mtime=MTIME + SECOND)))
        receipting = Receipting(
            str(tmp_path / "r").encode(), Signing(private_key_file=str(key("receipts").path)), "sync", "0"
        )
        report = pair.run(receipts=receipting)
        assert codes(report) == set()
        assert pair.destination.snapshot() == pair.source.snapshot()
        assert report.after.local == report.after.remote


class TestMaxDelete:
    """The old names of files that could not be moved are removals, and too many of them all stay."""

    def many(self, **options: object) -> SyncPair:
        pair = SyncPair({b"d/%d" % number: b"content %d" % number for number in range(20)}, {}, delete=True, **options)
        pair.run()
        for number in range(20):
            pair.source.discard(b"d/%d" % number)
            pair.source.fill({b"n/%d" % number: b"content %d" % number})
        return pair

    @pytest.mark.parametrize(
        ("refused", "limit"), [(1, DeleteLimit(0, False)), (20, DeleteLimit(10, True)), (3, DeleteLimit(10, True))]
    )
    def test_too_many(self, refused: int, limit: DeleteLimit) -> None:
        pair = self.many()
        for number in range(refused):
            pair.peer.faults.fail("rename", b"n/%d" % number, PermissionDenied("no"), times=1)
        report = pair.run(max_delete=limit)
        assert codes(report) == {"too_many_deletions"}
        assert report.stats["removed"] == 0
        found = pair.destination.snapshot()
        assert found.keys() >= {b"n/%d" % number for number in range(20)} | {b"d/%d" % each for each in range(refused)}
        assert [bytes(each.path) for each in report.problems[0].refused] == sorted(
            b"d/%d" % number for number in range(refused)
        )
        assert codes(pair.run(max_delete=limit)) == {"too_many_deletions"}, "the next run plans them as removals"
        assert codes(pair.run()) == set()
        converged(pair)

    def test_removals_of_the_plan_count_too(self) -> None:
        pair = self.many()
        pair.source.discard(b"n/19")
        pair.peer.faults.fail("rename", b"n/0", PermissionDenied("no"), times=1)
        report = pair.run(max_delete=DeleteLimit(1, False))
        assert codes(report) == {"too_many_deletions"}
        assert pair.destination.snapshot().keys() >= {b"d/0", b"d/19"}

    def test_not_too_many(self) -> None:
        pair = self.many()
        pair.peer.faults.fail("rename", b"n/0", PermissionDenied("no"), times=1)
        report = pair.run(max_delete=DeleteLimit(1, False))
        assert codes(report) == set()
        assert report.stats["removed"] == 1
        converged(pair)


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_a_run_with_failures_takes_no_name_away(push: bool) -> None:
    pair = renamed(push=push, server_hash="check-file")
    pair.source.fill({b"e/f": File(b"changed", mtime=MTIME + SECOND)})
    pair.peer.faults.fail("upload" if push else "download", b"e/f", NoSpace("full"), times=2)
    report = pair.run()
    assert codes(report) == {"no_space"}
    assert pair.destination.snapshot()[b"d/old"] == CONTENT
    assert "1 moves were postponed to the next run, because this run had failures" in report.notes
    assert (b"n/new", "move") in done(pair.run())
    converged(pair)


def test_files_are_stored_before_others_are_moved() -> None:
    pair = renamed()
    pair.source.fill({b"z": b"a new file"})
    start = len(pair.peer.faults.log)
    pair.run()
    renames = [path for operation, path in pair.peer.faults.log[start:] if operation == "rename"]
    assert renames == [b"z", b"n/new"]


def test_a_signed_set_keeps_its_names_until_the_next_is_published() -> None:
    sender = SetSender()
    sender.good()
    sender.pair.source.discard(b"a")
    sender.pair.source.fill({b"z": b"alpha", b"other": b"new"})
    sender.pair.peer.faults.fail("upload", b"other", NoSpace("full"), times=9)
    assert codes(sender.run()) == {"no_space"}
    published = sender.newest()
    assert published is not None
    assert set(published.digests) <= set(sender.there)


class TestAServerThatRenamesWrongly:
    """The old name does not stay, and a run that went well leaves equal trees."""

    def test_not_at_all(self, monkeypatch: pytest.MonkeyPatch) -> None:
        pair, real = renamed(), MemoryTransport._rename

        def rename(self: MemoryTransport, old: RelPath, new: RelPath) -> None:
            if old != b"d/old":
                real(self, old, new)

        monkeypatch.setattr(MemoryTransport, "_rename", rename)
        assert done(pair.run()) == STORED
        converged(pair)

    def test_by_a_copy(self, monkeypatch: pytest.MonkeyPatch) -> None:
        pair, real = renamed(), MemoryTransport._rename

        def rename(self: MemoryTransport, old: RelPath, new: RelPath) -> None:
            if old == b"d/old":
                self.fill({new: CONTENT})
            else:
                real(self, old, new)

        monkeypatch.setattr(MemoryTransport, "_rename", rename)
        assert done(pair.run()) == [*MOVED, (b"d/old", "remove")]
        converged(pair)


@pytest.mark.parametrize("refusal", [PermissionDenied("no"), NoSpace("full")], ids=["refused", "failed"])
def test_a_new_time_that_cannot_be_set(refusal: ItemError) -> None:
    """Under the new name the file stays, and the next run corrects it. A refusal is a note."""
    pair = renamed(new=File(b"content", mtime=MTIME + SECOND))
    pair.peer.faults.fail("set_attributes", b"n/new", refusal, times=1)
    report, refused = pair.run(), isinstance(refusal, PermissionDenied)
    assert codes(report) == (set() if refused else {"no_space"})
    assert any("does not keep modes or times of 1 entry" in note for note in report.notes) is refused
    assert pair.destination.snapshot()[b"n/new"].content == b"content"
    assert codes(pair.run()) == set()
    converged(pair)


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
