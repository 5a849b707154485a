# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small SFTP version 3 server for the tests, whose answers can be made wrong in named ways.

It runs as the sftp subsystem of a real sshd, on standard input and output, with the system's Python alone, and serves
the real file system, relative names from the directory given. Without a behaviour it answers like OpenSSH's
sftp-server: `Sshd(subsystem=scripted("drops_writes", "slow=5"))`. `behaviours.BEHAVIOURS` is the table of them."""

from __future__ import annotations

__all__ = ["main", "scripted"]

import os
import shlex
import sys
from typing import Iterator, Sequence

from . import sftp_wire as wire
from .behaviours import parse
from .sftp_service import Server, Stop
from .sftp_wire import Request

_BLOCK = 256 * 1024
_START = "/usr/bin/env PYTHONPATH={support}/.. /usr/bin/python3 -BsS -m support.scripted.scripted_sftp {files}"


def scripted(*behaviours: str) -> str:
    """Return the subsystem command for `SshdOptions`: each behaviour is NAME or NAME=VALUE, bytes percent-encoded."""
    for each in behaviours:
        parse(each)  # A misspelt name must fail in the test, not in the server.
    words = [shlex.quote(each).replace("{", "{{").replace("}", "}}") for each in behaviours]
    return " ".join([_START, *words])


def _serve(server: Server, source: int, sink: int) -> None:
    pending = bytearray()
    while True:
        received = os.read(source, _BLOCK)
        if not received:
            return
        pending += received
        batch: list[bytes] = []
        try:
            for packet in _packets(pending):
                batch.append(_answer(server, packet))
        finally:
            for each in server.behaviours:
                batch = each.batch(batch)
            _send(sink, b"".join(batch))


def _packets(pending: bytearray) -> Iterator[bytes]:
    while len(pending) >= 4:
        length = int.from_bytes(pending[:4], "big")
        if len(pending) < 4 + length:
            return
        yield bytes(pending[4 : 4 + length])
        del pending[: 4 + length]


def _answer(server: Server, packet: bytes) -> bytes:
    if packet[0] == wire.INIT:
        return server.version()
    number = int.from_bytes(packet[1:5], "big")
    return server.answer(Request(number, packet[0], packet[5:]))


def _send(sink: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(sink, rest) :]


def main(arguments: Sequence[str]) -> int:
    """Serve until the client goes: `arguments` are the directory and the behaviours. Gives the exit code."""
    os.chdir(arguments[0])
    os.umask(0o022)
    try:
        _serve(Server([parse(each) for each in arguments[1:]]), 0, 1)
    except (Stop, BrokenPipeError, ConnectionResetError):
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
