# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Behaviours of the tests' SFTP server: copy-data that is missing, refused or false."""

from __future__ import annotations

__all__ = ["CopiesNothing", "CopiesShort", "CopiesWrong", "DiesOfCopies", "NoCopyData", "RefusesCopies"]

import os

from .. import sftp_wire as wire
from ..sftp_service import Server, Stop
from ..sftp_wire import Reader, Reply, Request
from .base import Behaviour, extension

_COPY_DATA = b"copy-data"


class NoCopyData(Behaviour):
    """copy-data is neither announced nor known."""

    name = "no_copy_data"

    def extensions(self, advertised: dict[bytes, bytes]) -> dict[bytes, bytes]:
        return {key: text for key, text in advertised.items() if key != _COPY_DATA}

    def request(self, server: Server, request: Request) -> Reply | None:
        return wire.status(wire.OP_UNSUPPORTED) if extension(request) == _COPY_DATA else None


class RefusesCopies(Behaviour):
    """The first `value` requests are carried out; every later request copies half of its bytes and fails."""

    name = "refuses_copies"
    default = b"0"
    _asked = 0

    def reply(self, server: Server, request: Request, reply: Reply) -> Reply:
        if extension(request) != _COPY_DATA:
            return reply
        self._asked += 1
        if self._asked <= self.number:
            return reply
        descriptor, start, size = _copied(server, request)
        os.ftruncate(descriptor, start + size // 2)
        return wire.status(wire.FAILURE, "Failure")


class CopiesShort(Behaviour):
    """copy-data copies half of the bytes, and is acknowledged."""

    name = "copies_short"

    def reply(self, server: Server, request: Request, reply: Reply) -> Reply:
        if extension(request) == _COPY_DATA:
            descriptor, start, size = _copied(server, request)
            os.ftruncate(descriptor, start + size // 2)
        return reply


class CopiesWrong(Behaviour):
    """copy-data flips one bit of the last byte, and is acknowledged."""

    name = "copies_wrong"

    def reply(self, server: Server, request: Request, reply: Reply) -> Reply:
        if extension(request) == _COPY_DATA:
            descriptor, start, size = _copied(server, request)
            last = os.open(b"/proc/self/fd/%d" % descriptor, os.O_RDONLY)
            (byte,) = os.pread(last, 1, start + size - 1)
            os.close(last)
            os.pwrite(descriptor, bytes([byte ^ 1]), start + size - 1)
        return reply


class CopiesNothing(Behaviour):
    """copy-data copies no byte, and is acknowledged."""

    name = "copies_nothing"

    def request(self, server: Server, request: Request) -> Reply | None:
        return wire.ok() if extension(request) == _COPY_DATA else None


class DiesOfCopies(Behaviour):
    """The session ends when copy-data comes."""

    name = "dies_of_copies"

    def request(self, server: Server, request: Request) -> Reply | None:
        if extension(request) == _COPY_DATA:
            raise Stop
        return None


def _copied(server: Server, request: Request) -> tuple[int, int, int]:
    """Return the written file's descriptor, the place of the copy in it, and its size."""
    fields: Reader = request.fields()
    fields.string()
    fields.string()
    fields.number(">Q")
    size = fields.number(">Q")
    descriptor, start = server.opened[fields.string()].descriptor, fields.number(">Q")
    return descriptor, start, min(size or 1 << 62, os.fstat(descriptor).st_size - start)
