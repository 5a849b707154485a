# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SSH sessions of this host, found among the processes of sshd, and their end.

sshd has a root process for each connection. After the login, its child runs as the account. All processes of a login of
root run as root; they are known by the title that sshd gives to the process that serves the login: NAME, or
NAME@TERMINAL. This is the process of the connection or, since OpenSSH 10.0, its child.

No session: the listener, a connection before its login, and an sshd in a container, which has logins of its own. A
connection that has named an account for a login has the title NAME [priv].
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Callable, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from ..system.accounts import id_of
from ..system.process_tree import began, children, end_tree, is_of_this_host, name_of, user_of
from .session import ancestors

_PROGRAMS = ("sshd", "sshd-session")
_SERVES = re.compile(r"sshd(?:-session)?: (?P<name>[^\s\[/]\S*?)(?:@\S*)?\Z")
_WATCHES = re.compile(r"sshd(?:-session)?: (?P<name>.+) \[priv\]\Z")
_UNPRIVILEGED = "sshd"
"""The account of sshd itself, as which it runs before a login."""


class Session(NamedTuple):
    """A session or, if not is_open, a connection that has named an account for a login.

    pid: of root's process. began: in seconds since the boot. user: the id of the account
    """

    pid: int
    began: float
    user: int
    is_open: bool = True


def sessions() -> List[Session]:
    return [each for each in _connections() if each.is_open]


def logins_under_way() -> List[Session]:
    return [each for each in _connections() if not each.is_open]


def sessions_of(user: int) -> List[Session]:
    """Return the sessions of this user id, without the session over which this program was started."""
    return [each for each in _of_others(user) if each.is_open]


def end_sessions(user: int, moment: float) -> int:
    """End sessions and logins under way that began before a moment, and return their number. Raises OperationFailed."""
    older = [each for each in _of_others(user) if each.began <= moment]
    for each in older:
        end_login(each)
    return len(older)


def end_login(login: Session) -> None:
    """End a session or a login under way, also if it has become a session. Raises OperationFailed."""
    end_session(login.pid, lambda: login[:3] in [each[:3] for each in _connections()])


def end_session(pid: int, still: Callable[[], bool]) -> None:
    """End a session by root's process, but no other sshd that was started in it. Raises OperationFailed."""
    near = frozenset([pid, *children().get(pid, ())])
    end_tree(pid, still, spares=lambda each: each not in near and _is_roots(each))


def _of_others(user: int) -> Iterator[Session]:
    above = frozenset(ancestors())
    return (each for each in _connections() if each.user == user and each.pid not in above)


def _connections() -> Iterator[Session]:
    tree = children()
    for parent, those in tree.items():
        for pid in filter(_is_roots, those):
            user, is_open = _login(pid, tree.get(pid, ()))
            # A process of a login of root may have children of the same kind.
            if user is not None and not (_is_roots(parent) and _login(parent, tree[parent]) == (0, True)):
                with suppress(OSError):
                    yield Session(pid, began(pid), user, is_open)


def _is_roots(pid: int) -> bool:
    """Return whether this is a process of sshd that root runs on this host."""
    return name_of(pid) in _PROGRAMS and user_of(pid) == 0 and is_of_this_host(pid)


def _login(pid: int, those: Sequence[int]) -> Tuple[Optional[int], bool]:
    """Return the user id that a process of sshd serves, None for none, and whether it is logged in. those: children"""
    ours = [each for each in those if name_of(each) in _PROGRAMS]
    users = {user_of(each) for each in ours} - {None, 0, id_of(_UNPRIVILEGED)}
    if users:
        return users.pop(), True
    title = _title(pid)
    watches = _WATCHES.match(title)
    served = filter(None, map(_SERVES.match, [title, *map(_title, ours)] if watches else [title]))
    if 0 in [id_of(each["name"]) for each in served]:
        return 0, True
    return (id_of(watches["name"]) if watches else None), False


def _title(pid: int) -> str:
    with suppress(OSError), open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as stream:
        return stream.read().partition("\0")[0].strip()
    return ""
