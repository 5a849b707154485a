# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Test the running service from its own host with a real account: with the real PAM, jail and ports."""

from __future__ import annotations

import contextlib
import socket
import time
from typing import NamedTuple, Optional

from ..errors import ServiceFailed
from ..ftps.session import FtpsSession
from ..login_probe.ftps_exchange import StepFailed, exchange, log_in, loopback_context
from ..model.endpoint import EXPLICIT, FTPS, IMPLICIT, Credentials, Endpoint, PeerIdentity, TlsTrust
from ..tls.spki import pin_of
from .key_pair import read_chain

_ADDRESS = "127.0.0.1"
_STEP_SECONDS = 0.1


class LiveService(NamedTuple):
    """The service to test.

    certificate_file: the certificate that it must show, a PEM file on this host
    directory: where the account may store, None for a login only
    seconds: timeout for its start, and for each answer
    """

    port: int
    implicit: bool
    certificate_file: str
    username: str
    password: str
    directory: Optional[bytes]
    seconds: float
    client_cert_file: Optional[str] = None
    client_key_file: Optional[str] = None


def try_service(service: LiveService) -> PeerIdentity:
    """Test the service. Raises ServiceFailed, TrustStoreUnreadable."""
    trust = TlsTrust(
        mode=IMPLICIT if service.implicit else EXPLICIT,
        ca_file=service.certificate_file,
        client_cert_file=service.client_cert_file,
        client_key_file=service.client_key_file,
        pins=(pin_of(read_chain(service.certificate_file)[0]),),
    )
    credentials = Credentials(password=service.password)
    endpoint = Endpoint(
        *(FTPS, _ADDRESS, service.port, service.username),
        connect_timeout=service.seconds,
        stall_timeout=service.seconds,
    )
    session = FtpsSession(endpoint, credentials, trust, context=loopback_context(trust, credentials))
    _wait(service)
    try:
        return log_in(session) if service.directory is None else exchange(session, service.directory)
    except StepFailed as failed:
        raise ServiceFailed(
            f"{failed.step} fails as {service.username}: {failed.error.message}",
            cure=failed.error.cure or "Read the server's log.",
        ) from None
    finally:
        session.close()


def _wait(service: LiveService) -> None:
    deadline = time.monotonic() + service.seconds
    while True:
        try:
            with contextlib.closing(socket.create_connection((_ADDRESS, service.port), service.seconds)):
                return
        except OSError as error:
            if time.monotonic() > deadline:
                raise ServiceFailed(
                    f"nothing answers on port {service.port} of this host: {error}",
                    cure="Read the log of the service.",
                ) from None
        time.sleep(_STEP_SECONDS)
