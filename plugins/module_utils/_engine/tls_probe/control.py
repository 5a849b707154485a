# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Test which weaknesses a server allows on the control connection before and while TLS begins. No account is used, and
no secret is sent."""

from __future__ import annotations

from typing import Optional, Sequence

from ..errors import AuthenticationFailed, ConnectionLost, ProtocolViolation, TrustError
from ..ftps.commands import Command, flight
from ..ftps.replies import Reply
from ..tls.survey import ControlFacts
from .dialer import Dialer
from .identity import observing_context

__all__ = ["control_facts"]

_NAME = b"tls-policy-check"
"""A name without an account: the real account name must not be sent in cleartext."""
_ANONYMOUS = ((b"USER", b"anonymous"), (b"PASS", b"tls-policy-check@example.com"))
_LOGGED_IN = (230, 232)
_GOES_ON = (230, 232, 331, 332)
_TLS_BEGINS = 234
_GOODBYE = (221, 421)


def control_facts(dialer: Dialer) -> ControlFacts:
    """Test explicit TLS. Raises ConnectionFailed and its subclasses."""
    clear_login = _last_reply(dialer, ((b"USER", _NAME),))
    anonymous = _last_reply(dialer, _ANONYMOUS)
    return ControlFacts(
        clear_login=clear_login.text if clear_login is not None and clear_login.code in _GOES_ON else "",
        clear_anonymous=anonymous is not None and anonymous.code in _LOGGED_IN,
        pipelined=_pipelined(dialer),
    )


def _last_reply(dialer: Dialer, commands: Sequence[Command]) -> Optional[Reply]:
    """Return the reply to the last cleartext command, or to the refused command; None if the server hung up."""
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
