# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SftpPool: one or several SFTP sessions to one server, driven by one poll loop in one thread."""

from __future__ import annotations

import select
import time
from abc import ABC, abstractmethod
from collections import deque
from contextlib import suppress
from queue import SimpleQueue
from struct import Struct
from typing import TYPE_CHECKING, Any, Callable, Deque, Dict, Iterator, List, Optional, Set, Tuple

from ..errors import ConnectionLost, ProtocolViolation, Stalled, SyncError
from ..ssh.stream import Stream
from ..system.pacer import Pacer
from . import packets
from .client import Handler, Limits, Reply, SftpClient
from .packets import EXTENDED_REPLY, NAME, U32, parse_strings
from .setting import Setting

if TYPE_CHECKING:
    from ..model.blocks import Buffer

_FAR_IN_FLIGHT = 512
_NEAR_IN_FLIGHT = 192
"""Operations under way. If replies come at once, this number keeps both ends busy, and the data stays in the
processors' caches."""
WINDOW = 8 << 20
"""Content bytes in flight on one connection."""
MOST_PENDING = 4096
"""Requests without a reply on one connection, from which on no more content moves. Each costs 450 bytes of memory."""

LONGEST_SILENCE = 86_400.0
"""Seconds for which a server may be silent at most while it hashes files whose sizes it reported itself."""

_LIMITS = Struct(">4Q")
_LARGEST = 255 * 1024
"""Bytes of one READ or WRITE at most: OpenSSH's own limit."""
_SMALLEST = 1024
"""A lower limit is an attack: a file would be moved in as many requests as it has bytes."""
_AT_THE_SAME_TIME = "ssh2js"
"""The identification of ssh2 (Node.js), whose servers work on many requests at a time."""
_OUT_HIGH_WATER = 512 << 10
"""Bytes that wait to be written, from which on no more content is read."""


class Operation(ABC):
    """Something that takes several requests. It calls `finished(result)` exactly once."""

    @abstractmethod
    def start(self, client: SftpClient, finished: Callable[[object], None]) -> None:
        """Send the first requests."""


class SftpPool:
    """Sessions to one server.

    stall_timeout: seconds without a byte moved after which a waiting request counts as lost.
    """

    def __init__(self, *, stall_timeout: float, pacer: Optional[Pacer] = None) -> None:
        self.clients: List[SftpClient] = []
        self.pacer = pacer or Pacer(None)
        self.reads_whole = True
        """Whether no READ was answered with less than the file holds so far: then the close may follow at once."""
        self.setting = Setting()
        self.newcomers: SimpleQueue[SftpClient] = SimpleQueue()
        """Sessions that were greeted already, put in by other threads. The next turn takes them in."""
        self.joined: List[Callable[[SftpClient], None]] = []
        """Functions to call with a session that joins while operations run."""
        self._stall_timeout = stall_timeout
        self._poll = select.poll()
        self._by_fd: Dict[int, SftpClient] = {}
        self._writing: Set[int] = set()
        self._idle = 0.0
        self._granted = 0.0
        self._running: List[_Running] = []
        self._broken: Optional[SyncError] = None
        self._timer: Optional[Callable[[], None]] = None
        self._timer_seconds = 0.0
        self._timer_due = 0.0

    # sessions

    def add(self, stream: Stream, software: str = "") -> SftpClient:
        """Take over a stream that is ready, after `say_hello`; learn the server's extensions, limits, and order.

        software: of the server, as its identification names it
        """
        client = SftpClient(stream, in_turn=software.startswith(_AT_THE_SAME_TIME))
        self._adopt(client)
        try:
            self._greet(client)
        except BaseException:
            self.drop(client)
            raise
        return client

    def _adopt(self, client: SftpClient) -> None:
        stream = client.stream
        for fd in (stream.read_fd, stream.message_fd):
            if fd is not None:
                self._by_fd[fd] = client
                self._poll.register(fd, select.POLLIN)
        self.clients.append(client)

    def admit(self) -> None:
        """Take in who waits among the newcomers."""
        while not self.newcomers.empty():
            client = self.newcomers.get()
            self._adopt(client)
            for tell in list(self.joined):
                tell(client)

    def _greet(self, client: SftpClient) -> None:
        answers: List[bytes] = []
        client.on_version(lambda body: answers.append(bytes(body)))
        self.wait(lambda: bool(answers))
        body = answers[0]
        if len(body) < 4 or U32.unpack_from(body)[0] != 3:
            raise ProtocolViolation("the server does not speak SFTP version 3")
        pairs = list(parse_strings(body[4:]))
        client.extensions = dict(zip(pairs[::2], pairs[1::2]))
        self._learn_limits(client)

    def _learn_limits(self, client: SftpClient) -> None:
        started = time.monotonic()
        if b"limits@openssh.com" in client.extensions:
            reply = self.call(
                client, lambda handler: client.extended(b"limits@openssh.com", b"", handler, expected=EXTENDED_REPLY)
            )
            if not isinstance(reply, int) and len(reply) >= _LIMITS.size:
                client.limits = _limits_of(reply)
        else:
            # A server that works on both at the same time is ready with the second first.
            here = packets.string(b".")
            client.request(packets.STAT, packets.ATTRS, here, lambda reply: None)
            self.call(client, lambda handler: client.request(packets.REALPATH, NAME, here, handler))
        client.round_trip = time.monotonic() - started

    def drop(self, client: SftpClient) -> None:
        self._want_write(client, wanted=False)
        for fd in [fd for fd, owner in self._by_fd.items() if owner is client]:
            self._poll.unregister(fd)
            del self._by_fd[fd]
        self.clients.remove(client)
        client.close()

    def close(self) -> None:
        self.admit()
        for client in list(self.clients):
            self.drop(client)

    def least_busy(self) -> SftpClient:
        if len(self.clients) == 1:
            return self.clients[0]
        return min(self.clients, key=lambda client: (client.in_flight, client.pending))

    # running

    def grant(self, seconds: float) -> None:
        """Allow the server so many more seconds of silence, for work that moves no byte; negative to end that. All
        grants together allow LONGEST_SILENCE."""
        self._granted += seconds

    def _allowed(self) -> float:
        """Return the seconds of silence that end the session."""
        return self._stall_timeout + min(self._granted, LONGEST_SILENCE)

    def call(self, client: SftpClient, send: Callable[[Handler], None]) -> Reply:
        """Send one request and wait for its reply (a body is copied)."""
        replies: List[Reply] = []
        send(lambda reply: replies.append(reply if isinstance(reply, (int, bytes)) else bytes(reply)))
        self.wait(lambda: bool(replies))
        return replies[0]

    def run(
        self, operations: Iterator[Operation], *, at_once: Optional[int] = None, ordered: bool = False
    ) -> Iterator[Any]:
        """Run operations, many at a time, and yield their results as they finish.

        operations: where it has come to its end for now, it is asked again after the next results
        ordered: all on one session, which carries them out in the order in which they are given
        """
        first = self.clients[0]
        enough = at_once or (_FAR_IN_FLIGHT if first.is_distant else _NEAR_IN_FLIGHT)
        running = _Running(self, operations, max(1, min(enough, first.limits.handles)), ordered=ordered)
        self._running.append(running)
        try:
            yield from running.results()
        finally:
            self._running.remove(running)

    def advance(self) -> bool:
        """Continue running operations without waiting; return whether waiting is useful: a result is ready, nothing
        runs, or the session is lost."""
        self._take_what_came()
        for running in self._running:
            running.start()
        self.send()
        return all(running.has_results for running in self._running)

    def _take_what_came(self) -> None:
        """Run a round if it need not wait. An error ends the running operations, when they are asked again."""
        if self._poll.poll(0):
            try:
                self.turn()
            except SyncError as error:
                for running in self._running:
                    running.fail(error)

    def client_for(self, *, ordered: bool) -> Optional[SftpClient]:
        """Return the session for another operation; None if none may begin now."""
        client = self.clients[0] if ordered else self.least_busy()
        return client if self._is_free(client) else None

    def may_move(self, client: SftpClient, resume: Callable[[], None]) -> bool:
        """Return whether content may move on this session now; if not, `resume` is called once when it may."""
        if self._is_free(client):
            return True
        client.waiting.append(resume)
        return False

    def _is_free(self, client: SftpClient) -> bool:
        # Content is read just before it is sent, while the processor still has it at hand.
        return (
            client.in_flight < WINDOW
            and client.out_bytes < _OUT_HIGH_WATER
            and client.pending < MOST_PENDING
            and self.pacer.open
        )

    def _wake(self, client: SftpClient) -> None:
        while client.waiting and self._is_free(client):
            client.waiting.popleft()()

    def wait(self, done: Callable[[], bool]) -> None:
        """Take turns until something is so."""
        while not done():
            self.turn()

    def finish(self, done: Callable[[], bool]) -> None:
        """Take turns for a caller that has left. An error is raised by the next turn."""
        try:
            self.wait(done)
        except (ConnectionLost, ProtocolViolation) as error:
            self._broken = error

    def turn(self) -> None:
        """Run one round: write, wait for an event, read. Raises Stalled, ConnectionLost, ProtocolViolation."""
        if self._broken is not None:
            raise self._broken
        self.admit()
        started = time.monotonic()
        pause = self.pacer.refill(started)
        moved = self._flush()
        for fd, events in self._poll.poll(self._patience(started, pause)):
            moved += self._serve(fd, events)
        for client in self.clients:
            self._wake(client)
        now = time.monotonic()
        self._idle = 0.0 if moved or pause is not None else self._idle + now - started
        if self._idle > self._allowed():
            raise Stalled(f"no byte moved for {self._allowed():g} seconds")
        self._tick(now)

    def _patience(self, now: float, pause: Optional[float]) -> int:
        """Milliseconds to wait at most: none where nothing is under way that could be waited for."""
        if pause is None and not any(client.pending for client in self.clients):
            return 0
        seconds = self._allowed() - self._idle
        if pause is not None:
            seconds = min(seconds, pause)
        if self._timer is not None:
            seconds = min(seconds, self._timer_due - now)
        return max(0, int(seconds * 1000) + 1)

    def _serve(self, fd: int, events: int) -> int:
        client = self._by_fd.get(fd)
        if client is None:
            return 0  # a descriptor that became writable: the next round flushes it
        if fd == client.stream.message_fd:
            client.stream.drain_messages()
            if events & select.POLLHUP and not events & select.POLLIN:
                self._poll.unregister(fd)
                del self._by_fd[fd]
            return 0
        return client.receive()

    def send(self) -> None:
        """Have the server at work while the caller is at something else. A lost session shows in the next turn."""
        with suppress(ConnectionLost):
            self._flush()

    def _flush(self) -> int:
        moved, written = 0, 1
        while written:
            written = 0
            for client in self.clients:
                self._wake(client)
                written += client.flush() if client.out_bytes else 0
            moved += written
        for client in self.clients:
            # Room on one session can make an operation send on another.
            self._want_write(client, wanted=bool(client.out_bytes))
        return moved

    def _want_write(self, client: SftpClient, *, wanted: bool) -> None:
        fd = client.stream.write_fd
        if wanted and fd not in self._writing:
            self._poll.register(fd, select.POLLOUT)
            self._writing.add(fd)
        elif not wanted and fd in self._writing:
            self._poll.unregister(fd)
            self._writing.discard(fd)

    # timer

    def beat(self) -> None:
        """Run the timer's task if it is due, and wait for it: for callers that wait for something else."""
        if self._timer is not None and time.monotonic() >= self._timer_due:
            self.turn()
            self.wait(lambda: not any(client.pending for client in self.clients))

    def beat_within(self) -> None:
        """Run the timer's task if it is due, and wait for nothing: for callers in the middle of an operation."""
        self._take_what_came()
        self._tick(time.monotonic())
        self.send()

    def _tick(self, now: float) -> None:
        if self._timer is not None and now >= self._timer_due:
            self._timer_due = now + self._timer_seconds
            self._timer()

    def every(self, seconds: float, action: Optional[Callable[[], None]]) -> None:
        """Call `action` every so many seconds while the pool runs; None ends it."""
        self._timer = action
        self._timer_seconds = seconds
        self._timer_due = time.monotonic() + seconds


class _Running:
    """Operations under way, and who reads their results."""

    def __init__(self, pool: SftpPool, operations: Iterator[Operation], at_once: int, *, ordered: bool) -> None:
        self._pool = pool
        self._operations = operations
        self._at_once = at_once
        self._ordered = ordered
        self._active = 0
        self._finished: Deque[object] = deque()
        self._error: Optional[SyncError] = None

    @property
    def has_results(self) -> bool:
        """Return whether `results` goes on without waiting, if only to its end."""
        return bool(self._finished or self._error or not self._active)

    def fail(self, error: SyncError) -> None:
        self._error = error

    def results(self) -> Iterator[Any]:
        """See SftpPool.run."""
        try:
            while self.start() or self._active or self._finished or self._error:
                if not self._finished:
                    self._take_a_turn()
                while self._finished:
                    yield self._finished.popleft()
        except GeneratorExit:
            self._pool.finish(lambda: not self._active or not self._pool.clients)
            raise

    def _take_a_turn(self) -> None:
        if self._error is not None:
            raise self._error
        self._pool.turn()
        self.start()
        self._pool.send()

    def start(self) -> bool:
        """Begin as many as may be under way; whether there could be more of them."""
        while self._active < self._at_once:
            client = self._pool.client_for(ordered=self._ordered)
            if client is None:
                return True
            operation = next(self._operations, None)
            if operation is None:
                return False
            self._active += 1
            operation.start(client, self._take)
        return True

    def _take(self, result: object) -> None:
        self._active -= 1
        self._finished.append(result)


def lightest(lanes: List[Tuple[SftpClient, bytes]]) -> Tuple[SftpClient, bytes]:
    """Return the session, with its handle, that has the fewest content bytes under way."""
    return lanes[0] if len(lanes) == 1 else min(lanes, key=lambda lane: lane[0].in_flight)


def _limits_of(body: Buffer) -> Limits:
    """limits@openssh.com: the longest packet, READ, WRITE, and open handles; 0 if the server sets none. Raises
    ProtocolViolation."""
    _packet, read, write, handles = _LIMITS.unpack_from(body)
    default = Limits()
    read, write = read or default.read, write or default.write
    if min(read, write) < _SMALLEST:
        raise ProtocolViolation(f"the server limits READ or WRITE to {min(read, write)} bytes")
    return Limits(min(read, _LARGEST), min(write, _LARGEST), handles or 1 << 20)
