# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Test which weaknesses a server allows on the control connection before and while TLS begins. No account is used, and
no secret is sent.

A server that refuses a name in cleartext may refuse cleartext, or this name. Its reply to the same name inside TLS
decides: another reply shows that it refuses cleartext; the same reply shows nothing. A connection that ends, and a
refusal for now (4xx), such as for too many connections, show nothing either.
"""

from __future__ import annotations

import re
from typing import Optional, Sequence, Tuple

from ..errors import AuthenticationFailed, ConnectionLost, ProtocolViolation, SyncError, TrustError
from ..ftps.replies import Command, Reply, flight
from ..tls.context import client_context
from ..tls.survey import ControlFacts
from .dialer import Dialer
from .identity import observing_context

_NAME = b"tls-policy-check"
"""A name without an account: the real account name must not be sent in cleartext."""
_USER: Command = (b"USER", _NAME)
_ANONYMOUS = ((b"USER", b"anonymous"), (b"PASS", b"tls-policy-check@example.com"))
_LOGGED_IN = (230, 232)
_GOES_ON = (331, 332)
_REFUSED_FOR_GOOD = 500
_TLS_BEGINS = 234
_GOODBYE = (221, 421)
_NUMBER = re.compile(b"[0-9]+")


def control_facts(dialer: Dialer) -> ControlFacts:
    """Test explicit TLS. Raises ConnectionFailed and its subclasses."""
    login = _last_reply(dialer, (_USER,))
    anonymous = _last_reply(dialer, _ANONYMOUS)
    goes_on = login is not None and login.code in (*_LOGGED_IN, *_GOES_ON)
    return ControlFacts(
        clear_login=login.text if login is not None and goes_on else "",
        clear_login_unknown="" if goes_on else undecided(login, _inside(dialer)),
        clear_anonymous=anonymous is not None and anonymous.code in _LOGGED_IN,
        pipelined=_pipelined(dialer),
    )


def _last_reply(dialer: Dialer, commands: Sequence[Command]) -> Optional[Reply]:
    """Return the reply to the last cleartext command, or to one before it that decides; None if the server hung up."""
    control, reply = dialer.greeted(), None
    try:
        for command in commands:
            control.send(flight([command]))
            reply = control.take_final(closing=True)
            if reply.code not in _GOES_ON:
                break
    except (ConnectionLost, ProtocolViolation):
        return None
    finally:
        control.channel.close()
    return reply


def undecided(clear: Optional[Reply], inside: Reply | SyncError) -> str:
    """Return why a refusal in cleartext decides nothing; "" if the server refuses cleartext."""
    if isinstance(inside, SyncError):
        return f"no reply inside TLS to compare with: {inside.message}"
    if clear is None:
        return "the server ended the connection after a user name in cleartext"
    if clear.code < _REFUSED_FOR_GOOD:
        return f"the server does not refuse a user name in cleartext for good: {clear.text}"
    if _words(clear) == _words(inside):
        return f"the server refuses unknown names with and without TLS: {clear.text}"
    return ""


def _inside(dialer: Dialer) -> Reply | SyncError:
    try:
        return _reply_inside_tls(dialer)
    except SyncError as error:
        return error


def _reply_inside_tls(dialer: Dialer) -> Reply:
    """Return the reply to the name inside TLS. Raises SyncError."""
    target = dialer.target
    # A certificate of the client goes only to a proven server.
    proven = target.tls.client_cert_file is not None
    context = target.context or (client_context(target.tls, target.credentials) if proven else observing_context())
    control = dialer.for_tls()
    try:
        control.channel.start_tls(context, target.endpoint.host.rstrip("."))
        control.send(flight([_USER]))
        return control.take_final(closing=True)
    finally:
        control.channel.close()


def _words(reply: Reply) -> Tuple[int, bytes]:
    """Return a reply without numbers in its text, such as of processes and times."""
    return reply.code, _NUMBER.sub(b"", b" ".join(reply.lines))


def _pipelined(dialer: Dialer) -> Optional[bool]:
    """Return whether a command in the same packet as AUTH TLS is answered inside TLS: then a man in the middle could
    put commands before the client's own. Replies come in order, so the next reply decides: it belongs to the injected
    NOOP, or to the QUIT that was sent inside TLS. No waiting time is needed."""
    control = dialer.greeted()
    try:
        control.send(flight([(b"AUTH", b"TLS"), (b"NOOP", b"")]), first=True)  # in one packet
        if control.take_final(closing=True).code != _TLS_BEGINS:
            return None
        if control.front() is not None or not control.idle:
            return False  # answered in clear: it gained nothing
        control.channel.start_tls(observing_context(), dialer.target.endpoint.host.rstrip("."))
        control.send(flight([(b"QUIT", b"")]))
        return control.take_final(closing=True).code not in _GOODBYE
    except (TrustError, AuthenticationFailed, ConnectionLost, ProtocolViolation):
        return False  # it ended the connection over these bytes, or sends nothing more
    finally:
        control.channel.close()
