# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""FtpsSession: one control connection to an FTPS server and, one at a time, its data connections.

1. `login` connects, begins TLS, and proves the server before it sends USER and PASS; then it sets PBSZ and PROT P and
   reads the features (`login`, `features`).
2. Commands go in flights: `call_many` sends the next commands while replies are still on their way, within the bytes
   that a server can buffer. `later` queues a command for the next flight. Replies are matched by their order.
3. A transfer opens a data connection to the address of the control connection only, and resumes its TLS session, so
   that no other host can take it over (`data_connection`).
4. A transfer is complete if TLS was closed properly and the final reply is positive (`data`). A cut connection is never
   taken for the end of a file.
5. A refusal of one item is an ItemError, and the session goes on. Any other error closes the session, because replies
   could no longer be assigned.
"""

from __future__ import annotations

import contextlib
import ssl
from typing import Callable, Iterator, List, Optional, Sequence, Tuple, Type, TypeVar

from ..errors import ConnectionLost, ItemError, SyncError
from ..model.endpoint import Credentials, Endpoint, PeerIdentity, TlsTrust
from ..tls.context import client_context, offer_no_more_than
from .control import RECORD, Control
from .data_connection import DataOpener
from .login import LoggedIn, log_in
from .replies import IAC_PROBE, Command, Features, Reply, flight, has_iac, is_telnet
from .transfer import MOST_LINES, DataReader, DataWriter, Transfer, lines_of

_MOST_IN_FLIGHT = 256
_MOST_BYTES = 24 << 10
"""Bytes of commands in flight and their replies: during sending the replies stay in the socket's buffer, and a server
that cannot write them reads no further command."""
_MOST_QUEUED = 32

_Kind = TypeVar("_Kind", bound=Transfer)
Handler = Callable[[Reply], None]


class FtpsSession:
    """One control connection and its data connections. Blocking; used by one thread at a time.

    context: from tls.context.client_context, shared by many sessions with one server; created here if None.
    An error that ends the session (ConnectionLost, Stalled, ProtocolViolation, TrustError) leaves it closed. An
    ItemError does not.
    """

    def __init__(
        self, endpoint: Endpoint, credentials: Credentials, trust: TlsTrust, *, context: Optional[ssl.SSLContext] = None
    ) -> None:
        self.features = Features()
        self.round_trip = 0.0
        """Seconds that one command took at login."""
        self.software = ""
        """The greeting's words, for people."""
        self.busy = False
        """Whether a transfer is under way."""
        self._endpoint = endpoint
        self._credentials = credentials
        self._trust = trust
        self._context = context
        self._login: Optional[LoggedIn] = None
        self._queue: List[Tuple[Command, Handler]] = []
        self._opener: Optional[DataOpener] = None
        self._telnet: Optional[bool] = None
        self._current: Optional[Transfer] = None

    @property
    def identity(self) -> PeerIdentity:
        """Return the server's identity, with data_channel_resumed as of now. Raises ConnectionLost before the login."""
        if self._login is None or self._opener is None:
            raise ConnectionLost("there is no session")
        peer = self._login.peer
        return PeerIdentity(
            protocol=peer.protocol,
            software=self.software,
            cipher=peer.cipher,
            certificate_subject=peer.subject,
            certificate_fingerprint=peer.fingerprint,
            certificate_pin=peer.pin,
            certificate_expires=peer.expires,
            data_channel_resumed=self._opener.resumed,
        )

    @property
    def closed(self) -> bool:
        """Return whether there is no session (yet, or any more)."""
        return self._login is None

    def login(self) -> PeerIdentity:
        """Connect, prove the server, log in, make it ready for content. Raises TrustError, AuthenticationFailed,
        ConnectionFailed and their kinds, InvalidRequest."""
        if self._context is None:
            self._context = client_context(self._trust, self._credentials)
        done = log_in(self._endpoint, self._credentials, self._trust, self._context)
        self._login = done
        offer_no_more_than(self._context, done.peer.protocol)
        self._opener = DataOpener(done.control, done.peer, self._context, self._endpoint.host.rstrip("."))
        self.features, self.software, self.round_trip = done.features, done.greeting, done.round_trip
        done.control.shares_records = done.features.shares_records
        return self.identity

    # commands

    def call(self, verb: bytes, argument: bytes = b"") -> Reply:
        """Return the final reply to one command; a refusal is a reply too. Raises UnsafeName for CR, LF, NUL in the
        argument, before a byte is sent; ConnectionLost, Stalled, ProtocolViolation."""
        with self._talking() as control:
            self._send(control, [(verb, argument)])
            return control.take_final().to(verb, argument)

    def later(self, verb: bytes, argument: bytes, handler: Handler) -> None:
        """Send this command with the next flight, before its commands; the handler gets its final reply. Saves a round
        trip if nothing waits for it. Raises UnsafeName as `call`. Queued commands are lost when the session ends."""
        flight([(verb, argument)])
        self._queue.append(((verb, argument), handler))
        if len(self._queue) >= _MOST_QUEUED:
            self.flush()

    def flush(self) -> None:
        """Send the commands queued by `later`, and take their replies."""
        if self._queue:
            with self._talking() as control:
                self._send(control, [])

    def call_many(self, commands: Sequence[Command]) -> Iterator[Reply]:
        """Yield one final reply for each command, in order; many commands are on their way at the same time. A
        generator that is not read to its end takes the replies still to come when it is closed. UnsafeName is raised
        before the first command is sent."""
        flight(commands)
        return self._call_many(commands)

    def _call_many(self, commands: Sequence[Command]) -> Iterator[Reply]:
        with self._talking() as control:
            self._send(control, [])
            self._flight(control, commands)  # runs required queries while no reply is on its way
            most, refill = self._room()
            sent = taken = weight = 0
            try:
                while taken < len(commands):
                    if sent < len(commands) and (sent - taken <= _MOST_IN_FLIGHT // 2 and weight <= refill):
                        batch = _fitting(commands[sent : taken + _MOST_IN_FLIGHT], most - weight)
                        control.send(self._flight(control, batch), first=sent == taken)
                        sent += len(batch)
                        weight += sum(map(_weight, batch))
                    reply = control.take_final().to(*commands[taken])
                    weight -= _weight(commands[taken])
                    taken += 1
                    yield reply
            except GeneratorExit:
                for _number in range(sent - taken):
                    control.take_final()

    def _room(self) -> Tuple[int, int]:
        """Weight of the commands that may be on their way, and below which more are sent."""
        return (_MOST_BYTES, _MOST_BYTES // 2) if self.features.answers_in_order else (RECORD, 0)

    def noop(self) -> None:
        """Keep the control connection alive. Raises ConnectionLost, Stalled."""
        self.call(b"NOOP")

    # content

    def store(self, path: bytes, *, offset: int = 0) -> DataWriter:
        """Begin to write `path` (STOR; REST first where offset is not 0). Raises ItemError if the server refuses."""
        return self._transfer(DataWriter, (b"STOR", path), offset)

    def retrieve(self, path: bytes, *, offset: int = 0) -> DataReader:
        """Begin to read `path` (RETR). Raises ItemError if the server refuses."""
        return self._transfer(DataReader, (b"RETR", path), offset)

    def list_lines(
        self, verb: bytes, argument: bytes = b"", *, most: int = MOST_LINES, seconds: Optional[float] = None
    ) -> Iterator[bytes]:
        """Yield the lines of MLSD, LIST or NLST, without line ends. Ends only when the whole listing came: close_notify
        and the final reply. Raises ItemError if the server refuses, ConnectionLost where it is cut, ProtocolViolation
        where it is endless. most, seconds: see lines_of."""
        reader = self._transfer(DataReader, (verb, argument), 0)
        try:
            yield from lines_of(reader, most, seconds)
            reader.finish()
        finally:
            reader.abandon()

    def _transfer(self, kind: Type[_Kind], command: Command, offset: int) -> _Kind:
        flight([command])
        with self._talking() as control:
            transfer = kind(control, command[1], self._ended)
            transfer.verb = command[0]
            self.busy, self._current = True, transfer
            try:
                self._data_connection().open(transfer, command, offset, lambda commands: self._send(control, commands))
            except ItemError:
                transfer.leave(usable=True)
                raise
            except BaseException:
                transfer.fail()
                raise
            return transfer

    def _data_connection(self) -> DataOpener:
        if self._opener is None:
            raise ConnectionLost("there is no session")
        return self._opener

    def _ended(self, usable: bool) -> None:
        self.busy, self._current = False, None
        if not usable:
            self._drop()

    # the session's own end

    def cut(self, *, wholly: bool) -> None:
        """For any thread: close the data connection only, or the whole session; never raises. A waiting thread gets
        ConnectionLost."""
        transfer, login = self._current, self._login
        if transfer is not None:
            transfer.cut()
        if wholly and login is not None:
            login.control.channel.cut()

    def close(self) -> None:
        """QUIT without waiting, release everything. May be called twice; never raises."""
        if self._login is not None and not self.busy:
            with contextlib.suppress(SyncError, OSError):
                self._login.control.channel.send_now(b"QUIT\r\n")
                self._login.control.channel.end_tls()
        self._drop()

    def _drop(self) -> None:
        login, self._login = self._login, None
        self._queue.clear()
        if login is not None:
            login.control.channel.close()

    @contextlib.contextmanager
    def _talking(self) -> Iterator[Control]:
        """Yield the control connection for one exchange. An error that is not about one item leaves unassigned replies
        behind: it ends the session."""
        if self._login is None:
            raise ConnectionLost("there is no session")
        if self.busy:
            raise RuntimeError("a transfer is under way")
        try:
            yield self._login.control
        except ItemError:
            raise
        except BaseException:
            self._drop()
            raise

    def _send(self, control: Control, commands: Sequence[Command]) -> None:
        """Send the queued commands and `commands` in one flight; take the replies of the queue."""
        queue, self._queue = self._queue, []
        while queue and not self.features.answers_in_order:
            portion = _fitting([command for command, _handler in queue], RECORD)
            self._send_with(control, queue[: len(portion)], [])
            queue = queue[len(portion) :]
        self._send_with(control, queue, commands)

    def _send_with(
        self, control: Control, queue: Sequence[Tuple[Command, Handler]], commands: Sequence[Command]
    ) -> None:
        control.expect_silence()
        control.send(self._flight(control, [*(command for command, _handler in queue), *commands]), first=True)
        for _command, handler in queue:
            reply = control.take_final()
            try:
                handler(reply)
            except BaseException:
                self._drop()  # replies that are no longer needed
                raise

    def _flight(self, control: Control, commands: Sequence[Command]) -> bytes:
        if not has_iac(commands):
            return flight(commands)
        if self._telnet is None:
            control.send(flight([IAC_PROBE]))
            self._telnet = is_telnet(control.take_final())
        return flight(commands, telnet=self._telnet)


def _weight(command: Command) -> int:
    return 80 + 2 * len(command[1])  # many replies repeat the path


def _fitting(commands: Sequence[Command], room: int) -> Sequence[Command]:
    """Return the first of `commands` that there is room for, one at least."""
    for number, command in enumerate(commands):
        room -= _weight(command)
        if room < 0:
            return commands[: max(1, number)]
    return commands
