# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Behaviours of the tests' SFTP server: changed bytes of files."""

from __future__ import annotations

__all__ = [
    "BreaksOff",
    "DamagesWrites",
    "DropsWrites",
    "EndlessReads",
    "EndsAtReopening",
    "FailingReads",
    "LosesTail",
    "LyingRead",
    "LyingReadOf",
    "NoSpace",
    "RefusesWrites",
    "ShortReads",
    "TruncatedReads",
]

import errno
import os
import struct
from dataclasses import replace

from .. import sftp_wire as wire
from ..sftp_service import Server
from ..sftp_wire import Attributes, Reply, Request, put_string
from .base import Behaviour


class ShortReads(Behaviour):
    """A READ gives at most `value` bytes."""

    name = "short_reads"
    default = b"1000"

    def reply(self, server: Server, request: Request, reply: Reply) -> Reply:
        return wire.data(reply.body[4 : 4 + self.number]) if reply.kind == wire.DATA else reply


class BreaksOff(Behaviour):
    """Each session ends after `value` bytes of content and the replies that are due by then: by default, more than
    a client has under way."""

    name = "breaks_off"
    default = b"3000000"
    _moved = 0
    _over = False

    def request(self, server: Server, request: Request) -> Reply | None:
        if self._over:
            self.end(server, request)
        if request.kind == wire.WRITE:
            self._moved += len(request.payload)
        return None

    def reply(self, server: Server, request: Request, reply: Reply) -> Reply:
        if reply.kind == wire.DATA:
            self._moved += len(reply.body)
        return reply

    def batch(self, packets: list[bytes]) -> list[bytes]:
        self._over = self._moved > self.number
        return packets

    def end(self, _server: Server, _request: Request) -> None:
        """End the session."""
        os._exit(1)


class LosesTail(BreaksOff):
    """As breaks_off, and the end of the file that was written is zeros then, as after a crash of the server."""

    name = "loses_tail"

    def end(self, server: Server, request: Request) -> None:
        if request.kind == wire.WRITE:
            descriptor = server.opened[request.fields().string()].descriptor
            size = os.fstat(descriptor).st_size
            os.pwrite(descriptor, bytes(min(size, 100_000)), max(0, size - 100_000))
        os._exit(1)


class EndsAtReopening(Behaviour):
    """The session ends where a temporary file that is there is opened for writing."""

    name = "ends_at_reopening"

    def request(self, server: Server, request: Request) -> Reply | None:
        if request.kind == wire.OPEN:
            fields = request.fields()
            path, flags = fields.string(), fields.number()
            if path.endswith(b".tmp") and flags & 2 and not flags & wire.FLAG_CREATE:
                os._exit(1)
        return None


class TruncatedReads(Behaviour):
    """End files after `value` bytes: READ answers with end of file."""

    name = "truncated_reads"
    default = b"1000"

    def request(self, server: Server, request: Request) -> Reply | None:
        if request.kind != wire.READ:
            return None
        fields = request.fields()
        subject, offset, length = fields.string(), fields.number(">Q"), fields.number()
        left = self.number - offset
        if left <= 0:
            return wire.status(wire.EOF, "End of file")
        changed = put_string(subject) + struct.pack(">QI", offset, min(length, left))
        return server.act(Request(request.number, wire.READ, changed))


class EndlessReads(Behaviour):
    """Open files whose names end with `value`, by default temporary files, have exbibytes, and each READ gives some."""

    name = "endless_reads"
    default = b".tmp"

    def request(self, server: Server, request: Request) -> Reply | None:
        if request.kind != wire.READ or not server.path_of(request).endswith(self.value):
            return None
        fields = request.fields()
        fields.string()
        fields.number(">Q")
        found = server.act(request)
        return found if found.kind == wire.DATA else wire.data(bytes(min(fields.number(), 65_536)))

    def reply(self, server: Server, request: Request, reply: Reply) -> Reply:
        if request.kind != wire.FSTAT or not server.path_of(request).endswith(self.value):
            return reply
        seen = os.fstat(server.opened[request.subject].descriptor)
        return wire.attributes(replace(Attributes.of(seen), size=1 << 62))


class LyingRead(Behaviour):
    """The first byte of every READ has a bit flipped."""

    name = "lying_read"

    def reply(self, server: Server, request: Request, reply: Reply) -> Reply:
        if reply.kind != wire.DATA:
            return reply
        content = reply.body[4:]
        return wire.data(bytes([content[0] ^ 1]) + content[1:])


class LyingReadOf(Behaviour):
    """As lying_read, but only of files with the last name `value`."""

    name = "lying_read_of"
    default = b"file"

    def reply(self, server: Server, request: Request, reply: Reply) -> Reply:
        if reply.kind != wire.DATA or os.path.basename(server.opened[request.subject].path) != self.value:
            return reply
        content = reply.body[4:]
        return wire.data(bytes([content[0] ^ 1]) + content[1:])


class FailingReads(Behaviour):
    """READ fails from offset `value` on."""

    name = "failing_reads"
    default = b"0"

    def request(self, server: Server, request: Request) -> Reply | None:
        if request.kind != wire.READ:
            return None
        fields = request.fields()
        fields.string()
        return wire.status(wire.FAILURE, "Input/output error") if fields.number(">Q") >= self.number else None


class RefusesWrites(Behaviour):
    """Every WRITE fails."""

    name = "refuses_writes"

    def request(self, server: Server, request: Request) -> Reply | None:
        return wire.status(wire.FAILURE, "Failure") if request.kind == wire.WRITE else None


class DropsWrites(Behaviour):
    """WRITE is acknowledged; from the request number `value` on nothing is stored. The file keeps its length."""

    name = "drops_writes"
    default = b"0"

    def request(self, server: Server, request: Request) -> Reply | None:
        if request.kind != wire.WRITE or server.requests < self.number:
            return None
        fields = request.fields()
        descriptor, offset = server.opened[fields.string()].descriptor, fields.number(">Q")
        size = max(os.fstat(descriptor).st_size, offset + len(fields.string()))
        os.ftruncate(descriptor, size)
        return wire.ok()


class DamagesWrites(Behaviour):
    """WRITE is acknowledged and stored with one bit flipped."""

    name = "damages_writes"

    def request(self, server: Server, request: Request) -> Reply | None:
        if request.kind != wire.WRITE:
            return None
        damaged = request.payload[:-1] + bytes([request.payload[-1] ^ 1])
        return server.act(replace(request, payload=damaged))


class NoSpace(Behaviour):
    """The disk is full after `value` bytes of this session."""

    name = "no_space"
    default = b"0"
    _written = 0

    def request(self, server: Server, request: Request) -> Reply | None:
        if request.kind != wire.WRITE:
            return None
        fields = request.fields()
        fields.string()
        fields.number(">Q")
        self._written += len(fields.string())
        return wire.status(wire.FAILURE, os.strerror(errno.ENOSPC)) if self._written > self.number else None
