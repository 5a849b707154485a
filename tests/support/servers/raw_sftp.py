# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SFTP requests, singly or many at once, over the stock `ssh` program, to see the real answers of a server."""

from __future__ import annotations

__all__ = ["RawSftp"]

import contextlib
import select
import struct
import subprocess
from typing import Self, Sequence

from ..scripted import sftp_wire as wire
from ..scripted.sftp_wire import Reader, Reply, put_string
from .ssh_server import SshServer

_CHECK_FILE_BLOCK = 0


class RawSftp:
    """A session with `server`; `version` and `extensions` come from its first packet."""

    def __init__(self, server: SshServer) -> None:
        command = ["ssh", "-F", str(server.client_config), "-s", "server", "sftp"]
        self._child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._number = 0
        self.version = 0
        self.extensions: dict[bytes, bytes] = {}

    def __enter__(self) -> Self:
        self._write(struct.pack(">BI", wire.INIT, 3))
        packet = Reader(self._packet()[1:])
        self.version = packet.number()
        words = _strings(packet.rest())
        self.extensions = dict(zip(words[::2], words[1::2], strict=True))
        return self

    def __exit__(self, *_exception: object) -> None:
        with contextlib.suppress(BrokenPipeError):  # of a session that was ended at the other end
            self._child.stdin.close()
        self._child.stdout.close()
        # It ends by itself unless the server stalls.
        self._child.terminate()
        self._child.wait(10)

    def ask(self, kind: int, payload: bytes) -> Reply:
        """Send one request and give the reply. EOFError when the session ends instead."""
        (sent,) = self.send_many([(kind, payload)])
        number, reply = self.receive()
        assert number == sent, "the reply belongs to no request"
        return reply

    def send(self, kind: int, payload: bytes) -> None:
        """Send one request and wait for nothing."""
        self.send_many([(kind, payload)])

    def send_many(self, requests: Sequence[tuple[int, bytes]]) -> list[int]:
        """Send requests in one piece and give their numbers."""
        first = self._number + 1
        self._number += len(requests)
        packets = [struct.pack(">BI", kind, first + place) + payload for place, (kind, payload) in enumerate(requests)]
        self._write(*packets)
        return list(range(first, self._number + 1))

    def receive(self) -> tuple[int, Reply]:
        """Return the number and the content of the next reply."""
        packet = self._packet()
        return int.from_bytes(packet[1:5], "big"), Reply(packet[0], packet[5:])

    def receive_exactly(self, count: int) -> bytes:
        """Return the next `count` bytes that the server sends. EOFError when they are not all there."""
        content = self._child.stdout.read(count)
        if len(content) != count:
            raise EOFError("the session ended")
        return content

    def answers(self, *, within: float) -> bool:
        """Return whether anything, the end included, comes within so many seconds."""
        return bool(select.select([self._child.stdout], [], [], within)[0])

    def check_file(self, path: bytes, algorithms: bytes = b"sha256") -> Reply:
        """Ask for the digest of a whole file by check-file-name (draft-ietf-secsh-filexfer-13, section 9.1.3)."""
        span = struct.pack(">QQI", 0, 0, _CHECK_FILE_BLOCK)
        return self.ask(
            wire.EXTENDED, put_string(b"check-file-name") + put_string(path) + put_string(algorithms) + span
        )

    def _write(self, *packets: bytes) -> None:
        self._child.stdin.write(b"".join(struct.pack(">I", len(packet)) + packet for packet in packets))
        self._child.stdin.flush()

    def _packet(self) -> bytes:
        return self.receive_exactly(int.from_bytes(self.receive_exactly(4), "big"))


def _strings(content: bytes) -> list[bytes]:
    fields, found, left = Reader(content), [], len(content)
    while left:
        found.append(fields.string())
        left -= 4 + len(found[-1])
    return found
