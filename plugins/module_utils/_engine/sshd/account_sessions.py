# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SSH sessions of this host, found among the processes of sshd, and their end.

sshd has a root process for each connection. After the login, its child runs as the account. All processes of a login of
root run as root; they are known by the title that sshd gives to the process that serves the login: NAME, or
NAME@TERMINAL. This is the process of the connection or, since OpenSSH 10.0, its child.

No session: the listener, a connection before its login, and an sshd in a container, which has logins of its own.
"""

from __future__ import annotations

import pwd
import re
from contextlib import suppress
from functools import partial
from typing import Callable, Iterator, List, NamedTuple, Optional, Sequence

from ..system.process_tree import began, children, end_tree, is_of_this_host, name_of, user_of
from .session import ancestors

_PROGRAMS = ("sshd", "sshd-session")
_SERVES = re.compile(r"sshd(?:-session)?: (?P<name>[^\s\[/]\S*?)(?:@\S*)?\Z")
_WATCHES = re.compile(r"sshd(?:-session)?: (?P<name>.+) \[priv\]\Z")
_UNPRIVILEGED = "sshd"
"""The account of sshd itself, as which it runs before a login."""


class Session(NamedTuple):
    """pid: of root's process. began: in seconds since the boot. user: the id of the account that logged in"""

    pid: int
    began: float
    user: int


def sessions() -> List[Session]:
    return list(_sessions())


def logins_under_way() -> List[Session]:
    """Return connections that have named an account for a login. user: its id"""
    found, done = list(_sessions(under_way=True)), sessions()
    return [each for each in found if each not in done]


def end_login(login: Session) -> None:
    """End a login under way, also if it has become a session. Raises OperationFailed."""
    end_session(login.pid, partial(_is_still, login))


def sessions_of(user: int, *, under_way: bool = False) -> List[Session]:
    """Return the sessions of this user id, without the session over which this program was started.

    under_way: whether connections count that have named the account for a login
    """
    above = frozenset(ancestors())
    return [each for each in _sessions(under_way=under_way) if each.user == user and each.pid not in above]


def end_sessions(user: int, moment: float) -> int:
    """End sessions and logins under way that began before a moment, and return their number. Raises OperationFailed."""
    older = [each for each in sessions_of(user, under_way=True) if each.began <= moment]
    for session in older:
        end_login(session)
    return len(older)


def end_session(pid: int, still: Callable[[], bool]) -> None:
    """End a session by root's process, but no other sshd that was started in it. Raises OperationFailed."""
    near = frozenset([pid, *children().get(pid, ())])
    end_tree(pid, still, spares=lambda each: each not in near and _is_roots(each))


def _sessions(*, under_way: bool = False) -> Iterator[Session]:
    tree = children()
    for parent, those in tree.items():
        for pid in filter(_is_roots, those):
            user = _user(pid, tree.get(pid, ()), under_way=under_way)
            # A process of a login of root may have children of the same kind.
            if user is not None and not (_is_roots(parent) and _user(parent, tree[parent]) == 0):
                with suppress(OSError):
                    yield Session(pid, began(pid), user)


def _is_still(session: Session) -> bool:
    return session in _sessions(under_way=True)


def _is_roots(pid: int) -> bool:
    """Return whether this is a process of sshd that root runs on this host."""
    return name_of(pid) in _PROGRAMS and user_of(pid) == 0 and is_of_this_host(pid)


def _user(pid: int, those: Sequence[int], *, under_way: bool = False) -> Optional[int]:
    """Return the user id of the login that a process of sshd serves; None for none. those: its children"""
    ours = [each for each in those if name_of(each) in _PROGRAMS]
    users = {user_of(each) for each in ours} - {None, 0, id_of(_UNPRIVILEGED)}
    if users:
        return users.pop()
    title = _title(pid)
    watches = _WATCHES.match(title)
    if watches and under_way:
        return id_of(watches["name"])
    titles = [title, *map(_title, ours)] if watches else [title]
    served = filter(None, map(_SERVES.match, titles))
    return 0 if 0 in [id_of(each["name"]) for each in served] else None


def id_of(name: str) -> Optional[int]:
    """Return the id of an account; None if there is none."""
    with suppress(KeyError):
        return pwd.getpwnam(name).pw_uid
    return None


def _title(pid: int) -> str:
    with suppress(OSError), open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as stream:
        return stream.read().partition("\0")[0].strip()
    return ""
