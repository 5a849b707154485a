# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dialer: the connections of a check, one after another, with a pause in between.

Many connections without a login look like an attack, and servers count them against the address that they come from.
"""

from __future__ import annotations

import ssl
import time
from dataclasses import dataclass, replace
from typing import Callable, Optional, TypeVar

from ..errors import ConnectionFailed, ConnectTimeout, SyncError
from ..ftps.control import Control
from ..ftps.login import meet
from ..model.endpoint import EXPLICIT, Credentials, Endpoint, TlsTrust

_ATTEMPTS = 4
_FIRST_WAIT = 0.5
_MOST_CONNECTIONS = 500

_Made = TypeVar("_Made")


@dataclass(frozen=True)
class Target:
    """The server to check.

    ftp: whether it is FTP, else only TLS
    tls: how TLS begins, and the proofs of the server
    pause: seconds between two connections
    context: the proofs of the server, if `tls` is not enough
    """

    endpoint: Endpoint
    credentials: Credentials
    tls: TlsTrust
    ftp: bool = True
    pause: float = 0.1
    context: Optional[ssl.SSLContext] = None

    @property
    def explicit(self) -> bool:
        """Return whether TLS begins behind AUTH TLS."""
        return self.ftp and self.tls.mode == EXPLICIT


class Dialer:
    """For one check. connections: how many were made."""

    def __init__(self, target: Target) -> None:
        # Nothing that is asked here takes the server long.
        endpoint = target.endpoint
        patient = min(endpoint.stall_timeout, endpoint.connect_timeout)
        self.target = replace(target, endpoint=endpoint._replace(stall_timeout=patient))
        self.connections = 0

    def for_tls(self) -> Control:
        """Return a connection on which TLS can begin. Raises as login.meet."""
        return self.paced(lambda: meet(self.target.endpoint, self.target.tls))

    def greeted(self) -> Control:
        """Return a connection that is in the clear, behind the greeting. Raises as login.meet."""
        return self.paced(lambda: meet(self.target.endpoint, self.target.tls, for_tls=False))

    def paced(self, make: Callable[[], _Made]) -> _Made:
        """Return the connection of `make`, after the pause; a server that refuses connections is given time."""
        for attempt in range(_ATTEMPTS):
            time.sleep(self.target.pause if not attempt else _FIRST_WAIT * 2**attempt)
            self.connections += 1
            if self.connections > _MOST_CONNECTIONS:
                raise SyncError("the check does not end", cure="Please report it, with the type of server.")
            try:
                return make()
            except ConnectionFailed as error:
                # A first connection that fails means that there is no server; and a timeout would happen again.
                if attempt == _ATTEMPTS - 1 or self.connections == 1 or isinstance(error, ConnectTimeout):
                    raise
        raise AssertionError("the last attempt returns or raises")
