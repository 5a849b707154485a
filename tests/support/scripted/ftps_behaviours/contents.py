# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Behaviours of the tests' FTPS server: changed content, and false reports about it."""

from __future__ import annotations

__all__ = [
    "AppendsOffsets",
    "BreaksOff",
    "DamagesStores",
    "DropsStores",
    "EmptiesProven",
    "EndlessReads",
    "FailingDownloads",
    "HalfStores",
    "IgnoresOffsets",
    "LyingHash",
    "LyingRead",
    "LyingSize",
    "LyingStageSize",
    "MalformedHash",
    "RefusesDownloads",
    "RefusesStores",
    "TruncatedReads",
]

import os
import re
import time
from collections.abc import Iterator
from itertools import chain, islice, repeat
from typing import TYPE_CHECKING

from ..ftps_wire import Command, Listed, reply
from .base import Behaviour, Blocks
from .endings import shortened

if TYPE_CHECKING:
    from ..ftps_session import Session


class DropsStores(Behaviour):
    """An upload is acknowledged, and nothing of it stored."""

    name = "drops_stores"

    def stored(self, session: Session, command: Command, blocks: Blocks) -> Blocks:
        for _block in blocks:
            pass
        return iter(())


class HalfStores(Behaviour):
    """An upload is acknowledged, and only its first half stored."""

    name = "half_stores"

    def stored(self, session: Session, command: Command, blocks: Blocks) -> Blocks:
        content = b"".join(blocks)
        return iter([content[: len(content) // 2]])


class DamagesStores(Behaviour):
    """An upload is acknowledged, and stored with one bit flipped."""

    name = "damages_stores"

    def stored(self, session: Session, command: Command, blocks: Blocks) -> Blocks:
        return flipped(blocks)


class RefusesStores(Behaviour):
    """Refuse uploads with the code `value`, before or (with a + after it) after their data.

    With NAME after a colon, refuse only uploads whose data begin with NAME: temporary names do not reveal the final
    name.
    """

    name = "refuses_stores"
    default = b"553"

    def command(self, session: Session, command: Command) -> bytes | None:
        at_once = command.verb == b"STOR" and self.value.isdigit()
        return reply(self.number, WORDS[self.number]) if at_once else None

    def stored(self, session: Session, command: Command, blocks: Blocks) -> Blocks:
        code, _colon, begin = self.value.partition(b":")
        first = next(blocks, b"")
        if not code.endswith(b"+") or not first.startswith(begin):
            return chain([first], blocks)
        for _block in blocks:
            pass
        session.failing = reply(int(code[:-1]), WORDS[int(code[:-1])])
        return iter([first[: len(first) // 2]])

    def reply(self, session: Session, command: Command, answer: bytes) -> bytes:
        if command.verb != b"STOR" or not answer.startswith(b"226") or not session.failing:
            return answer
        failing, session.failing = session.failing, b""
        return failing


class RefusesDownloads(Behaviour):
    """RETR of names that end with `value` is refused."""

    name = "refuses_downloads"

    def command(self, session: Session, command: Command) -> bytes | None:
        refused = command.verb == b"RETR" and command.argument.endswith(self.value)
        return reply(550, b"Permission denied") if refused else None


class FailingDownloads(Behaviour):
    """End files properly after `value` bytes; the final reply reports a read error."""

    name = "failing_downloads"
    default = b"0"

    def content(self, session: Session, command: Command, blocks: Blocks) -> Blocks:
        return shortened(blocks, self.number)

    def reply(self, session: Session, command: Command, answer: bytes) -> bytes:
        failed = command.verb == b"RETR" and answer.startswith(b"226")
        return reply(451, b"Input/output error") if failed else answer


class IgnoresOffsets(Behaviour):
    """REST is answered as if it were heeded; files are sent from their beginning all the same."""

    name = "ignores_offsets"

    def command(self, session: Session, command: Command) -> bytes | None:
        return reply(350, b"Restarting") if command.verb == b"REST" else None


class BreaksOff(Behaviour):
    """Every upload and every download breaks off after `value` bytes; the stored bytes stay."""

    name = "breaks_off"
    default = b"3000000"

    def stored(self, session: Session, command: Command, blocks: Blocks) -> Blocks:
        return self.content(session, command, blocks)

    def content(self, session: Session, command: Command, blocks: Blocks) -> Blocks:
        left = self.number
        for block in blocks:
            yield block[:left]
            left -= len(block)
            if left <= 0:
                raise OSError("it breaks off")


class AppendsOffsets(Behaviour):
    """An upload behind REST is appended to the file, even if that is at another byte."""

    name = "appends_offsets"

    def command(self, session: Session, command: Command) -> bytes | None:
        if command.verb != b"STOR" or not session.offset:
            return None
        session.offset = 0
        return session.store(session.real(command.argument), os.O_APPEND, 0)


class EmptiesProven(Behaviour):
    """The session ends behind the last byte of the first temporary file that is read, which is empty then."""

    name = "empties_proven"
    _over = False

    def reply(self, session: Session, command: Command, answer: bytes) -> bytes:
        read = command.verb == b"RETR" and command.argument.endswith(b".tmp") and answer.startswith(b"226")
        if read and not self._over:
            self._over = True
            time.sleep(0.5)  # The client reads the rest.
            os.truncate(session.real(command.argument), 0)
            session.stop()
        return answer


class TruncatedReads(Behaviour):
    """Files end well, close_notify and 226, after `value` bytes."""

    name = "truncated_reads"
    default = b"1000"

    def content(self, session: Session, command: Command, blocks: Blocks) -> Blocks:
        return shortened(blocks, self.number)


class EndlessReads(Behaviour):
    """Files whose names end with `value` have no end; by default temporary files."""

    name = "endless_reads"
    default = b".tmp"

    def content(self, session: Session, command: Command, blocks: Blocks) -> Blocks:
        return chain(blocks, repeat(bytes(65_536))) if command.argument.endswith(self.value) else blocks


class LyingRead(Behaviour):
    """The first byte of every file that is read has a bit flipped."""

    name = "lying_read"

    def content(self, session: Session, command: Command, blocks: Blocks) -> Blocks:
        return flipped(blocks)


class LyingSize(Behaviour):
    """SIZE, MLST and listings state `value` bytes more than there are."""

    name = "lying_size"
    default = b"1"

    def reply(self, session: Session, command: Command, answer: bytes) -> bytes:
        if command.verb == b"SIZE" and answer.startswith(b"213 "):
            return b"213 %d\r\n" % (int(answer[4:]) + self.number)
        if command.verb == b"MLST":
            return re.sub(rb"size=(\d+)", lambda found: b"size=%d" % (int(found[1]) + self.number), answer)
        return answer

    def entries(self, session: Session, path: bytes, entries: Iterator[Listed]) -> Iterator[Listed]:
        return (entry._replace(size=entry.size + self.number) for entry in entries)


class LyingStageSize(Behaviour):
    """The first SIZE of a temporary file in each session states `value` bytes more than there are."""

    name = "lying_stage_size"
    default = b"1000"

    def __init__(self, value: bytes = b"") -> None:
        super().__init__(value)
        self._told: set[int] = set()

    def reply(self, session: Session, command: Command, answer: bytes) -> bytes:
        stage = command.verb == b"SIZE" and command.argument.endswith(b".tmp")
        if not stage or not answer.startswith(b"213 ") or session.number in self._told:
            return answer
        self._told.add(session.number)
        return b"213 %d\r\n" % (int(answer[4:]) + self.number)


class LyingHash(Behaviour):
    """HASH and XSHA256 give the digest of something else."""

    name = "lying_hash"

    def reply(self, session: Session, command: Command, answer: bytes) -> bytes:
        if command.verb not in (b"HASH", b"XSHA256"):
            return answer
        return re.sub(rb"[0-9a-f]{64}", lambda found: found[0][::-1], answer)


class MalformedHash(Behaviour):
    """HASH and XSHA256 give `value` for a digest."""

    name = "malformed_hash"
    default = b"no digest"

    def reply(self, session: Session, command: Command, answer: bytes) -> bytes:
        if command.verb not in (b"HASH", b"XSHA256"):
            return answer
        return re.sub(rb"[0-9a-f]{64}", lambda found: self.value, answer)


WORDS = {
    452: b"Insufficient storage space in system",
    550: b"Permission denied",
    552: b"Exceeded storage allocation",
    553: b"File name not allowed",
}


def flipped(blocks: Blocks) -> Blocks:
    """Yield the blocks with the lowest bit of the first byte flipped."""
    for block in islice(blocks, 1):
        yield bytes([block[0] ^ 1]) + block[1:]
    yield from blocks
