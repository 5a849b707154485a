# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""FTPS sessions of an account of this host, found among the processes of vsftpd, and ended.

vsftpd has a root process for each connection, a child of the listener. After the login, one of its descendants runs as
the account, or the process itself does. A vsftpd in a container has logins of its own.
"""

from __future__ import annotations

import time
from contextlib import suppress
from functools import partial
from typing import Iterator, List, NamedTuple

from ...system.process_tree import began, children, descendants, end_tree, is_of_this_host, name_of, user_of

_PROGRAM = "vsftpd"
_LOGIN_SECONDS = 3.0
_PAUSE = 0.1


class Session(NamedTuple):
    """A process, and when it began, in seconds since the boot."""

    pid: int
    began: float


def sessions_of(user: int) -> List[Session]:
    """Sessions that live and are logged in as this user id."""
    return [each for each in _connections() if _is_of(user, each)]


def end_sessions(user: int, moment: float) -> List[Session]:
    """End sessions whose connection was made before `moment`, in seconds since the boot; return the ended sessions.

    A connection whose login was under way at that moment may become a session: older connections are watched for as
    long as a login takes. Raises OperationFailed.
    """
    ended: List[Session] = []
    deadline = time.monotonic() + _LOGIN_SECONDS
    while True:
        older = [each for each in _connections() if each.began <= moment]
        for session in (each for each in older if _is_of(user, each)):
            end_tree(session.pid, partial(_is_of, user, session))
            ended.append(session)
        if len(older) == 0 or time.monotonic() > deadline:
            return ended
        time.sleep(_PAUSE)


def _connections() -> Iterator[Session]:
    for parent, those in children().items():
        if user_of(parent) == 0 and name_of(parent) == _PROGRAM and is_of_this_host(parent):
            for pid in those:
                with suppress(OSError):
                    yield Session(pid, began(pid))


def _is_of(user: int, session: Session) -> bool:
    with suppress(OSError):
        own = (session.pid,) if user else ()  # root's own process of each connection is no login of root
        return began(session.pid) == session.began and user in map(user_of, (*own, *descendants(session.pid)))
    return False
