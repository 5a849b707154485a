# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""DataWriter and DataReader: the content of one file, or a listing, on its data connection."""

from __future__ import annotations

import contextlib
import select
import time
from functools import partial
from typing import Callable, Iterator, NoReturn, Optional, TypeVar

from ..errors import ConnectionLost, ItemError, ProtocolViolation, Stalled, SyncError
from ..model.blocks import Buffer
from .channel import Channel, Watch
from .control import Control
from .replies import Reply, flight, item_error

T = TypeVar("T")

_OF_THE_CONNECTION = (425, 426, 522)
"""Data connection not opened, broken, or its TLS not as the server wants it: nothing that the item could help (RFC 959
section 4.2.2; vsftpd and RFC 2228's kin for 522)."""

_LONG_ENOUGH = 1.0
"""Seconds for the end of a transfer that was cut off."""

_COMMAND_OKAY = 200
_MOST_REPLIES = 3
_MOST_READS = 1000
"""Reads behind an upload: an honest server sends a few TLS records."""
MOST_LINES = 6_000_000
"""Lines of one listing: more than a tree may have entries."""
_LONGEST_LINE = 65536
_USUAL_LINE = 1024
"""Bytes of a line on average, at most."""
_BLOCK = 1 << 18
_CURE = "Check whether the server's listing is right."


class Interrupted(Exception):
    """The server refuses on the control connection while the data connection still waits."""


def refusal(reply: Reply, path: bytes) -> SyncError:
    if reply.code in _OF_THE_CONNECTION:
        return ConnectionLost(f"the server gave up the data connection: {reply.text}", path=path)
    return item_error(reply, path)


def take_end(control: Control, *, began: bool) -> None:
    """Take the final reply to an aborted transfer, if it comes: pure-ftpd sends none, or sends it with the code of
    a preliminary reply. The reply to NOOP then marks the position of the next command. began: whether the transfer's
    own preliminary reply was already taken."""
    if control.wait_final(_LONG_ENOUGH, preliminary=0 if began else 1):
        control.take_final()
        return
    control.send(flight([(b"NOOP", b"")]))
    for _number in range(_MOST_REPLIES):
        if control.take_final().code == _COMMAND_OKAY:
            return
    raise ProtocolViolation("the server does not end a transfer")


class Transfer:
    """One transfer under way. `ended` is called once, with whether the session can be used on."""

    def __init__(self, control: Control, path: bytes, ended: Callable[[bool], None]) -> None:
        self.control = control
        self.path = path
        self.began = False
        self.verb = b""
        self.watch = Watch(control.channel.fd, self._look)
        self._channel: Optional[Channel] = None
        self._ended = ended
        self._over = False

    @property
    def channel(self) -> Channel:
        if self._channel is None:
            raise ConnectionLost("the transfer is over", path=self.path)
        return self._channel

    def attach(self, channel: Channel) -> None:
        """Record the open data connection."""
        self._channel = channel

    def begin(self) -> None:
        """Wait for the preliminary reply, if it has not come yet."""
        if not self.began:
            self._began_by(self.control.take())

    def _look(self) -> None:
        reply = self.control.look()
        if reply is not None and reply.preliminary and not self.began:
            self._began_by(self.control.take())
            reply = self.control.front()
        if reply is not None and reply.refused:
            raise Interrupted

    def _began_by(self, reply: Reply) -> None:
        if reply.refused:
            self._settle(reply)
        if not reply.preliminary:
            raise ProtocolViolation(f"the server ends a transfer that did not begin: {reply.text}")
        self.began = True

    def broken(self, error: Optional[SyncError] = None) -> NoReturn:
        """Raise the server's error for an unusable data connection, else `error`."""
        self._close_data()
        try:
            reply = self.control.take_final()
        except SyncError as lost:
            self.leave(usable=False)
            raise error or lost from None
        if reply.refused:
            self._settle(reply)
        self.leave(usable=False)
        raise error or ProtocolViolation(f"the server ends a transfer out of turn: {reply.text}")

    def _settle(self, final: Reply) -> None:
        """Raise the error of the final reply, if any; the transfer is over in any case."""
        self._close_data()
        error = None if final.good else refusal(final.to(self.verb, b""), self.path)
        self.leave(usable=error is None or isinstance(error, ItemError))
        if error is not None:
            raise error

    def _finish(self) -> None:
        try:
            reply = self.control.take_final()
        except BaseException:
            self.fail()
            raise
        self._settle(reply)

    def _guarded(self, action: Callable[[], T]) -> T:
        try:
            return action()
        except Interrupted:
            self.broken()
        except Stalled:
            self.fail()
            raise
        except ConnectionLost as error:
            self.broken(error)
        except BaseException:
            self.fail()
            raise

    def cut(self) -> None:
        """For any thread: close the data connection under the waiting thread; never raises."""
        channel = self._channel
        if channel is not None:
            channel.cut()

    def fail(self) -> None:
        """Give up transfer and session."""
        self._close_data()
        self.leave(usable=False)

    def abandon(self) -> None:
        """Abort the transfer, take the final reply; never raises. The server may take the rest of an upload for a
        complete
        file: its caller removes it. The session remains usable, unless it is `closed` afterwards."""
        if self._over:
            return
        self._cut()
        usable = True
        try:
            take_end(self.control, began=self.began)
        except SyncError:
            usable = False
        self.leave(usable=usable)

    def _cut(self) -> None:
        # OpenSSL does not resume a session after a connection without close_notify (TLS 1.2), and ProFTPD then refuses
        # all further data connections. So an aborted upload ends like a complete upload: its name must be temporary.
        with contextlib.suppress(OSError):
            self.channel.end_tls_now()
        self._close_data()

    def _close_data(self) -> None:
        if self._channel is not None:
            self._channel.close()

    def leave(self, *, usable: bool) -> None:
        """Report the end of the transfer once, with whether the session remains usable."""
        if not self._over:
            self._over = True
            self._channel = None
            self._ended(usable)


class DataWriter(Transfer):
    """Content on its way to the server. Either `finish` or `abandon` ends it; until then the session is taken."""

    def send(self, data: Buffer) -> None:
        """Send all of `data`; best in blocks of 256 KiB. Raises ItemError if the server ended it with a reply,
        ConnectionLost, Stalled; each ends the transfer."""
        self._guarded(partial(self.channel.send, data))

    def finish(self) -> None:
        """End the content and wait for the server's word. Raises ItemError (NoSpace, ...), ConnectionLost, Stalled."""
        self._guarded(self._end_content)
        self._finish()

    def _end_content(self) -> int:
        self.channel.end_tls()
        # The server's tickets must be read before the close. Its end and its reply come in either order.
        with contextlib.suppress(OSError):
            for _number in range(_MOST_READS):
                if self.channel.drained() or self.control.front() is not None:
                    return 0
                self.channel.wait(select.POLLIN)
            raise ProtocolViolation("the server sends bytes without end on the data connection of an upload")
        return 0


class DataReader(Transfer):
    """Content on its way from the server. Either `finish` or `abandon` ends it; until then the session is taken."""

    _cut_short: Optional[ConnectionLost] = None
    """The error that ended the connection after bytes that the caller must get first."""

    def read_into(self, view: memoryview) -> int:
        """Fill a part of `view` (64 KiB and more); how many bytes, 0 at a clean end. Raises ConnectionLost if the
        connection ends without TLS's close_notify, Stalled, ItemError; each ends the transfer."""
        return self._guarded(lambda: self._receive(view))

    def _receive(self, view: memoryview) -> int:
        if self._cut_short is not None:
            raise self._cut_short
        count = self.channel.receive(view)
        return count + self._receive_more(view[count:]) if count else 0

    def _receive_more(self, view: memoryview) -> int:
        """Receive the other bytes that have arrived. TLS returns one record (16 KiB, RFC 8446 section 5.1) at a time,
        and processing each separately costs as much as decrypting it."""
        filled = 0
        try:
            while filled < len(view):
                count = self.channel.receive_now(view[filled:])
                if not count:
                    break
                filled += count
        except ConnectionLost as error:
            self._cut_short = error
        return filled

    def finish(self) -> None:
        """Take the final reply, after read_into gave 0. Raises ItemError, ConnectionLost, Stalled."""
        self._guarded(self._end_content)
        self._finish()

    def _end_content(self) -> int:
        # Some servers wait for our close_notify before they confirm the transfer. Others are gone by now: all came.
        with contextlib.suppress(ConnectionLost):
            self.channel.end_tls()
        return 0


def lines_of(reader: DataReader, most: int = MOST_LINES, seconds: Optional[float] = None) -> Iterator[bytes]:
    """Yield the lines to the clean end of the content, without line ends. Raises as DataReader.read_into, and
    ProtocolViolation for a line of more than 64 KiB, for more than `most` lines or KiB, and for a listing that takes
    more than `seconds`."""
    buffer, view = bytearray(), memoryview(bytearray(_BLOCK))
    left, room = most, most * _USUAL_LINE
    end = None if seconds is None else time.monotonic() + seconds
    count = reader.read_into(view)
    while count:
        buffer += view[:count]
        *lines, rest = bytes(buffer).split(b"\n")
        left -= len(lines)
        room -= count
        if left < 0 or room < 0:
            raise ProtocolViolation(f"the server lists more than {most} lines", cure=_CURE)
        if end is not None and time.monotonic() > end:
            raise ProtocolViolation(f"the server's listing takes more than {seconds or 0.0:g} seconds")
        for line in lines:
            yield line[:-1] if line.endswith(b"\r") else line
        buffer = bytearray(rest)
        if len(buffer) > _LONGEST_LINE:
            raise ProtocolViolation(f"the server lists a line that is longer than {_LONGEST_LINE} bytes")
        count = reader.read_into(view)
    if buffer:
        yield bytes(buffer)
