# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Watch an account at one server: a live session that works between logins, and logins again and again.

The watch ends when a login was refused and the session has ended, when its file is removed, or after a time. No login
follows a refused login: sshd punishes an address that fails often, and that address is the controller's.
"""

from __future__ import annotations

import os
import time
from contextlib import closing
from typing import Callable, NamedTuple

from ..errors import AuthenticationFailed, NotFound, OperationFailed, SyncError
from ..login_probe.sftp_exchange import START, files_of, try_account
from ..model.display import display
from ..model.endpoint import SshAccount
from ..transport.sftp.transport import SftpTransport
from .judgement import ACCEPTED, ENDED, FAILED, REFUSED, SESSION, Moment, Seen, format_moment, parse, seen

_EVERY_IN_A_SESSION = 0.1
"""Seconds between two requests of the session, once no login follows."""


class Watch(NamedTuple):
    """path: of the file, which must not exist; every: seconds between two logins; timeout: seconds in all"""

    account: SshAccount
    path: bytes
    every: float
    timeout: float


def watch(
    asked: Watch,
    *,
    log_in: Callable[[SshAccount], object] = try_account,
    session: Callable[[SshAccount], SftpTransport] = files_of,
) -> Seen:
    """Watch until the end, and return the moments that count. Raises OperationFailed.

    log_in: logs in once. session: returns a session, whose requests raise SyncError when it has ended.
    """
    record = _Record(asked.path)
    began = time.monotonic()
    refused = False
    with closing(_Session(record, session(asked.account))) as held:
        while record.is_wanted and time.monotonic() < began + asked.timeout and not (refused and held.is_over):
            held.work()
            refused = refused or _try(asked.account, record, log_in)
            time.sleep(_EVERY_IN_A_SESSION if refused else asked.every)
    return seen(parse(record.content))


class _Record:
    def __init__(self, path: bytes) -> None:
        self._path = path
        self.content = b""
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        except OSError as error:
            raise OperationFailed(
                f"path: {display(path)}: {error.strerror or error}", cure="Name a new file of a directory."
            ) from None

    @property
    def is_wanted(self) -> bool:
        return os.path.exists(self._path)

    def note(self, kind: str, began: float, code: str = "") -> None:
        """Add a moment, in one write."""
        line = format_moment(Moment(kind, began, time.monotonic(), code))
        self.content += line
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        except FileNotFoundError:
            return
        try:
            os.write(descriptor, line)
        finally:
            os.close(descriptor)


def _try(account: SshAccount, record: _Record, log_in: Callable[[SshAccount], object]) -> bool:
    """Log in once; return whether the server refused it."""
    began = time.monotonic()
    try:
        log_in(account)
    except SyncError as error:
        refused = error.code == AuthenticationFailed.code
        record.note(REFUSED if refused else FAILED, began, error.code)
        return refused
    record.note(ACCEPTED, began)
    return False


class _Session:
    """A session that works until it ends."""

    def __init__(self, record: _Record, transport: SftpTransport) -> None:
        self._record, self._transport = record, transport
        self._began = time.monotonic()
        self._works = self.is_over = False

    def work(self) -> None:
        """Carry out one request."""
        if self.is_over:
            return
        try:
            if self._transport.root_entry() is None:
                raise NotFound("the directory does not exist", path=START)
        except SyncError as error:
            self.is_over = True
            self._record.note(ENDED if self._works else FAILED, self._began, error.code)
            return
        if not self._works:
            self._record.note(SESSION, self._began)
        self._works = True

    def close(self) -> None:
        self._transport.close()
