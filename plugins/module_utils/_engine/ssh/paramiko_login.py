# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A verified and authenticated paramiko transport, over jump hosts where the task names them.

Text before the SSH version is detected here: paramiko skips it and waits.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from functools import partial
from typing import Any, Callable, List, Optional, Tuple

from ..errors import (
    AlgorithmsRefused,
    ConnectionFailed,
    ConnectTimeout,
    HostKeyChanged,
    NotSupported,
    SyncError,
    TooManyConnections,
)
from ..model.display import display_text
from ..model.endpoint import Credentials, Endpoint, SshTrust
from ..trust.fingerprint import PublicKey, base_key_type
from ..trust.verifier import HostPins, pins_for
from .inputs import Hop
from .login_errors import LIMIT_CURE, OLD_CURE, SILENT_CURE, TIMEOUT_CURE, is_another_protocol, is_limit, not_ssh
from .paramiko_auth import Keys, Login, load_keys, log_in
from .paramiko_config import LOG_CHANNEL, find_route, library
from .stream import EXEC

WINDOW = 4 << 20
_PACKET = 1 << 15
_DEFAULT_PORT = 22
# Half of the limit of RFC 4344 section 3.2 for AES (2^32 blocks). paramiko's own limit of 512 MiB costs more than time:
# if the channel ends during a key exchange, it waits 30 s for itself and gives up.
_REKEY_BYTES = 1 << 35
_RSA = ("rsa-sha2-512", "rsa-sha2-256")
_CIPHERS = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes192-ctr", "aes256-ctr")
_NETWORK_CURE = "Check address, port and firewall, and that the server runs."
_VERSION = "SSH-"


class ParamikoLogin:
    """Makes one channel. `open` runs in a thread of its own; `close` ends it from any thread."""

    def __init__(self, endpoint: Endpoint, credentials: Credentials, trust: SshTrust) -> None:
        self._endpoint, self._credentials = endpoint, credentials
        self.deadline = time.monotonic() + endpoint.connect_timeout
        route = find_route(endpoint)
        self._route: List[Tuple[Hop, HostPins]] = [
            (hop, pins_for(trust, *known, is_endpoint=hop is route.hops[-1]))
            for hop, known in zip(route.hops, route.known)
        ]
        self._keys = Keys(load_keys(credentials), route.identity_files)
        self._lock = threading.Lock()
        self._opened: Optional[List[Any]] = []
        self.transport: Any = None
        self._greeted = Greeting()

    def open(self, request: str, command: str) -> Any:
        """Connect, verify, authenticate and open the channel; raises SyncError."""
        self.transport = self._reach(self._route)
        self.transport.set_keepalive(max(1, int(self._endpoint.stall_timeout / 3)))
        return self._channel(request, command)

    def _reach(self, route: List[Tuple[Hop, HostPins]]) -> Any:
        """Return a transport to the last server of `route`, logged in to each; None for no server."""
        previous = None
        for hop, pins in route:
            is_endpoint = hop is self._route[-1][0]
            self.transport = self._connect(hop, pins, previous, is_endpoint=is_endpoint)
            username = hop.username or _local_user()
            login = Login(username, _where(hop, is_endpoint), self._credentials.password if is_endpoint else None)
            self._guarded(login.where, lambda login=login: log_in(self.transport, login, self._credentials, self._keys))
            previous = self.transport
        return previous

    def close(self) -> None:
        """End every connection; an `open` that is under way fails."""
        with self._lock:
            opened, self._opened = self._opened or [], None
        for each in reversed(opened):
            with contextlib.suppress(Exception):
                each.close()

    def _keep(self, resource: Any) -> Any:
        with self._lock:
            if self._opened is not None:
                self._opened.append(resource)
                return resource
        resource.close()
        raise ConnectionFailed("the stream was closed")

    def _connect(self, hop: Hop, pins: HostPins, previous: Any, *, is_endpoint: bool) -> Any:
        """Return a transport whose peer has been verified. A pinned fingerprint has no key type: try them all."""
        where = _where(hop, is_endpoint)
        tried: List[str] = []
        changed: Optional[HostKeyChanged] = None
        while True:
            transport = self._guarded(where, lambda: self._transport(hop, previous))
            options = transport.get_security_options()
            options.ciphers = [name for name in _CIPHERS if name in transport._cipher_info]
            options.key_types = [name for name in _by_preference(options.key_types, pins) if _plain(name) not in tried]
            try:
                self._guarded(where, lambda transport=transport: self._exchange_keys(transport))
                key = transport.get_remote_server_key()
                pins.verify(PublicKey(key.get_name(), key.asbytes()), where)
                return transport
            except HostKeyChanged as error:
                changed = error
                tried.append(_plain(key.get_name()))
                transport.close()
                if not pins.fingerprints or not set(map(_plain, options.key_types)) - set(tried):
                    raise
            except AlgorithmsRefused as error:
                raise changed or error from None
            time.sleep(0.2)

    def _transport(self, hop: Hop, previous: Any) -> Any:
        address = (hop.host, hop.port or _DEFAULT_PORT)
        self._greeted = Greeting()
        if previous is None:
            link = socket.create_connection(address, timeout=self._remaining())
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        else:
            link = previous.open_channel("direct-tcpip", address, ("127.0.0.1", 0), timeout=self._remaining())
            link.close = partial(_close_quietly, link.close)
        transport = library().Transport(self._keep(link), default_window_size=WINDOW, default_max_packet_size=_PACKET)
        transport.set_log_channel(LOG_CHANNEL)
        transport.packetizer.REKEY_BYTES = _REKEY_BYTES
        self._greeted = Greeting(transport)
        _remember_key_exchange(transport)
        transport.banner_timeout = transport.handshake_timeout = transport.auth_timeout = self._remaining()
        return self._keep(transport)

    def _exchange_keys(self, transport: Any) -> None:
        transport.start_client(timeout=self._remaining())
        if not transport.initial_kex_done:
            raise socket.timeout("key exchange")

    def _channel(self, request: str, command: str) -> Any:
        where = _where(self._route[-1][0], True)
        channel = self._guarded(where, lambda: self.transport.open_session(timeout=self._remaining()))
        try:
            if request == EXEC:
                channel.exec_command(command)
            else:
                channel.invoke_subsystem("sftp")
        except (library().SSHException, EOFError):
            raise _request_refused(where, request) from None
        return channel

    def _remaining(self) -> float:
        return max(0.001, self.deadline - time.monotonic())

    def _guarded(self, where: str, action: Any) -> Any:
        """Run one step; convert errors of paramiko and the socket to errors of the engine."""
        paramiko = library()
        try:
            return action()
        except SyncError:
            raise
        except paramiko.ChannelException as error:
            raise TooManyConnections(f"{where}: {display_text(str(error))}", cure=LIMIT_CURE) from None
        except socket.timeout:
            raise self.timed_out(where) from None
        except socket.gaierror as error:
            raise ConnectionFailed(f"{where}: {error.strerror}", cure="Check the host name.") from None
        except OSError as error:
            raise ConnectionFailed(f"{where}: {error.strerror or error}", cure=_NETWORK_CURE) from None
        except paramiko.IncompatiblePeer as error:
            raise AlgorithmsRefused(f"{where}: {display_text(str(error))}", cure=OLD_CURE) from None
        except (paramiko.SSHException, EOFError) as error:
            raise self._from_library(where, error) from None

    def _from_library(self, where: str, error: Exception) -> SyncError:
        message = display_text(str(error) or type(error).__name__)
        if self._greeted.line is not None:
            return not_ssh(where, self._greeted.line)
        if time.monotonic() >= self.deadline - 0.05 or "Timeout" in message:
            return self.timed_out(where)
        if "protocol banner" in message:
            return TooManyConnections(f"{where} closed the connection before its greeting", cure=LIMIT_CURE)
        return ConnectionFailed(f"{where}: {message}", cure="Read the server's log.")

    def timed_out(self, where: str) -> SyncError:
        """Return the error for a login that did not end within connect_timeout."""
        return ConnectTimeout(
            f"{where}: no session after {self._endpoint.connect_timeout:g} s",
            cure=SILENT_CURE if self._greeted.is_awaited else TIMEOUT_CURE,
            answered=self._greeted.is_identified,
        )


def _remember_key_exchange(transport: Any) -> None:
    """Note the agreed method as `agreed_key_exchange`: paramiko forgets it as soon as the keys are there."""
    transport.agreed_key_exchange = ""

    def noting(name: str, kind: Any) -> Any:
        def make(owner: Any) -> Any:
            owner.agreed_key_exchange = name
            return kind(owner)

        return make

    transport._kex_info = {name: noting(name, kind) for name, kind in getattr(transport, "_kex_info", {}).items()}


def _request_refused(where: str, request: str) -> SyncError:
    if request == EXEC:
        return NotSupported(
            f"{where}: exec request failed", cure="The account may run no command; set proof to another value."
        )
    return NotSupported(
        f"{where}: subsystem request failed", cure="Enable the sftp subsystem on the server (sshd_config)."
    )


def _by_preference(available: Tuple[str, ...], pins: HostPins) -> List[str]:
    """Return the pinned types first, so that the server shows the key that we hold."""
    return sorted(available, key=lambda name: _plain(name) not in pins.key_types)


def _plain(name: str) -> str:
    return base_key_type(name)


def _where(hop: Hop, is_endpoint: bool) -> str:
    name = display_text(hop.host) if hop.port is None else f"{display_text(hop.host)} port {hop.port}"
    return name if is_endpoint else f"jump host {name}"


def _local_user() -> str:
    import getpass

    return getpass.getuser()


class Greeting:
    """Reads along in one transport.

    line: the first line of a server that has not yet identified itself as an SSH server.
    is_awaited: nothing came so far.
    is_identified: the server has identified itself as an SSH server.
    """

    def __init__(self, transport: Any = None) -> None:
        self.line: Optional[str] = None
        self.is_awaited = transport is not None
        self.is_identified = False
        if transport is not None:
            self._read = transport.packetizer.readline
            transport.packetizer.readline = self._read_along

    def _read_along(self, timeout: float) -> str:
        line: str = self._read(timeout)
        self.is_awaited = False
        if line.startswith(_VERSION):
            self.line, self.is_identified = None, True
        elif self.line is None and not is_limit(line):
            self.line = line
        if is_another_protocol(line):
            raise library().SSHException("another protocol")
        return line


def _close_quietly(close: Callable[[], None]) -> None:
    """Close a channel whose transport may have ended. paramiko closes it in the thread of the login behind it: an error
    there would leave out the rest of its end, and write a traceback."""
    with contextlib.suppress(EOFError, OSError, library().SSHException):
        close()
