# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One operation at a time over lost sessions; whole runs are in test_disconnects and test_poison_items."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    AlreadyExists,
    ConnectionFailed,
    ConnectionLost,
    Locked,
    PermissionDenied,
    ProtocolViolation,
    SyncError,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import FILE, Attributes, Entry
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.backoff import Backoff
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.retry import WORTH, Recovery, Retrying
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.stage_names import OURS
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import (
    Done,
    PeerTransport,
    Rename,
    Sources,
    Staged,
    Transfer,
    Transport,
)
from support.trees.memory_transport import MemoryTransport
from support.trees.tree_spec import Link, TreeSpec

A, B = RelPath(b"a"), RelPath(b"b")
LOST = ConnectionLost("the connection was closed")


def retrying(tree: TreeSpec, *, retries: int = 3) -> tuple[Retrying, MemoryTransport]:
    peer = MemoryTransport(tree)
    return Retrying(peer, Backoff(retries, sleep=lambda seconds: None)), peer


def lose_after_effect(peer: MemoryTransport, operation: str) -> None:
    """End the session once, after the first operation of this name took effect."""

    def lose(asked: str, _path: bytes) -> None:
        if asked == operation:
            peer.faults.disconnect_at, peer.faults.on_operation = peer.faults.operations - 1, None

    peer.faults.effect_before_loss = True
    peer.faults.on_operation = lose


def recovery(confirm: Callable[[Transport], None] = lambda peer: None) -> Recovery:
    return Recovery(lambda path: RelPath(path + b".again"), confirm)


CHANGES: dict[str, Callable[[Retrying], object]] = {
    "remove_files": lambda peer: list(peer.remove_files([A])),
    "set_attributes": lambda peer: list(peer.set_attributes([(A, Attributes(0o600))])),
    "rename": lambda peer: list(peer.rename([Rename(B, A)])),
}


def transfer(path: RelPath) -> Transfer:
    return Transfer(path, path, RelPath(path + b".first"), Entry(FILE, 1, 0, 0o644), Attributes(0o644))


def public(kind: type) -> set[str]:
    """Return the names of a class and of its annotations."""
    return {name for name in (*vars(kind), *kind.__annotations__) if not name.startswith("_")}


def test_every_operation_of_a_peer_is_passed_on() -> None:
    """A default of the base would answer instead of the peer. These are right as they are: entry_at uses look,
    whole_tree is for views, and only a session that is not wrapped yet moves its root."""
    assert (public(Transport) | public(PeerTransport)) - set(vars(Retrying)) == {"entry_at", "whole_tree", "move_root"}


def test_present_values_of_the_peer() -> None:
    peer, memory = retrying({b"a": b"content"})
    before = peer.carried
    memory.notes = ["a fall-back"]
    list(memory.download([transfer(A)], MemoryTransport({})))
    assert (peer.notes, peer.carried) == (["a fall-back"], memory.carried)
    assert peer.carried > before
    assert (peer.capabilities, peer.identity) == (memory.capabilities, memory.identity)


def test_an_operation_is_repeated_in_a_new_session() -> None:
    peer, memory = retrying({b"a": b"content"})
    memory.faults.fail("read_file", b"a", LOST, times=2)
    assert peer.read_file(A) == b"content"
    assert peer.reconnections == 2


def test_a_final_error_is_raised_at_once() -> None:
    peer, memory = retrying({b"a": b"content"})
    memory.faults.fail("read_file", b"a", AlreadyExists("no"))
    with pytest.raises(AlreadyExists):
        peer.read_file(A)
    assert peer.reconnections == 0


def test_an_item_that_ends_each_session_fails_by_name() -> None:
    peer, memory = retrying({b"a": b"1", b"b": b"2"}, retries=2)
    memory.faults.fail("remove_files", b"a", LOST)
    done = {one.path: one.error for one in peer.remove_files([A, B])}
    assert done[B] is None
    assert isinstance(done[A], ConnectionLost)
    assert done[A].path == A
    assert done[A].message == "the session was lost at each attempt for this item: the connection was closed"
    assert "virus scanner" in done[A].cure


@pytest.mark.parametrize(
    ("error", "uncertain"), [(PermissionDenied("no"), False), (ProtocolViolation("what?"), True), (LOST, True)]
)
def test_a_change_without_an_answer_is_uncertain(error: SyncError, uncertain: bool) -> None:
    for operation, act in CHANGES.items():
        peer, memory = retrying({b"a": b"1", b"b": b"2"}, retries=0)
        memory.faults.fail(operation, b"a", error)
        with suppress(SyncError):
            act(peer)
        assert peer.uncertain is uncertain, operation


def test_a_change_that_a_new_session_finds_or_makes_is_certain() -> None:
    for operation, act in CHANGES.items():
        peer, memory = retrying({b"a": b"1", b"b": b"2"})
        memory.faults.fail(operation, b"a", LOST, times=1)
        act(peer)
        assert (peer.reconnections, peer.uncertain) == (1, False), operation


def test_a_change_that_is_refused_after_a_loss_is_uncertain() -> None:
    for operation, act in CHANGES.items():
        peer, memory = retrying({b"a": b"1", b"b": b"2"})
        memory.faults.fail(operation, b"a", LOST, times=1)
        memory.faults.fail(operation, b"a", PermissionDenied("no"))
        with suppress(SyncError):
            act(peer)
        assert peer.uncertain, operation


def test_reading_is_never_uncertain() -> None:
    peer, memory = retrying({b"a": b"1"}, retries=0)
    memory.faults.fail("look", b"a", LOST)
    with suppress(SyncError):
        list(peer.look([A]))
    assert not peer.uncertain


def test_a_download_changes_nothing_at_the_peer() -> None:
    peer, memory = retrying({b"a": b"1", b"b": b"2"}, retries=0)
    sink = MemoryTransport({})
    assert all(one.error is None for one in peer.download([transfer(A)], sink))
    memory.faults.fail("download", b"b", LOST)
    peer.begin_changes(recovery())
    with suppress(SyncError):
        list(peer.download([transfer(B)], sink))
    assert not peer.uncertain
    assert not peer.touched


@pytest.mark.parametrize("in_place", [False, True])
def test_a_stage_is_a_name_of_the_engine(in_place: bool) -> None:
    peer, _memory = retrying({})
    one = transfer(A)._replace(stage=A if in_place else RelPath(OURS + b"1.tmp"), in_place=in_place)
    assert [staged.error for staged in peer.upload([one], MemoryTransport({b"a": b"1"}))] == [None]
    assert peer.touched is in_place


def test_a_change_whose_result_nobody_waits_for_is_uncertain() -> None:
    peer, _memory = retrying({b"a": b"1", b"b": b"2"})
    next(iter(peer.remove_files([A, B])))
    assert peer.uncertain
    assert peer.touched


def test_without_a_session_the_loss_ends_the_operation() -> None:
    peer, memory = retrying({b"a": b"1"}, retries=1)
    memory.faults.fail("read_file", b"a", LOST)
    memory.faults.reconnect_errors = [ConnectionFailed("the server refuses")] * 9
    with pytest.raises(ConnectionFailed):
        peer.read_file(A)


@pytest.mark.parametrize("content", [b"mine", b"of another run"])
def test_a_file_that_the_lost_session_made_is_taken_over(content: bytes) -> None:
    peer, memory = retrying({})
    memory.faults.fail("create_file", b"a", LOST, times=1)
    memory.faults.on_operation = lambda operation, path: memory.fill({b"a": content})
    if content == b"mine":
        peer.create_file(A, b"mine")
    else:
        with pytest.raises(AlreadyExists):
            peer.create_file(A, b"mine")
    assert peer.reconnections == 1


def test_links_and_renames_of_the_lost_session_are_taken_over() -> None:
    peer, memory = retrying({b"a": b"1"})
    lose_after_effect(memory, "make_links")
    assert list(peer.make_links([(B, b"a")])) == [Done(B)]
    lose_after_effect(memory, "rename")
    assert list(peer.rename([Rename(A, B)])) == [Done(B)]
    assert list(memory.snapshot()) == [b"b"]
    assert peer.reconnections == 2
    assert not isinstance(memory.snapshot()[b"b"], Link)


def test_a_transfer_starts_again_as_a_fresh_stage() -> None:
    peer, memory = retrying({})
    source = MemoryTransport({b"a": b"1"})
    peer.begin_changes(recovery())
    lose_after_effect(memory, "upload")
    staged = list(peer.upload([transfer(A)], source))
    assert [(one.transfer.stage, one.error) for one in staged] == [(b"a.again", None)]
    assert list(memory.snapshot()) == [b"a.again"]


def test_each_new_session_is_confirmed() -> None:
    seen: list[Transport] = []
    peer, memory = retrying({b"a": b"1"})
    peer.begin_changes(recovery(seen.append))
    memory.faults.fail("read_file", b"a", LOST, times=2)
    peer.read_file(A)
    assert seen == [memory, memory]


def test_a_destination_that_was_taken_over_ends_the_run() -> None:
    def taken(_peer: Transport) -> None:
        raise Locked("another run took over the lock")

    peer, memory = retrying({b"a": b"1"})
    peer.begin_changes(recovery(taken))
    memory.faults.fail("read_file", b"a", LOST)
    with pytest.raises(Locked):
        peer.read_file(A)
    assert memory.faults.asked("read_file") == [b"a"]


def test_the_heartbeat_continues_in_a_new_session(monkeypatch: pytest.MonkeyPatch) -> None:
    peer, memory = retrying({b"a": b"1"})
    touched: list[tuple[bytes, float]] = []
    monkeypatch.setattr(memory, "touch_every", lambda path, seconds: touched.append((path, seconds)))
    memory.faults.fail("read_file", b"a", LOST, times=1)
    peer.touch_every(A, 10)
    peer.read_file(A)
    assert touched == [(A, 10), (A, 10)]


def halfway(peer: MemoryTransport, stage: RelPath, sizes: list[int]) -> list[RelPath]:
    """Report the next of `sizes` for `stage` at each loss; return the list of the stages that are asked for."""
    asked: list[RelPath] = []
    upload = peer.upload

    def seen(transfers: Iterable[Transfer], source: Sources) -> Iterator[Staged]:
        transfers = list(transfers)
        asked.extend(one.stage for one in transfers)
        if sizes:
            reached[stage] = sizes.pop(0)
            raise LOST
        return upload(transfers, source)

    reached: dict[RelPath, int] = {}
    peer.upload, peer.halfway, peer.forget_halfway = seen, lambda: reached, reached.clear  # type: ignore[method-assign]
    return asked


@pytest.mark.parametrize(
    ("sizes", "stored"),
    [
        ([WORTH * number for number in range(1, 9)], True),
        ([WORTH // 2 * number for number in range(1, 9)], True),
        ([WORTH, WORTH, 2 * WORTH, 2 * WORTH, 3 * WORTH], True),
        ([WORTH, 2 * WORTH - 1, 2 * WORTH - 1, 2 * WORTH - 1], False),
        ([1, 2, 3, 4], False),
        ([3 * WORTH, WORTH, 0, 0], False),
    ],
)
def test_a_file_that_comes_further_is_not_given_up(sizes: list[int], stored: bool) -> None:
    """It keeps its stage. Sessions that bring it no further count, however many were useful before."""
    peer, memory = retrying({}, retries=2)
    peer.begin_changes(recovery())
    one = transfer(A)
    asked, count = halfway(memory, one.stage, list(sizes)), len(sizes)
    (staged,) = peer.upload([one], MemoryTransport({b"a": b"1"}))
    assert (staged.error is None) is stored
    assert set(asked) == {one.stage}
    assert (len(asked) == count + 1) is stored
    assert memory.halfway() == {}


def test_a_file_that_comes_as_far_in_each_new_stage_is_given_up() -> None:
    peer, memory = retrying({}, retries=2)
    numbers = itertools.count()
    peer.begin_changes(Recovery(lambda path: RelPath(b"%s%d" % (path, next(numbers))), lambda peer: None))
    reached: dict[RelPath, int] = {}

    def lose(transfers: Iterable[Transfer], _source: Sources) -> Iterator[Staged]:
        """Lose the stage in every second session."""
        assert next(numbers) < 50
        (one,) = transfers
        if not reached.pop(one.stage, 0):
            reached[one.stage] = 2 * WORTH
        raise LOST

    memory.upload, memory.halfway = lose, lambda: reached  # type: ignore[method-assign]
    (staged,) = peer.upload([transfer(A)], MemoryTransport({b"a": b"1"}))
    assert isinstance(staged.error, ConnectionLost)


def test_bytes_that_move_again_count_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 900 bytes in each session, 600 and then 100 more are known to have arrived."""
    peer, memory = retrying({})
    peer.begin_changes(recovery())
    one, moved, seen = transfer(A), [0], []
    monkeypatch.setattr(MemoryTransport, "carried", property(lambda _self: moved[0]))
    halfway(memory, one.stage, [600, 700])
    upload, reconnect = memory.upload, memory.reconnect

    def counted(transfers: Iterable[Transfer], source: Sources) -> Iterator[Staged]:
        moved[0] += 900
        return upload(transfers, source)

    def reconnected() -> None:
        seen.append(peer.carried)
        reconnect()

    memory.upload, memory.reconnect = counted, reconnected  # type: ignore[method-assign]
    list(peer.upload([one], MemoryTransport({b"a": b"1"})))
    assert seen == [600, 700]
