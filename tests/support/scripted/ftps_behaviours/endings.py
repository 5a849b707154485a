# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Behaviours of the tests' FTPS server: data that ends as it must not, or does not move."""

from __future__ import annotations

__all__ = [
    "CutDownload",
    "CutListing",
    "EndlessAnswers",
    "FailedListing",
    "LostListing",
    "NoFinalReply",
    "RaggedEnd",
    "SlowData",
    "StallData",
    "WholeThenFailed",
    "shortened",
]

import socket
import time
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING

from ..ftps_wire import Command, code, reply
from .base import Behaviour, Blocks

if TYPE_CHECKING:
    from ..ftps_session import Session

_LISTINGS = (b"MLSD", b"LIST")


class RaggedEnd(Behaviour):
    """End the data connection of the verb `value` without close_notify; the final reply is positive."""

    name = "ragged_end"
    default = b"RETR"

    def close_data(self, session: Session, command: Command, connection: socket.socket) -> bool:
        if command.verb != self.value:
            return False
        _cut(connection)
        return True


class CutListing(Behaviour):
    """Break a listing off after `value` lines, without close_notify; the final reply is positive."""

    name = "cut_listing"
    default = b"3"

    def lines(self, session: Session, command: Command, lines: Blocks) -> Blocks:
        return islice(lines, self.number)

    def close_data(self, session: Session, command: Command, connection: socket.socket) -> bool:
        if command.verb not in _LISTINGS:
            return False
        _cut(connection)
        return True


class LostListing(CutListing):
    """As cut_listing, but the session ends too."""

    name = "lost_listing"

    def close_data(self, session: Session, command: Command, connection: socket.socket) -> bool:
        if super().close_data(session, command, connection):
            session.stop()
        return False


class FailedListing(Behaviour):
    """End a listing properly after `value` lines; the final reply reports that it is incomplete."""

    name = "failed_listing"
    default = b"3"

    def lines(self, session: Session, command: Command, lines: Blocks) -> Blocks:
        return islice(lines, self.number)

    def reply(self, session: Session, command: Command, answer: bytes) -> bytes:
        failed = command.verb in _LISTINGS and code(answer) == 226
        return reply(451, b"Local error in processing") if failed else answer


class CutDownload(Behaviour):
    """Break files off after `value` bytes, without close_notify; the final reply is positive."""

    name = "cut_download"
    default = b"1000"

    def content(self, session: Session, command: Command, blocks: Blocks) -> Blocks:
        return shortened(blocks, self.number)

    def close_data(self, session: Session, command: Command, connection: socket.socket) -> bool:
        if command.verb != b"RETR":
            return False
        _cut(connection)
        return True


class EndlessAnswers(Behaviour):
    """Send bytes without end on the data connection of an upload, once its content has come."""

    name = "endless_answers"

    def close_data(self, session: Session, command: Command, connection: socket.socket) -> bool:
        if command.verb != b"STOR":
            return False
        with connection, suppress(OSError):
            while True:
                connection.sendall(bytes(65_536))
        return True


class NoFinalReply(Behaviour):
    """Behind the data of the verb `value` the session ends without the final reply."""

    name = "no_final_reply"
    default = b"MLSD"

    def reply(self, session: Session, command: Command, answer: bytes) -> bytes:
        if command.verb == self.value and code(answer) >= 200:
            session.stop()
        return answer


class WholeThenFailed(Behaviour):
    """Behind the whole data of the verb `value` the final reply is 426."""

    name = "whole_then_failed"
    default = b"MLSD"

    def reply(self, session: Session, command: Command, answer: bytes) -> bytes:
        failed = command.verb == self.value and code(answer) == 226
        return reply(426, b"Connection closed; transfer aborted") if failed else answer


class StallData(Behaviour):
    """Stop moving data after the first block of the verb `value`: sending, storing or listing."""

    name = "stall_data"
    default = b"RETR"

    def _stalled(self, session: Session, command: Command, blocks: Blocks) -> Blocks:
        yield from islice(blocks, 1)
        if command.verb == self.value:
            session.hang()
        yield from blocks

    def content(self, session: Session, command: Command, blocks: Blocks) -> Blocks:
        return self._stalled(session, command, blocks)

    stored = content

    def lines(self, session: Session, command: Command, lines: Blocks) -> Blocks:
        return self._stalled(session, command, lines)


class SlowData(Behaviour):
    """Data moves 1000 bytes at a time, every `value` milliseconds."""

    name = "slow_data"
    default = b"5"

    def content(self, session: Session, command: Command, blocks: Blocks) -> Blocks:
        for block in blocks:
            for start in range(0, len(block), 1000):
                time.sleep(self.number / 1000)
                yield block[start : start + 1000]

    def lines(self, session: Session, command: Command, lines: Blocks) -> Blocks:
        return self.content(session, command, lines)


def shortened(blocks: Blocks, length: int) -> Blocks:
    """Yield the first `length` bytes."""
    for block in blocks:
        if length <= 0:
            return
        yield block[:length]
        length -= len(block)


def _cut(connection: socket.socket) -> None:
    """End the stream below TLS: no close_notify."""
    # The TLS layer would send its own close; the descriptor below does not.
    below = socket.socket(fileno=connection.detach())
    below.shutdown(socket.SHUT_WR)
    below.settimeout(0.2)
    try:
        while below.recv(65_536):
            pass
    except OSError:
        pass
    below.close()
