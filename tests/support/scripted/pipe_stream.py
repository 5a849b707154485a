# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Stream over two pipes whose far end is the test itself: for packets that no real server would send."""

from __future__ import annotations

__all__ = ["AnsweringStream", "PipeStream", "packet", "version"]

import contextlib
import os
import select
import struct
import threading
from collections.abc import Callable

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import ConnectionLost, SyncError
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import PeerIdentity
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.stream import Stream


class PipeStream(Stream):
    """`say` sends bytes to the client; `heard` has the client's output so far, as (type, body) packets."""

    def __init__(self) -> None:
        self.read_fd, self._far_write = os.pipe()
        self._far_read, self.write_fd = os.pipe()
        for descriptor in (self.read_fd, self.write_fd, self._far_read):
            os.set_blocking(descriptor, False)

    def wait_ready(self) -> PeerIdentity:
        return PeerIdentity("pipes")

    def drain_messages(self) -> None:
        """There are none."""

    def cut(self) -> None:
        """There is no login."""

    def failure(self) -> SyncError:
        return ConnectionLost("the pipe has ended")

    def close(self) -> None:
        for name in ("read_fd", "write_fd", "_far_read", "_far_write"):
            if getattr(self, name) >= 0:
                os.close(getattr(self, name))
                setattr(self, name, -1)

    def say(self, data: bytes) -> None:
        """Let the client read `data`."""
        os.write(self._far_write, data)

    def hang_up(self) -> None:
        """Let the client read the end."""
        os.close(self._far_write)
        self._far_write = -1

    def deafen(self) -> None:
        """Read no more: the client's next write fails."""
        os.close(self._far_read)
        self._far_read = -1

    def raw(self) -> bytes:
        """The bytes that the client wrote since the last call."""
        data = b""
        with contextlib.suppress(BlockingIOError):
            while block := os.read(self._far_read, 1 << 20):
                data += block
        return data

    def heard(self) -> list[tuple[int, bytes]]:
        """The packets that the client wrote since the last call."""
        data = self.raw()
        packets = []
        while data:
            length = struct.unpack_from(">I", data)[0]
            packets.append((data[4], data[5 : 4 + length]))
            data = data[4 + length :]
        return packets


class AnsweringStream(PipeStream):
    """A PipeStream whose far end is a thread: it sends `greeting`, then the result of `answer(kind, ident)` for each
    request."""

    def __init__(self, greeting: bytes, answer: Callable[[int, int], bytes]) -> None:
        super().__init__()
        self.asked: list[int] = []
        self._answer = answer
        self.say(greeting)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        data = b""
        while select.select([self._far_read], [], [])[0]:
            more = os.read(self._far_read, 65536)
            if not more:
                return
            data += more
            while len(data) >= 4 and len(data) >= 4 + struct.unpack_from(">I", data)[0]:
                length, kind, ident = struct.unpack_from(">IBI", data)
                data = data[4 + length :]
                self.asked.append(kind)
                reply = self._answer(kind, ident)
                if reply:
                    self.say(reply)

    def close(self) -> None:
        self.end_input()
        self._thread.join()
        super().close()


def packet(kind: int, ident: int, body: bytes = b"") -> bytes:
    """A reply as it goes over the wire."""
    return struct.pack(">IBI", 5 + len(body), kind, ident) + body


def version(*extensions: bytes, number: int = 3) -> bytes:
    """SSH_FXP_VERSION."""
    body = struct.pack(">I", number) + b"".join(struct.pack(">I", len(each)) + each for each in extensions)
    return struct.pack(">IB", 1 + len(body), 2) + body
