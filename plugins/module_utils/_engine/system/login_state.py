# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The password and the date of expiry of an account, as shadow(5) has them.

A closed account is expired: sshd refuses every key, certificate and password of it, and so does the account rule of
PAM, which vsftpd asks. Its password is locked as well.
"""

from __future__ import annotations

import time
from typing import Callable, FrozenSet, List, NamedTuple, Optional

from ..errors import OperationFailed

CLOSED_DAY = "1"
"""Days since 1970: the date of expiry of a closed account. Programs read 0 in different ways."""
NO_PASSWORD = "*"  # noqa: S105  # it is none
_LOCK = "!"
_DAY = 86400
Run = Callable[..., None]


class LoginState(NamedTuple):
    """password: hash, or text that no password matches
    expires: days since 1970; "" for never
    """

    password: str
    expires: str

    @property
    def admits_no_login(self) -> bool:
        """Return whether the account is expired as by `lock`, with any password."""
        return self.expires == CLOSED_DAY

    @property
    def is_closed(self) -> bool:
        """Return whether the account is locked and expired as by `lock`."""
        return self.password.startswith(_LOCK) and self.expires == CLOSED_DAY

    @property
    def lock_by_hand(self) -> str:
        """Return how an administrator locked the account; "" for an account that was not locked. `!` alone is an
        account that never had a password."""
        if self.expires.isdigit() and int(self.expires) * _DAY <= time.time():
            return "expired"
        return "locked" if self.password.startswith(_LOCK) and self.password.strip(_LOCK) else ""


def login_state(account: str, path: str) -> Optional[LoginState]:
    """Return the state of an account; None if it is not in the file. Raises OperationFailed."""
    found = next((each for each in _entries(path) if each[0] == account), None)
    return None if found is None else LoginState(found[1], found[7])


def closed_accounts(path: str) -> FrozenSet[str]:
    """Return the names of the accounts that admit no login. Raises OperationFailed."""
    return frozenset(each[0] for each in _entries(path) if each[7] == CLOSED_DAY)


def _entries(path: str) -> List[List[str]]:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as stream:
            entries = [line.rstrip("\n").split(":") for line in stream]
    except OSError as error:
        raise OperationFailed(f"{path}: {error.strerror}", cure="Become root on the host.") from None
    return [each for each in entries if len(each) > 7]


def is_hash(password: str) -> bool:
    """Return whether the field has the hash of a password, locked or not."""
    return password.strip(_LOCK) not in ("", NO_PASSWORD)


def lock(account: str, run: Run) -> None:
    """Lock the password and let the account expire, in one change of the file. Raises OperationFailed."""
    run("usermod", "--lock", "--expiredate", CLOSED_DAY, account)


def set_password(account: str, password: str, run: Run) -> None:
    """Set the field of the password; never in argv. Raises OperationFailed."""
    run("chpasswd", "-e", stdin=f"{account}:{password}\n")


def set_expiry(account: str, expires: str, run: Run) -> None:
    """Set the date of expiry. Raises OperationFailed."""
    run("usermod", "--expiredate", expires, account)
