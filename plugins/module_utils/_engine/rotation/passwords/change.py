# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Change the password of an account of this host so that the old password is valid until the new password is proven.

A Unix account has one password, in shadow(5). During the change, the new password is in a second file, which PAM reads
too (pam_pwdfile): a line for each account, NAME:HASH. So two passwords are valid, and a killed run loses none:

    beside   both passwords are valid; the second file has the new one
    sole     only the new password is valid; shadow(5) has it, the second file has no line of the account

1. The caller stores the new password in the secrets manager, apart from the current password, and adds it to the second
   file.
2. It proves the new password with a login, and only then makes it the current password for the jobs.
3. After the overlap it makes the new password the sole password: shadow(5) is changed first, then the line is removed.
4. If requested, sessions that began before the change are ended (`ftps_sessions`).

Nothing is changed for a password that is already in its place. A locked account is refused and loses its line.
"""

from __future__ import annotations

import time
from functools import partial
from typing import Callable, List, NamedTuple, Optional, Sequence, Tuple

from ...errors import AccountLocked, AccountMissing
from ...system.accounts import id_of
from ...system.changes import Change
from ...system.entries import Attributes
from ...system.login_state import login_state, set_password
from ...system.program import run_program
from ...system.root_owned_path import Walker
from ..server_files import KeyFile, change_file
from .ftps_sessions import Session, end_sessions, sessions_of
from .password_hash import hash_of, is_hash_of

SHADOW = "/etc/shadow"
_MODE = 0o600
_ONE, _ANOTHER, _NONE = "this password", "another password", "no password"


class Host(NamedTuple):
    """Where accounts are.

    root: user and group id of the second file
    set_hash: writes the hash of an account to shadow(5)
    user_of: the id of an account, None if there is none
    """

    shadow: str = SHADOW
    walker: Walker = Walker()
    root: Tuple[int, int] = (0, 0)
    set_hash: Callable[[str, str], None] = partial(set_password, run=run_program)
    user_of: Callable[[str], Optional[int]] = id_of


_HERE = Host()


class AccountPassword(NamedTuple):
    """The request of account_password.

    sole: whether it must be the only password
    ends: whether to end earlier sessions
    second_file: a path
    """

    account: str
    password: str
    sole: bool
    ends: bool
    second_file: str
    check_mode: bool = False


class PasswordReport(NamedTuple):
    """The result of a change.

    settled: whether the password is the only one afterwards
    ended: sessions that were ended or, in check mode, would be
    """

    changes: Tuple[Change, ...]
    settled: bool
    ended: Tuple[Session, ...] = ()


def keep_password(asked: AccountPassword, host: Host = _HERE) -> PasswordReport:
    """Change the password. Raises AccountMissing, AccountLocked, UnsafePath, NotFound, Locked, NotSupported,
    OperationFailed."""
    user, login = host.user_of(asked.account), login_state(asked.account, host.shadow)
    if user is None or login is None:
        if not asked.check_mode:
            raise AccountMissing(
                f"account: {asked.account} is not in {host.shadow}",
                cure="Create the account first, for example with the role chroot_jail.",
            )
        return PasswordReport((Change(host.shadow, "no account", _ONE),), False)
    shown = login.password
    if shown.startswith("!"):
        _drop_second(asked, host)
        raise AccountLocked(
            f"account: {asked.account} is locked", cure="Unlock it with usermod --unlock, or remove it from the list."
        )
    changes: List[Change] = []
    first = is_hash_of(shown, asked.password)
    if asked.sole and not first:
        changes.append(Change(f"{host.shadow}: {asked.account}", _words(shown), _ONE))
        if not asked.check_mode:
            host.set_hash(asked.account, hash_of(asked.password))
    if asked.sole:
        changes += _drop_second(asked, host)
    elif not first:
        changes += _keep_second(asked, host)
    ended = _ended(user, asked) if asked.ends else ()
    return PasswordReport(tuple(changes), asked.sole or (first and not _second(asked, host)), ended)


def _ended(user: int, asked: AccountPassword) -> Tuple[Session, ...]:
    """End sessions after the change: later logins use the new password."""
    if asked.check_mode:
        return tuple(sessions_of(user))
    return tuple(end_sessions(user, time.clock_gettime(time.CLOCK_BOOTTIME)))


def _keep_second(asked: AccountPassword, host: Host) -> Sequence[Change]:
    def change(content: bytes) -> bytes:
        others, ours = _parted(content, asked.account)
        if len(ours) == 1 and is_hash_of(_hash(ours[0]), asked.password):
            return content
        return b"".join([*others, (f"{asked.account}:{hash_of(asked.password)}\n").encode()])

    return _changed(asked, host, change, _ONE)


def _drop_second(asked: AccountPassword, host: Host) -> Sequence[Change]:
    if not _second(asked, host):
        return []
    return _changed(asked, host, lambda content: b"".join(_parted(content, asked.account)[0]), _NONE)


def _second(asked: AccountPassword, host: Host) -> bool:
    """Return whether the second file has a password of the account."""
    found: List[bytes] = []

    def look(content: bytes) -> bytes:
        found.extend(_parted(content, asked.account)[1])
        return content

    change_file(_file(asked, host), look, check_mode=True)
    return bool(found)


def _changed(asked: AccountPassword, host: Host, change: Callable[[bytes], bytes], after: str) -> Sequence[Change]:
    """Change a file without its content in the report: it holds hashes."""
    file = _file(asked, host)
    before = _ANOTHER if _second(asked, host) else _NONE
    unnamed = Change(f"{asked.second_file}: {asked.account}", before, after)
    done = change_file(file, change, check_mode=asked.check_mode)
    return [each if each.after == file.wanted.words else unnamed for each in done]


def _file(asked: AccountPassword, host: Host) -> KeyFile:
    return KeyFile(asked.second_file, Attributes(*host.root, _MODE), host.walker)


def _parted(content: bytes, account: str) -> Tuple[List[bytes], List[bytes]]:
    """Return the lines of others, and the lines of the account; each with its end."""
    lines = [line + b"\n" for line in content.split(b"\n") if line]
    ours = [line for line in lines if line.startswith(account.encode() + b":")]
    return [line for line in lines if line not in ours], ours


def _hash(line: bytes) -> str:
    return line.decode("utf-8", "replace").strip().partition(":")[2].partition(":")[0]


def _words(shown: str) -> str:
    return _ANOTHER if shown.startswith("$") else _NONE
