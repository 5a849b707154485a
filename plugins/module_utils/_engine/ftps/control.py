# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control: the control connection, as commands that go out and replies that come back in order."""

from __future__ import annotations

import select
import time
from collections import deque
from typing import Deque, Optional

from ..errors import ConnectionLost, ProtocolViolation
from .channel import Channel
from .replies import Reply, ReplyParser

CLOSING = 421
"""The server ends the session, in answer to any command or to none (RFC 959 section 4.2.2)."""

_MOST_PRELIMINARY = 100
_MOST_WAITING = 4096
"""Replies that were read and not taken: many more than commands are ever on their way."""
_MOST_WAITING_BYTES = 16 << 20
_LINE_COSTS = 64
"""Bytes of memory for each line besides its text."""
RECORD = 2048
"""Bytes in one TLS record. ProFTPD and pure-ftpd read 4096 at a time and then wait for the socket, although the rest of
a longer record has been decrypted already: commands in it are answered only when more is sent."""


class Control:
    """The control connection. Raises ConnectionLost, Stalled, ProtocolViolation, after which it is of no more use."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self._parser = ReplyParser()
        self._ready: Deque[Reply] = deque()
        self._waiting_bytes = 0
        self._view = memoryview(bytearray(16384))
        self.shares_records = False
        """Whether commands go in one TLS record even while others are on their way."""

    def expect_silence(self) -> None:
        """Refuse an unexpected reply: it would be taken for the reply to the next command."""
        self.look()
        if self._ready and self._ready[0].code == CLOSING:
            raise ConnectionLost(f"the server ended the session: {self._ready[0].text}")
        if not self.idle:
            shown = self._ready[0].text if self._ready else "an incomplete reply"
            raise ProtocolViolation(f"the server sends a reply to no command: {shown}")

    def send(self, data: bytes, *, first: bool = False) -> None:
        """Send whole commands. Replies are read meanwhile, so that neither side waits for the other.

        first: no command is on its way; then a few go in one TLS record. Otherwise each command gets its own record
        unless `shares_records`: ProFTPD takes two for one if its buffer ends between CR and LF.
        """
        view, at = memoryview(data), 0
        together = first and len(view) <= RECORD
        while at < len(view):
            end = len(view) if together else self._end_of_record(data, at)
            sent = self.channel.send_now(view[at : min(end, at + RECORD)])
            at += sent
            if not sent:
                self.channel.wait(select.POLLIN | select.POLLOUT)
                self.look()

    def _end_of_record(self, data: bytes, at: int) -> int:
        """Return where the record ends that begins at `at`: always after a whole command."""
        shared = data.rfind(b"\n", at, at + RECORD) + 1 if self.shares_records else 0
        return shared or data.find(b"\n", at) + 1 or len(data)

    def look(self) -> Optional[Reply]:
        """Return the next reply if it is there already; it stays the next."""
        while self.channel.readable():
            count = self.channel.receive_now(self._view)
            if count is None:
                break
            self._feed(count)
            self._parse()
        return self.front()

    def front(self) -> Optional[Reply]:
        """Return the next reply among those that were read; it stays the next."""
        self._parse()
        return self._ready[0] if self._ready else None

    @property
    def idle(self) -> bool:
        """Return whether every byte that was read belongs to a reply that was taken."""
        return not self._ready and self._parser.empty

    def take(self, *, closing: bool = False) -> Reply:
        """Return the next reply, waited for. A 421 raises ConnectionLost, unless `closing`."""
        self._parse()
        while not self._ready:
            self._feed(self.channel.receive(self._view))
            self._parse()
        reply = self._pop()
        if reply.code == CLOSING and not closing:
            raise ConnectionLost(f"the server ended the session: {reply.text}")
        return reply

    def wait_final(self, seconds: float, *, preliminary: int = _MOST_PRELIMINARY) -> bool:
        """Wait so long for a reply that is not preliminary; return whether it came. Preliminary replies are dropped;
        more than the given number end the wait."""
        deadline = time.monotonic() + seconds
        while True:
            reply = self.look()
            while reply is not None and reply.preliminary:
                self._pop()
                preliminary -= 1
                reply = self.front()
            if reply is None and preliminary < 0:
                return False
            left = deadline - time.monotonic()
            if reply is not None or left <= 0:
                return reply is not None
            self.channel.readable(left)

    def take_final(self, *, closing: bool = False) -> Reply:
        """Return the next reply that is not preliminary. A 421 raises ConnectionLost, unless `closing`."""
        for _number in range(_MOST_PRELIMINARY):
            reply = self.take(closing=closing)
            if not reply.preliminary:
                return reply
        raise ProtocolViolation("the server sends preliminary replies without end")

    def _feed(self, count: int) -> None:
        if not count:
            last = self.front()
            raise ConnectionLost("the server closed the connection%s" % (": " + last.text if last else ""))
        self._parser.feed(self._view[:count])

    def _parse(self) -> None:
        reply = self._parser.next()
        while reply is not None:
            self._ready.append(reply)
            self._waiting_bytes += _cost(reply)
            if len(self._ready) > _MOST_WAITING or self._waiting_bytes > _MOST_WAITING_BYTES:
                raise ProtocolViolation("the server sends replies without end")
            reply = self._parser.next()

    def _pop(self) -> Reply:
        reply = self._ready.popleft()
        self._waiting_bytes -= _cost(reply)
        return reply


def _cost(reply: Reply) -> int:
    """Return the memory that a reply takes, in bytes."""
    return sum(map(len, reply.lines)) + _LINE_COSTS * len(reply.lines)
