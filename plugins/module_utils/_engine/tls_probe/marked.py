# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One attempt with a marked name, whose line in the server's log is sought afterwards.

    a login with a marked name and a random password, inside TLS -> refused after the password: the log has the mark
    refused before the password, as vsftpd refuses names outside its list of users, without a line in its log
    -> with an account: the deletion of a file with the marked name, which does not exist

Names go only to a proven server. The password is random and is kept nowhere.
"""

from __future__ import annotations

import secrets
import time
from typing import Union

from ..errors import NotSupported, PermissionDenied, SyncError, TrustError
from ..ftps.commands import Command, flight
from ..ftps.control import Control
from ..ftps.login import log_in_unprotected, meet_proven
from ..ftps.replies import Reply, item_error, too_many
from ..model.marked_login import forged_ftp_name
from ..tls.context import client_context
from ..tls.survey import MarkedFacts
from .dialer import Dialer

_NEED_PASSWORD = 331
_LOGGED_IN = (230, 232)
_REFUSED_FOR_GOOD = 500
_NO_ACCOUNT = "the server refuses the name before a password, and no account was given: %s"
Judged = Union[MarkedFacts, Reply]


def marked_facts(dialer: Dialer, mark: str) -> MarkedFacts:
    """Make the attempt. Raises PrivateKeyUnusable and TrustStoreUnreadable; other errors are in the result."""
    target = dialer.target
    context = target.context or client_context(target.tls, target.credentials)
    name = forged_ftp_name(mark).encode("ascii")
    try:
        control = dialer.paced(lambda: meet_proven(target.endpoint, target.tls, context))
        outcome = _log_in(control, name, mark, target.endpoint.connect_timeout)
        if isinstance(outcome, MarkedFacts):
            return outcome
        if target.credentials.password is None or not target.endpoint.username:
            return MarkedFacts(unknown=_NO_ACCOUNT % outcome.text)
        control, _peer = dialer.paced(
            lambda: log_in_unprotected(target.endpoint, target.credentials, target.tls, context)
        )
        return _delete(control, name, mark, target.endpoint.connect_timeout)
    except TrustError as error:
        return MarkedFacts(unknown="the server is not proven, so no name was sent: %s" % error.message)
    except SyncError as error:
        return MarkedFacts(unknown=error.message)


def _log_in(control: Control, name: bytes, mark: str, seconds: float) -> Judged:
    """Return the outcome, or the reply that refuses the name before a password. Raises SyncError."""
    try:
        control.channel.patience.deadline = time.monotonic() + seconds
        first = _say(control, (b"USER", name))
        if first.code != _NEED_PASSWORD:
            return of_login(first, mark, with_password=False)
        return of_login(_say(control, (b"PASS", secrets.token_hex(16).encode())), mark, with_password=True)
    finally:
        control.channel.close()


def _delete(control: Control, name: bytes, mark: str, seconds: float) -> MarkedFacts:
    try:
        control.channel.patience.deadline = time.monotonic() + seconds
        return of_deletion(_say(control, (b"DELE", name)), name, mark)
    finally:
        control.channel.close()


def _say(control: Control, command: Command) -> Reply:
    control.expect_silence()
    control.send(flight([command]))
    return control.take_final(closing=True)


def of_login(reply: Reply, mark: str, *, with_password: bool) -> Judged:
    """Return the outcome of a login, or the reply itself if it refuses the name before a password."""
    if reply.code in _LOGGED_IN:
        return MarkedFacts(mark, let_in=reply.text)
    if reply.code < _REFUSED_FOR_GOOD or too_many(reply):
        return MarkedFacts(unknown="the server does not refuse a login for good: %s" % reply.text)
    return MarkedFacts(mark) if with_password else reply


def of_deletion(reply: Reply, name: bytes, mark: str) -> MarkedFacts:
    """Return the outcome of the deletion of a file that does not exist. A server that lets the account delete nothing
    need not look at the name."""
    if reply.code < _REFUSED_FOR_GOOD:
        return MarkedFacts(unknown="the deletion of a file that does not exist is answered with %s" % reply.text)
    if isinstance(item_error(reply, name), (NotSupported, PermissionDenied)):
        return MarkedFacts(unknown="the account must not delete: %s" % reply.text)
    return MarkedFacts(mark)
