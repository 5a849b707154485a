# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several sessions in one poll loop: the greeting, many operations, windows, stalls, the timer."""

from __future__ import annotations

import gc
import struct
import time
import weakref
from collections.abc import Callable, Iterator

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ConnectionLost,
    ProtocolViolation,
    Stalled,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sftp.client import SftpClient
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sftp.pool import (
    MOST_PENDING,
    WINDOW,
    Operation,
    SftpPool,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.pacer import Pacer
from support.running.patience import HANG_SECONDS
from support.scripted.pipe_stream import AnsweringStream, packet, version

OK = struct.pack(">III", 0, 0, 0)
REALPATH, STAT = 16, 17
STALL = 1.0
FAILURE = struct.pack(">III", 4, 0, 0)


@pytest.fixture
def pool() -> Iterator[SftpPool]:
    made = SftpPool(stall_timeout=HANG_SECONDS)
    yield made
    made.close()


@pytest.fixture
def impatient() -> Iterator[SftpPool]:
    """A pool for servers that fall silent. A busy machine is late by tenths of a second."""
    made = SftpPool(stall_timeout=STALL)
    yield made
    made.close()


def usual(kind: int, ident: int) -> bytes:
    if kind == 200:
        return packet(201, ident, struct.pack(">4Q", 300_000, 200_000, 100_000, 50))
    return packet(101, ident, OK)


def silent(kind: int, ident: int) -> bytes:
    return usual(kind, ident) if kind == 200 else b""


def join(pool: SftpPool, answer: Callable[[int, int], bytes] = usual) -> AnsweringStream:
    stream = AnsweringStream(version(b"limits@openssh.com", b"1"), answer)
    pool.add(stream)
    return stream


class Close(Operation):
    """One CLOSE; its result is the reply."""

    def start(self, client: SftpClient, finished: Callable[[object], None]) -> None:
        client.close_handle(b"h", finished)


def test_the_greeting_learns_extensions_and_limits(pool: SftpPool) -> None:
    join(pool)
    client = pool.clients[0]
    assert client.extensions == {b"limits@openssh.com": b"1"}
    assert client.limits == (200_000, 100_000, 50)


def test_a_session_that_ends_drops_the_operations_under_way(impatient: SftpPool) -> None:
    """With them, their local files are closed."""

    class Waiting(Operation):
        def start(self, client: SftpClient, finished: Callable[[object], None]) -> None:
            self._client = client
            client.close_handle(b"h", self._closed)
            client.waiting.append(self._resume)

        def _closed(self, _reply: object) -> None:
            pytest.fail("the server is silent")

        def _resume(self) -> None:
            """Content may move again."""

    join(impatient, silent)
    gc.disable()
    try:
        operation = Waiting()
        dropped = weakref.ref(operation)
        operation.start(impatient.clients[0], print)
        del operation
        assert dropped() is not None
        impatient.close()
        assert dropped() is None
    finally:
        gc.enable()


def test_a_server_without_limits_gets_small_blocks(pool: SftpPool) -> None:
    name = struct.pack(">II", 1, 1) + b"/" + bytes(4) + bytes(4)

    def answer(kind: int, ident: int) -> bytes:
        return packet(104, ident, name) if kind == REALPATH else packet(101, ident, OK)

    client = pool.add(AnsweringStream(version(), answer))
    assert (client.limits.write, client.in_turn) == (32768, False)


@pytest.mark.parametrize(
    ("first", "software", "in_turn"), [(STAT, "", False), (REALPATH, "", True), (STAT, "ssh2js1.17.0srv", True)]
)
def test_a_server_that_works_on_many_requests_at_the_same_time(
    pool: SftpPool, first: int, software: str, in_turn: bool
) -> None:
    """It shows by the order of two replies, or by the name of the server."""
    came: dict[int, bytes] = {}

    def answer(kind: int, ident: int) -> bytes:
        came[kind] = packet(101, ident, OK)
        if kind not in (STAT, REALPATH) or software:
            return came[kind]
        return b"" if len(came) < 2 else came[first] + came[{STAT: REALPATH, REALPATH: STAT}[first]]

    assert pool.add(AnsweringStream(version(), answer), software).in_turn is in_turn
    assert list(pool.run(Close() for _number in range(20))) == [0] * 20


@pytest.mark.parametrize("limits", [(0, 1, 1, 0), (0, 1023, 0, 0), (0, 0, 1023, 0)])
def test_limits_that_no_server_needs_are_refused(pool: SftpPool, limits: tuple[int, ...]) -> None:
    stream = AnsweringStream(
        version(b"limits@openssh.com", b"1"), lambda _kind, ident: packet(201, ident, struct.pack(">4Q", *limits))
    )
    with pytest.raises(ProtocolViolation, match="limits READ or WRITE to"):
        pool.add(stream)
    assert pool.clients == []


@pytest.mark.parametrize(("limits", "read", "write"), [((0, 1024, 0, 0), 1024, 32768), ((0, 0, 4096, 4), 32768, 4096)])
def test_small_limits_are_kept(pool: SftpPool, limits: tuple[int, ...], read: int, write: int) -> None:
    answer = packet(201, 0, struct.pack(">4Q", *limits))
    client = pool.add(AnsweringStream(version(b"limits@openssh.com", b"1"), lambda _kind, _ident: answer))
    assert client.limits[:2] == (read, write)


@pytest.mark.parametrize("greeting", [version(number=4), version(b"odd")[:-1], struct.pack(">IB", 1, 2)])
def test_another_greeting_ends_the_session(impatient: SftpPool, greeting: bytes) -> None:
    stream = AnsweringStream(greeting, usual)
    with pytest.raises((ProtocolViolation, Stalled)):
        impatient.add(stream)
    assert impatient.clients == []
    assert stream.read_fd == -1


def test_results_come_as_they_finish(pool: SftpPool) -> None:
    held: list[int] = []

    def reversed_pairs(kind: int, ident: int) -> bytes:
        if kind == 200:
            return usual(kind, ident)
        held.append(ident)
        return b"" if len(held) < 2 else packet(101, held[1], FAILURE) + packet(101, held[0], OK)

    join(pool, reversed_pairs)
    assert list(pool.run(iter([Close(), Close()]))) == [4, 0]


def test_no_more_at_once_than_wanted(pool: SftpPool) -> None:
    join(pool)
    under_way = [0]

    class Counted(Close):
        def start(self, client: SftpClient, finished: Callable[[object], None]) -> None:
            under_way[0] += 1

            def replied(_reply: object) -> None:
                finished(under_way[0])
                under_way[0] -= 1

            super().start(client, replied)

    assert max(pool.run((Counted() for _number in range(20)), at_once=3)) == 3


def test_the_server_has_its_next_request_while_a_result_is_read(pool: SftpPool) -> None:
    stream = join(pool)
    results = pool.run((Close() for _number in range(3)), at_once=1)
    next(results)
    until = time.monotonic() + HANG_SECONDS
    while stream.asked.count(4) < 2 and time.monotonic() < until:
        time.sleep(0.001)
    assert stream.asked.count(4) == 2
    assert list(results) == [0, 0]


def test_operations_that_results_bring_up_are_run_too(pool: SftpPool) -> None:
    join(pool)

    class Growing(Iterator[Operation]):
        """Has its next operation only when the result before was read."""

        allowed = 1

        def __next__(self) -> Operation:
            if not self.allowed:
                raise StopIteration
            self.allowed -= 1
            return Close()

    operations = Growing()
    read = 0
    for _result in pool.run(operations):
        read += 1
        operations.allowed = int(read < 4)
    assert read == 4


def test_what_ends_without_a_request_has_a_result_too(pool: SftpPool) -> None:
    join(pool)

    class Refused(Operation):
        def start(self, client: SftpClient, finished: Callable[[object], None]) -> None:
            finished("refused")

    assert list(pool.run(iter([Refused(), Close(), Refused()]))) == ["refused", "refused", 0]
    assert list(pool.run(iter([Refused()]))) == ["refused"]


def test_a_session_that_is_lost_gives_the_results_it_had(pool: SftpPool, monkeypatch: pytest.MonkeyPatch) -> None:
    join(pool)

    def lost(_client: SftpClient) -> int:
        raise ConnectionLost("it is gone")

    class Last(Close):
        def start(self, client: SftpClient, finished: Callable[[object], None]) -> None:
            def replied(reply: object) -> None:
                monkeypatch.setattr(SftpClient, "flush", lost)
                finished(reply)

            super().start(client, replied)

    results = pool.run(iter([Last(), Close()]), at_once=1)
    assert next(results) == 0
    with pytest.raises(ConnectionLost):
        next(results)
    monkeypatch.undo()


def test_what_runs_goes_on_without_anybody_waiting(pool: SftpPool) -> None:
    stream = join(pool)
    assert pool.advance(), "nothing runs"
    results = pool.run((Close() for _number in range(6)), at_once=1)
    assert next(results) == 0
    until = time.monotonic() + HANG_SECONDS
    while stream.asked.count(4) < 6 and time.monotonic() < until:
        pool.advance()
    assert stream.asked.count(4) == 6
    assert pool.advance()
    assert list(results) == [0] * 5


def test_nobody_waits_for_a_server_that_is_silent(impatient: SftpPool, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([usual, usual])
    join(impatient, lambda kind, ident: next(answers, silent)(kind, ident))
    results = impatient.run((Close() for _number in range(2)), at_once=1)
    assert next(results) == 0
    with monkeypatch.context() as patch:
        patch.setattr(impatient, "turn", lambda: pytest.fail("it waits"))
        assert not impatient.advance()
        assert not impatient.advance()
    results.close()
    with pytest.raises(Stalled):
        list(impatient.run(iter([Close()])))


@pytest.mark.parametrize("first", [True, False], ids=["before the last reply", "behind it"])
def test_what_goes_wrong_meanwhile_ends_the_run_after_its_results(pool: SftpPool, first: bool) -> None:
    """A packet that breaks the protocol is read once: who swallowed its error would go on as if nothing had been."""

    answered: list[int] = []

    def then_unasked(kind: int, ident: int) -> bytes:
        answered.append(kind)
        wrong = packet(101, 77_777, OK) if answered.count(4) == 2 else b""
        return wrong + usual(kind, ident) if first else usual(kind, ident) + wrong

    join(pool, then_unasked)
    results = pool.run((Close() for _number in range(2)), at_once=1)
    assert next(results) == 0
    until = time.monotonic() + HANG_SECONDS
    while not pool.advance() and time.monotonic() < until:
        pass
    with pytest.raises(ProtocolViolation):
        list(results)


def test_sessions_share_the_work(pool: SftpPool) -> None:
    streams = [join(pool), join(pool)]
    assert list(pool.run(Close() for _number in range(20))) == [0] * 20
    assert all(stream.asked.count(4) > 5 for stream in streams)


def test_ordered_work_stays_on_one_session(pool: SftpPool) -> None:
    streams = [join(pool), join(pool)]
    assert list(pool.run((Close() for _number in range(20)), ordered=True)) == [0] * 20
    assert [stream.asked.count(4) for stream in streams] == [20, 0]


def test_silence_is_a_stall(impatient: SftpPool) -> None:
    join(impatient, silent)
    with pytest.raises(Stalled):
        list(impatient.run(iter([Close()])))


def test_a_server_may_be_silent_for_as_long_as_it_is_granted(impatient: SftpPool) -> None:
    answers = iter([1.5 * STALL, None])

    def late_and_then_never(kind: int, ident: int) -> bytes:
        if kind == 200:
            return usual(kind, ident)
        pause = next(answers)
        if pause is None:
            return b""
        time.sleep(pause)
        return usual(kind, ident)

    join(impatient, late_and_then_never)
    impatient.grant(HANG_SECONDS)
    assert list(impatient.run(iter([Close()]))) == [0]
    impatient.grant(-HANG_SECONDS)
    with pytest.raises(Stalled):
        list(impatient.run(iter([Close()])))


def test_the_timer_ticks_for_who_waits_for_something_else(pool: SftpPool) -> None:
    join(pool)
    ticks: list[float] = []
    pool.every(0.5, lambda: pool.clients[0].close_handle(b"h", lambda _reply: ticks.append(time.monotonic())))
    pool.beat()
    assert ticks == []
    time.sleep(0.5)
    pool.beat()
    assert len(ticks) == 1
    assert pool.clients[0].pending == 0


def test_the_timer_ticks_within_an_operation_that_takes_long_to_start(pool: SftpPool) -> None:
    ticks: list[int] = []

    class Slow(Operation):
        def start(self, client: SftpClient, finished: Callable[[object], None]) -> None:
            until = time.monotonic() + HANG_SECONDS
            while len(ticks) < 2 and time.monotonic() < until:
                pool.beat_within()
            client.close_handle(b"h", finished)

    join(pool)
    pool.every(0.01, lambda: pool.clients[0].close_handle(b"h", lambda _reply: ticks.append(1)))
    assert list(pool.run(iter([Close(), Slow(), Close()]))) == [0, 0, 0]
    assert len(ticks) >= 2, "its replies are taken"


def test_time_between_calls_is_not_silence(impatient: SftpPool) -> None:
    join(impatient)
    time.sleep(1.2 * STALL)
    assert list(impatient.run(iter([Close()]))) == [0]


def test_the_end_of_a_session_is_raised(pool: SftpPool) -> None:
    join(pool, silent).hang_up()
    with pytest.raises(ConnectionLost):
        list(pool.run(iter([Close()])))


def test_who_finds_the_window_full_is_called_when_it_opens(pool: SftpPool) -> None:
    join(pool)
    client = pool.clients[0]
    woken: list[bool] = []

    class Frees(Operation):
        def start(self, client: SftpClient, finished: Callable[[object], None]) -> None:
            client.in_flight = WINDOW
            assert not pool.may_move(client, lambda: woken.append(True))

            def replied(reply: object) -> None:
                assert not woken
                client.in_flight = 0
                finished(reply)

            client.close_handle(b"h", replied)

    assert list(pool.run(iter([Frees()]))) == [0]
    assert woken == [True]
    assert not client.waiting


def test_requests_that_are_not_answered_do_not_fill_the_memory(pool: SftpPool) -> None:
    """The content of one byte each would not fill the window before there are eight million of them."""
    join(pool, silent)
    client = pool.clients[0]
    woken: list[bool] = []
    while pool.may_move(client, lambda: woken.append(True)) and client.pending < 2 * MOST_PENDING:
        client.read(b"h", client.in_flight, 1, lambda _reply: None)
        client.in_flight += 1
        client.flush()
    assert client.pending == MOST_PENDING
    client._pending.popitem()
    pool.admit()
    pool._flush()
    assert woken == [True]


def test_a_rate_without_credit_waits_and_does_not_spin() -> None:
    pool = SftpPool(stall_timeout=5, pacer=Pacer(1000))
    join(pool)
    pool.pacer.spend(300)
    turns: list[None] = []
    turn = pool.turn

    def counted() -> None:
        turns.append(None)
        turn()

    pool.turn = counted
    started = time.monotonic()
    assert list(pool.run(iter([Close()]))) == [0]
    assert time.monotonic() - started >= 0.2
    assert len(turns) < 20
    pool.close()


def test_the_timer_ticks_while_the_pool_waits(impatient: SftpPool) -> None:
    join(impatient, silent)
    ticks: list[float] = []
    impatient.every(STALL / 15, lambda: ticks.append(time.monotonic()))
    with pytest.raises(Stalled):
        list(impatient.run(iter([Close()])))
    assert 1 <= len(ticks) <= 16


def test_a_run_given_up_early_leaves_the_session_usable(pool: SftpPool) -> None:
    join(pool)
    run = pool.run(Close() for _number in range(50))
    assert next(run) == 0
    run.close()
    assert pool.clients[0].pending == 0
    assert list(pool.run(iter([Close()]))) == [0]


def test_what_goes_wrong_after_that_is_raised_by_the_next_run(pool: SftpPool) -> None:
    """A packet that breaks the protocol is read once. An error of the end itself would be lost with the generator."""
    answered: list[int] = []

    def then_unasked(kind: int, ident: int) -> bytes:
        answered.append(kind)
        return usual(kind, ident) + (packet(101, 77_777, OK) if answered.count(4) == 3 else b"")

    join(pool, then_unasked)
    run = pool.run((Close() for _number in range(3)), at_once=2)
    assert next(run) == 0
    run.close()
    with pytest.raises(ProtocolViolation):
        list(pool.run(iter([Close()])))
