# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A scanner that speaks clamd's protocol and lies, hangs, closes or answers early: a real clamd cannot be made to.

with ScriptedClamd(directory / "clamd.ctl", "hangs") as clamd:
    clamd.contents

Each behaviour but "clean" finds the EICAR test file, so that the scanner's own test passes.
"""

from __future__ import annotations

__all__ = ["BEHAVIOURS", "ScriptedClamd"]

import socketserver
import struct
import threading
import time
from pathlib import Path
from typing import Self

from ..servers.clamd import FORBIDDEN

BEHAVIOURS = ("honest", "clean", "hangs", "closes", "closes_once", "early", "number", "endless", "unknown", "control",
              "limits", "too_long", "silent", "nothing")  # fmt: skip
_TEST_FILE = b"EICAR-STANDARD"


class ScriptedClamd:
    """contents: what it was sent, without test files. version: its answer to VERSION, by default of today."""

    def __init__(self, path: Path, behaviour: str = "honest", *, version: str | None = None) -> None:
        assert behaviour in BEHAVIOURS
        self.socket, self.behaviour = path, behaviour
        now = time.strftime("%a %b %d %H:%M:%S %Y", time.localtime(time.time() - 3600))
        self.version = f"ClamAV 1.4.6/27001/{now}" if version is None else version
        self.contents: list[bytes] = []
        self.sessions = 0
        self._over = threading.Event()

    def __enter__(self) -> Self:
        scanner = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                scanner.sessions += 1
                try:
                    _Talk(scanner, self).run()
                except (ConnectionError, EOFError):
                    return

        self._server = socketserver.ThreadingUnixStreamServer(str(self.socket), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def wait(self) -> None:
        """Answer nothing until the end."""
        self._over.wait()

    def __exit__(self, *_exception: object) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()
        self.socket.unlink()


class _Talk:
    """One session."""

    def __init__(self, scanner: ScriptedClamd, handler: socketserver.StreamRequestHandler) -> None:
        self._scanner, self._read, self._write = scanner, handler.rfile, handler.wfile
        self._number = 0

    def run(self) -> None:
        if self._scanner.behaviour == "silent":
            self._scanner.wait()
        while line := self._line():
            if line == b"zIDSESSION":
                continue
            self._number += 1
            if line == b"zVERSION":
                self._answer(self._scanner.version.encode())
            else:
                self._stream()

    def _line(self) -> bytes:
        found = b""
        while (byte := self._read.read(1)) != b"\0":
            if not byte:
                return b""
            found += byte
        return found

    def _exactly(self, count: int) -> bytes:
        data = self._read.read(count)
        if len(data) < count:
            raise EOFError
        return data

    def _answer(self, text: bytes, number: int | None = None) -> None:
        self._write.write(b"%d: %s\0" % (self._number if number is None else number, text))

    def _stream(self) -> None:
        content, behaviour = b"", self._scanner.behaviour
        while size := struct.unpack(">I", self._exactly(4))[0]:
            content += self._exactly(size)
            if _TEST_FILE in content:
                continue
            if behaviour == "early" and len(content) == size:
                self._answer(b"stream: OK")
            elif behaviour == "too_long":
                self._answer(b"INSTREAM size limit exceeded. ERROR")
                raise EOFError
            elif behaviour in ("closes", "closes_once"):
                self._scanner.behaviour = "honest" if behaviour == "closes_once" else behaviour
                raise EOFError
        if _TEST_FILE in content:
            self._answer(b"stream: OK" if behaviour == "clean" else b"stream: Eicar-Test-Signature FOUND")
            return
        self._scanner.contents.append(content)
        if behaviour == "early":
            return
        self._judge(content, behaviour)

    def _judge(self, content: bytes, behaviour: str) -> None:
        if behaviour == "hangs":
            self._scanner.wait()
        elif behaviour == "nothing":
            raise EOFError
        elif behaviour == "number":
            self._answer(b"stream: OK", self._number + 1)
        elif behaviour == "endless":
            while True:
                self._write.write(b"x" * 1000)
        elif behaviour == "unknown":
            self._answer(b"stream: OKAY")
        elif behaviour == "control":
            self._answer(b"stream: Evil\x1b[31m\n{{ name }}\xff FOUND")
        elif behaviour == "limits":
            self._answer(b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND")
        elif FORBIDDEN in content:
            self._answer(b"stream: Test.Word.1 FOUND")
        else:
            self._answer(b"stream: OK")
