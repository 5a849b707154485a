# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plain part of the tests' FTPS server: one session, every command done as a good server does it."""

from __future__ import annotations

__all__ = ["Lingering", "Service", "Session", "Stop"]

import itertools
import json
import os
import posixpath
import select
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from .ftps_commands import ACTIONS, BEFORE_LOGIN, look
from .ftps_wire import Command, Listed, reply

if TYPE_CHECKING:
    from .ftps_behaviours import Behaviour

_BLOCK = 64 * 1024
_PATIENCE = 20.0
_FEATURES = (
    "AUTH TLS|PBSZ|PROT|EPSV|UTF8|SIZE|MDTM|REST STREAM|MLST type*;size*;modify*;UNIX.mode*;|MFMT|HASH SHA-1*;SHA-256|"
    "XSHA256|SITE CHMOD;UMASK;UTIME|TVFS"
)
FEATURES = [line.encode() for line in _FEATURES.split("|")]


class Stop(Exception):
    """Ends the session without a further word; with `reset` by RST."""

    def __init__(self, *, reset: bool = False) -> None:
        super().__init__()
        self.reset = reset


class Lingering:
    """A closed data connection, kept until the next: closing its socket early resets data in transit."""

    def __init__(self) -> None:
        self._held: socket.socket | None = None

    def hold(self, connection: socket.socket | None) -> None:
        """Release the previous connection, and keep this."""
        if self._held is not None:
            self._held.close()
        self._held = connection


@dataclass
class Service:
    """The shared state of all sessions of a server. record: path of the transcript, one JSON object per line."""

    root: bytes
    behaviours: Sequence[Behaviour]
    control_context: ssl.SSLContext
    data_context: ssl.SSLContext
    record: BinaryIO
    implicit: bool = False
    fresh_context: Callable[[], ssl.SSLContext] | None = None
    sessions: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    commands: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, **words: object) -> None:
        """Record an event."""
        with self.lock:
            self.record.write(json.dumps(words).encode() + b"\n")

    def features(self) -> list[bytes]:
        """Return the lines of FEAT."""
        lines = list(FEATURES)
        for each in self.behaviours:
            lines = each.features(lines)
        return lines


class Session:
    """One control connection and its data connections. `secure`: TLS holds on the control connection."""

    def __init__(self, service: Service, connection: socket.socket) -> None:
        self.service, self.connection = service, connection
        self.number = next(service.sessions)
        self.secure = self.private = self.in_order = False
        self.directory, self.umask, self.offset = b"/", 0o022, 0
        self.logged_in, self.user, self.renaming = False, b"", b""
        self.hash, self.failing = b"SHA-1", b""
        self.listener: socket.socket | None = None
        self.running = Command(b"")
        self._received = b""
        self._lingering = Lingering()

    # the control connection

    def serve(self) -> None:
        """Serve until the client or a behaviour ends the session."""
        try:
            if self.service.implicit:
                self.start_tls()
            greeting = reply(220, b"ready")
            for each in self.service.behaviours:
                greeting = each.greeting(self, greeting)
            self.send(greeting)
            while self._answer():
                pass
        except Stop as end:
            if end.reset:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except (OSError, ValueError):
            pass
        finally:
            self._lingering.hold(None)
            if self.listener is not None:
                self.listener.close()
            self.connection.close()

    def start_tls(self) -> None:
        """Go on inside TLS."""
        self.connection = self.service.control_context.wrap_socket(self.connection, server_side=True)
        self.secure = True

    def send(self, raw: bytes) -> None:
        """Send bytes as they are."""
        self.connection.sendall(raw)

    def say(self, answer: bytes) -> None:
        """Send the reply to the running command after every behaviour."""
        for each in self.service.behaviours:
            answer = each.reply(self, self.running, answer)
        self.send(answer)

    def hang(self) -> None:
        """Do nothing until the client goes, then end the session."""
        poll = select.poll()
        poll.register(self.connection, select.POLLRDHUP | select.POLLHUP | select.POLLERR)
        poll.poll(_PATIENCE * 1000)
        raise Stop

    def _answer(self) -> bool:
        command = self._next()
        if command is None:
            return False
        self.running = command
        for each in self.service.behaviours:
            answer = each.command(self, command)
            if answer is not None:
                break
        else:
            answer = self.act(command)
        self.say(answer)
        if command.verb == b"AUTH" and answer[:3] == b"234":
            self.start_tls()
        return command.verb != b"QUIT"

    def _next(self) -> Command | None:
        while b"\n" not in self._received:
            block = self.connection.recv(_BLOCK)
            if not block:
                return None
            self._received += block
        line, _end, self._received = self._received.partition(b"\n")
        verb, _blank, argument = line.rstrip(b"\r").partition(b" ")
        # A telnet peer doubles this byte (RFC 959, section 3.1.1.1).
        command = Command(
            verb.upper(), argument.replace(b"\xff\xff", b"\xff"), self.secure, self.number, next(self.service.commands)
        )
        words = [verb.decode("latin-1"), argument.decode("latin-1")]
        self.service.note(session=self.number, secure=self.secure, command=words)
        return command

    def stop(self, *, reset: bool = False) -> None:
        """End the session now, without a further word."""
        raise Stop(reset=reset)

    def act(self, command: Command) -> bytes:
        """Run the command and return the final reply."""
        action = ACTIONS.get(command.verb)
        if action is None:
            return reply(500, b"Unknown command")
        if not self.logged_in and command.verb not in BEFORE_LOGIN:
            return reply(530, b"Please log in")
        try:
            return action(self, command.argument)
        except (IndexError, ValueError):
            return reply(501, b"Syntax error in parameters")
        except OSError as failure:
            number = 552 if failure.errno == 28 else 550
            return reply(number, (os.strerror(failure.errno) if failure.errno else "Failed").encode())

    # names

    def absolute(self, name: bytes) -> bytes:
        """Return the absolute path in the server's tree for a name of the client."""
        return b"/" + posixpath.normpath(posixpath.join(self.directory, name)).lstrip(b"/")

    def real(self, name: bytes) -> bytes:
        """Return the path of the file system for a name of the client."""
        return self.service.root + self.absolute(name)

    # data connections

    def open_data(self) -> socket.socket:
        """Take the client's data connection, inside TLS."""
        listener, self.listener = self.listener, None
        if listener is None:
            raise OSError("no passive mode")
        listener.settimeout(_PATIENCE)
        try:
            connection, _address = listener.accept()
        finally:
            listener.close()
        connection.settimeout(_PATIENCE)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for each in self.service.behaviours:
            other = each.open_data(self, connection)
            if other is not None:
                return other
        secured = self.service.data_context.wrap_socket(connection, server_side=True, suppress_ragged_eofs=False)
        self.service.note(session=self.number, data=secured.version(), resumed=secured.session_reused)
        return secured

    def close_data(self, connection: socket.socket) -> None:
        """End a data connection: close_notify, and the end of the stream."""
        for each in self.service.behaviours:
            if each.close_data(self, self.running, connection):
                self._lingering.hold(None)
                return
        end_well(connection)
        self._lingering.hold(connection)

    def transfer(self, move: Callable[[socket.socket], None]) -> bytes:
        """Send 150, move the data, and return the final reply."""
        if self.listener is None:
            return reply(425, b"Use EPSV first")
        self.say(reply(150, b"Here it comes"))
        try:
            connection = self.open_data()
        except OSError:
            return reply(425, b"No data connection")
        try:
            move(connection)
        except OSError:
            connection.close()
            return reply(426, b"Data connection broken")
        self.close_data(connection)
        return reply(226, b"Transfer complete")

    def send_all(self, blocks: Iterator[bytes]) -> bytes:
        """Send blocks to the client."""

        def move(connection: socket.socket) -> None:
            for block in blocks:
                connection.sendall(block)

        return self.transfer(move)

    def store(self, path: bytes, flags: int, offset: int) -> bytes:
        """Store the client's upload."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | flags, 0o666 & ~self.umask)

        def move(connection: socket.socket) -> None:
            blocks = iter(lambda: connection.recv(_BLOCK), b"")
            for each in self.service.behaviours:
                blocks = each.stored(self, self.running, blocks)
            os.lseek(descriptor, offset, os.SEEK_SET)
            for block in blocks:
                rest = memoryview(block)
                while rest:
                    rest = rest[os.write(descriptor, rest) :]

        try:
            return self.transfer(move)
        finally:
            os.close(descriptor)

    def listed(self, directory: bytes) -> Iterator[Listed]:
        """Return the entries of a directory after every behaviour."""
        real = self.real(directory)
        found = iter([look(real, name) for name in os.listdir(real)])
        for each in self.service.behaviours:
            found = each.entries(self, self.absolute(directory), found)
        return found


def end_well(connection: socket.socket) -> None:
    """Send close_notify where there is TLS, and the end of the stream; wait for nothing."""
    with suppress(OSError, ValueError):
        if isinstance(connection, ssl.SSLSocket):
            connection.settimeout(0)
            connection.unwrap()
    with suppress(OSError):
        connection.shutdown(socket.SHUT_WR)
