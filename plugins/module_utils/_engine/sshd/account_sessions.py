# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""End the SSH sessions of an account of this host, found among the processes of sshd.

sshd has a root process for each connection. After the login, its child runs as the account.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import Iterator, Tuple

from ..system.process_tree import began, children, end_tree, user_of

__all__ = ["end_sessions", "sessions_of"]

_PROGRAMS = ("sshd", "sshd-session")


def sessions_of(user: int) -> Iterator[Tuple[int, float]]:
    """Yield root's process of each session of this user id, and when it began, in seconds since the boot."""
    for parent, those in children().items():
        if user_of(parent) == 0 and _name(parent) in _PROGRAMS and any(_serves(user, pid) for pid in those):
            with suppress(OSError):
                yield parent, began(parent)


def end_sessions(user: int, moment: float) -> int:
    """End sessions that began before a moment, and return their number. Raises OperationFailed."""
    older = [each for each in sessions_of(user) if each[1] <= moment]
    for session in older:
        end_tree(session[0], partial(_is_still, user, session))
    return len(older)


def _is_still(user: int, session: Tuple[int, float]) -> bool:
    return session in list(sessions_of(user))


def _serves(user: int, pid: int) -> bool:
    return user_of(pid) == user and _name(pid) in _PROGRAMS


def _name(pid: int) -> str:
    with suppress(OSError), open("/proc/%d/comm" % pid) as stream:
        return stream.read().strip()
    return ""
