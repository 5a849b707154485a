# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Channel: one TCP connection, with TLS from some moment on, and the time limits for waiting on it.

The socket never blocks: every wait is a poll(2) in this module, so that any transferred byte counts as progress, and
two connections can be watched at the same time.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import socket
import ssl
import time
from typing import Any, Callable, Optional

from ..errors import ConnectionFailed, ConnectionLost, ConnectTimeout, Stalled, SyncError
from ..model.blocks import Buffer
from ..tls.context import client_certificate_refused, handshake_failed

_CURE = "Check address, port and firewall, or raise connect_timeout."
_SPARE_CONTEXT = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
_WOULD_BLOCK = (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError)


class Patience:
    """The time to wait for the next byte: `stall` seconds, and until `deadline` (monotonic) if it is set.

    answered: the server has sent something; set by the login.
    """

    def __init__(self, where: str, stall: float) -> None:
        self.where = where
        self.stall = stall
        self.deadline: Optional[float] = None
        self.answered = False

    def left(self) -> float:
        """Return the seconds to wait now. Raises ConnectTimeout once the deadline is over."""
        if self.deadline is None:
            return self.stall
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise self.over()
        return left

    def over(self) -> SyncError:
        """Return the error of a wait in which nothing came."""
        if self.deadline is not None:
            return ConnectTimeout(
                f"{self.where}: no session within connect_timeout", cure=_CURE, answered=self.answered
            )
        return Stalled(f"{self.where}: no byte moved for {self.stall:g} s", cure="Check the network and the server.")


class Watch:
    """Another connection to look at during a wait: `look` is called when something came on it, and may raise."""

    def __init__(self, fd: int, look: Callable[[], None]) -> None:
        self.fd = fd
        self.look = look


class Channel:
    """One connected socket. Waits raise Stalled or ConnectTimeout; a connection that breaks raises ConnectionLost."""

    def __init__(self, sock: socket.socket, patience: Patience) -> None:
        self.sock: Any = sock
        self.fd = sock.fileno()
        self.patience = patience
        self.watch: Optional[Watch] = None
        self._ended = False
        """Whether the peer's end was read."""

    # TLS

    def start_tls(self, context: ssl.SSLContext, host: str, session: Optional[ssl.SSLSession] = None) -> None:
        """Do the handshake. Raises the error that tls.context makes of a failure."""
        try:
            self.sock = context.wrap_socket(
                self.sock,
                server_hostname=host,
                session=session,
                do_handshake_on_connect=False,
                suppress_ragged_eofs=False,
            )
            self._retrying(self.sock.do_handshake)
        except OSError as error:
            raise handshake_failed(self.patience.where, error, agreed=self.agreed) from None

    @property
    def agreed(self) -> bool:
        """Whether the server has answered our handshake with a cipher."""
        return isinstance(self.sock, ssl.SSLSocket) and self.sock.cipher() is not None

    def end_tls(self) -> None:
        """Report that our content is complete (close_notify), and that no byte follows (FIN)."""
        try:
            with contextlib.suppress(ssl.SSLWantReadError):
                self._retrying(self.sock.unwrap, for_writing_only=True)
            self.sock.shutdown(socket.SHUT_WR)
        except OSError as error:
            raise self._lost(error) from None

    def end_tls_now(self) -> None:
        """Send close_notify if the connection takes it now; never raises."""
        try:
            self.sock.unwrap()
        except _WOULD_BLOCK:
            pass
        except (OSError, ValueError):
            _forget_tls_errors()

    def drained(self) -> bool:
        """After `end_tls`: discard some incoming bytes; return whether the peer has ended too. Unread bytes at a close
        would reset the connection under our own content."""
        with contextlib.suppress(BlockingIOError):
            return not os.read(self.fd, 65536)
        return False

    # bytes

    def receive(self, view: Buffer) -> int:
        """Fill a part of `view`: how many bytes; 0 if the peer ended, with TLS only by close_notify."""
        try:
            # Reading bytes that have not arrived costs more than a check: OpenSSL and Python each raise an error.
            while not (self._at_hand() or self.wait(select.POLLIN)):
                pass
            return self._noting_the_end(self._retrying(lambda: self.sock.recv_into(view)))
        except OSError as error:
            raise self._lost(error) from None

    def receive_now(self, view: Buffer) -> Optional[int]:
        """Like `receive`, but return None if no reply has arrived."""
        try:
            return self._noting_the_end(self.sock.recv_into(view))
        except _WOULD_BLOCK:
            return None
        except OSError as error:
            raise self._lost(error) from None

    def peek(self) -> bytes:
        """Return the next bytes of a connection without TLS, which stay the next; b"" if none is there."""
        with contextlib.suppress(OSError):
            return bytes(self.sock.recv(200, socket.MSG_PEEK))
        return b""

    def _at_hand(self) -> bool:
        """Return whether bytes that poll(2) does not show can be read: bytes already decrypted by TLS, or the end."""
        return self._ended or (isinstance(self.sock, ssl.SSLSocket) and self.sock.pending() > 0)

    def _noting_the_end(self, count: int) -> int:
        self._ended = not count
        return count

    def send_now(self, data: Buffer) -> int:
        """Send a part of `data`: how many bytes, 0 if the connection takes none now."""
        try:
            return int(self.sock.send(data))
        except _WOULD_BLOCK:
            return 0
        except OSError as error:
            raise self._lost(error) from None

    def send(self, data: Buffer) -> None:
        """Send all of `data`."""
        view, at = memoryview(data), 0
        send = self.sock.send
        try:
            while at < len(view):
                try:
                    at += send(view[at:])
                except _WOULD_BLOCK as block:
                    self._wait_for(block, select.POLLOUT)
        except OSError as error:
            raise self._lost(error) from None

    def _lost(self, error: OSError) -> SyncError:
        _forget_tls_errors()
        where = self.patience.where
        refused = client_certificate_refused(where, error, agreed=False)
        if refused is not None:
            return refused
        if isinstance(error, ssl.SSLEOFError):
            return ConnectionLost(f"{where}: the connection was cut: it ended without TLS's close_notify")
        reason = getattr(error, "reason", None)
        return ConnectionLost(f"{where}: {reason or error.strerror or type(error).__name__}")

    def wait(self, events: int) -> bool:
        """Wait until the socket is ready for `events` (true), or the watched connection has something."""
        poller = select.poll()
        poller.register(self.fd, events)
        if self.watch is not None:
            poller.register(self.watch.fd, select.POLLIN)
        ready = {fd for fd, _events in poller.poll(self.patience.left() * 1000)}
        if not ready:
            raise self.patience.over()
        if self.watch is not None and self.watch.fd in ready:
            self.watch.look()
        return self.fd in ready

    def cut(self) -> None:
        """For any thread: close the connection; a thread that waits on it gets ConnectionLost. Never raises."""
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)  # SSLSocket's own would forget TLS, which is in use

    def close(self) -> None:
        """Close the socket at once; never raises."""
        with contextlib.suppress(OSError):
            self.sock.close()

    def _retrying(self, action: Callable[[], Any], *, for_writing_only: bool = False) -> Any:
        while True:
            try:
                return action()
            except ssl.SSLWantReadError as block:
                if for_writing_only:
                    raise
                self._wait_for(block, select.POLLIN)
            except (ssl.SSLWantWriteError, BlockingIOError) as block:
                self._wait_for(block, select.POLLIN)

    def _wait_for(self, block: OSError, plain: int) -> None:
        if isinstance(block, ssl.SSLWantReadError):
            self.wait(select.POLLIN)
        elif isinstance(block, ssl.SSLWantWriteError):
            self.wait(select.POLLOUT)
        else:
            self.wait(plain)

    def readable(self, seconds: float = 0.0) -> bool:
        """Return whether bytes, or the end, are there, now or within so many seconds."""
        if self._at_hand():
            return True
        poller = select.poll()
        poller.register(self.fd, select.POLLIN)
        return bool(poller.poll(seconds * 1000))


def _forget_tls_errors() -> None:
    """Empty OpenSSL's queue of errors, which is the thread's and not the connection's. The ssl module leaves a failed
    system call in it (as of Python 3.13), and then takes that for the state of the next connection that has nothing to
    read: a broken data connection would break the healthy control connection. A cipher list that is refused empties it.
    """
    with contextlib.suppress(ssl.SSLError):
        _SPARE_CONTEXT.set_ciphers("")


def connect(address: Any, family: int, patience: Patience, watch: Optional[Watch] = None) -> Channel:
    """Return a connection to one address of getaddrinfo(3). Raises ConnectionFailed, ConnectTimeout, Stalled."""
    sock = socket.socket(family, socket.SOCK_STREAM)
    channel = Channel(sock, patience)
    channel.watch = watch
    try:
        sock.setblocking(False)
        # A command and a small file are one packet each; waiting to fill it costs 40 ms.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        number = sock.connect_ex(address)
        if number == errno.EINPROGRESS:
            while not channel.wait(select.POLLOUT):
                pass
            number = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if number:
            raise OSError(number, os.strerror(number))
        return channel
    except OSError as error:
        channel.close()
        raise ConnectionFailed(f"{patience.where}: {error.strerror or error}", cure=_CURE) from None
    except BaseException:
        channel.close()
        raise
