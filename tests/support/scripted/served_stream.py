# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tests' SFTP server behind two pipes, in a thread: a whole session in milliseconds, whose packets can be changed.

transport = SftpTransport(root, ServedStream, no_exec)

If packets are changed, it serves a single directory and refuses every other path: a deceived client may request
anything.
"""

from __future__ import annotations

__all__ = ["ServedStream", "no_exec"]

import os
import select
import struct
import threading
from collections.abc import Callable, Sequence

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.stream import Stream

from . import sftp_wire as wire
from .behaviours import Behaviour, parse
from .pipe_stream import PipeStream
from .sftp_service import Server
from .sftp_wire import Reply, Request

_BY_HANDLE = (wire.CLOSE, wire.READ, wire.WRITE, wire.FSTAT, wire.FSETSTAT, wire.READDIR)


def no_exec(_command: str) -> Stream:
    """Be a server that runs no commands: the channel ends at once."""
    stream = PipeStream()
    stream.hang_up()
    return stream


class Confined(Behaviour):
    """Refuse every path outside the directory `value`."""

    def request(self, server: Server, request: Request) -> Reply | None:
        if request.kind in (*_BY_HANDLE, wire.REALPATH):
            return None
        inside = all(self._inside(path) for path in _paths(request))
        return None if inside else wire.status(wire.PERMISSION_DENIED, "Permission denied")

    def _inside(self, path: bytes) -> bool:
        real = os.path.realpath(os.path.dirname(path)) + b"/" + os.path.basename(path)
        return path.startswith(b"/") and (os.path.normpath(real) + b"/").startswith(self.value + b"/")


def _paths(request: Request) -> list[bytes]:
    """Return the paths that a request names; of an extension, all strings behind its name."""
    fields = request.fields()
    try:
        if request.kind == wire.EXTENDED:
            name = fields.string()
            strings = {b"posix-rename@openssh.com": 2, b"hardlink@openssh.com": 2, b"lsetstat@openssh.com": 1}
            return [fields.string() for _number in range(strings.get(name, 0))]
        return [fields.string() for _number in range(2 if request.kind in (wire.RENAME, wire.SYMLINK) else 1)]
    except struct.error:
        return [b""]


class ServedStream(PipeStream):
    """change(number, packet) returns the packet to send instead; numbers start at 0, the greeting. behaviours: as of
    `scripted_sftp.scripted`."""

    def __init__(
        self, area: bytes = b"/", change: Callable[[int, bytes], bytes] | None = None, behaviours: Sequence[str] = ()
    ) -> None:
        super().__init__()
        self._behaviours = [Confined(area)] if change is not None else [parse(each) for each in behaviours]
        self._change = change or (lambda _number, packet: packet)
        self._sent = 0
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        server, data = Server(self._behaviours), b""
        try:
            while select.select([self._far_read], [], [])[0]:
                more = os.read(self._far_read, 1 << 18)
                if not more:
                    return
                data += more
                while len(data) >= 4 and len(data) >= 4 + int.from_bytes(data[:4], "big"):
                    end = 4 + int.from_bytes(data[:4], "big")
                    self._answer(server, data[4:end])
                    data = data[end:]
        except OSError:
            return  # The client has gone in the middle.
        finally:
            for opened in server.opened.values():
                if opened.descriptor >= 0:
                    os.close(opened.descriptor)

    def _answer(self, server: Server, packet: bytes) -> None:
        if packet[0] == wire.INIT:
            reply = server.version()
        else:
            reply = server.answer(Request(int.from_bytes(packet[1:5], "big"), packet[0], packet[5:]))
        number, self._sent = self._sent, self._sent + 1
        changed = self._change(number, reply)
        while changed:
            changed = changed[os.write(self._far_write, changed) :]

    def close(self) -> None:
        self.end_input()
        if self.read_fd >= 0:
            # A server in the middle of a write must not wait for a reader.
            os.close(self.read_fd)
            self.read_fd = -1
        self._thread.join()
        super().close()
