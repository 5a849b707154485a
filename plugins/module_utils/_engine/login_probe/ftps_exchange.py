# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Test each operation of a client once: login, STOR, LIST, RETR, both channels inside TLS."""

from __future__ import annotations

import secrets
import ssl

from ..errors import InvalidRequest, ProofFailed, SyncError
from ..ftps.session import FtpsSession
from ..model.endpoint import Credentials, PeerIdentity, TlsTrust
from ..tls.context import client_context

_CONTENT_BYTES = 100_000


class StepFailed(Exception):
    """A step of the exchange failed.

    step: in words that fit before "fails"
    error: why
    """

    def __init__(self, step: str, error: SyncError) -> None:
        super().__init__(f"{step} fails: {error.message}")
        self.step, self.error = step, error


def loopback_context(trust: TlsTrust, credentials: Credentials) -> ssl.SSLContext:
    """Return the context for a server on this host: its certificate has another name than loopback, and a pin proves
    the server. Raises InvalidRequest without a pin."""
    if not trust.pins:
        raise InvalidRequest("a server on loopback must be proven by a pin")
    context = client_context(trust, credentials)
    context.check_hostname = False
    return context


def exchange(session: FtpsSession, directory: bytes) -> PeerIdentity:
    """Store a file of random bytes in `directory`, and have it back; it is removed at the end. Raises StepFailed."""
    name, content = b"probe-" + secrets.token_hex(8).encode(), secrets.token_bytes(_CONTENT_BYTES)
    path = b"%s/%s" % (directory, name)
    step = "the login"
    try:
        session.login()
        step = "STOR"
        _store(session, path, content)
        try:
            step = "LIST"
            if not sum(line.endswith(name) for line in session.list_lines(b"LIST", directory)):
                raise ProofFailed("the listing lacks the stored file")
            step = "RETR"
            if _retrieved(session, path) != content:
                raise ProofFailed("the bytes read back differ from the bytes sent")
        finally:
            session.call(b"DELE", path)
        return session.identity
    except SyncError as error:
        raise StepFailed(step, error) from None


def log_in(session: FtpsSession) -> PeerIdentity:
    """Return a login and nothing else. Raises StepFailed."""
    try:
        return session.login()
    except SyncError as error:
        raise StepFailed("the login", error) from None


def _store(session: FtpsSession, name: bytes, content: bytes) -> None:
    writer = session.store(name)
    writer.send(content)
    writer.finish()


def _retrieved(session: FtpsSession, name: bytes) -> bytes:
    reader = session.retrieve(name)
    found, view = bytearray(), memoryview(bytearray(65536))
    while True:
        size = reader.read_into(view)
        if not size:
            break
        found += view[:size]
    reader.finish()
    return bytes(found)
