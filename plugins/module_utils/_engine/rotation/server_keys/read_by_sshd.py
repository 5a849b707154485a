# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether sshd reads a file for an account, by its effective configuration. Ask before the file is written."""

from __future__ import annotations

import pwd
from typing import Callable, Iterable, Tuple

from ...errors import NotSupported
from ...sshd.administrators import LOOPBACK
from ...sshd.daemon import Client, installed
from ...sshd.views import expanded, values

Ask = Callable[[str, str], Tuple[str, ...]]


def asked(account: str, keyword: str) -> Tuple[str, ...]:
    """Return the values of a keyword for a login to an account, from any address, to any address and port of this
    host; none without an sshd."""
    return values(Client(account, LOOPBACK), keyword, from_anywhere=True) if installed() else ()


def require_revoked_keys(path: str, accounts: Iterable[str], *, ask: Ask = asked) -> None:
    """Raise NotSupported unless sshd refuses the keys in the file to all these accounts."""
    for account in sorted(set(accounts)):
        lists = ask(account, "revokedkeys")
        if lists != (path,):
            raise NotSupported(
                f"sshd does not read {path} for {account}: RevokedKeys is {' '.join(lists) or 'not set'}",
                cure="Run the role client_key_rotation with tasks_from: server on this host; nothing was changed.",
            )


def require_authorized_keys(path: str, account: str, *, ask: Ask = asked) -> None:
    """Raise NotSupported unless sshd reads the account's keys from the file, also for logins with other settings."""
    for files in ask(account, "authorizedkeysfile") or ("",):
        if path not in expanded(files.split(), pwd.getpwnam(account)):
            raise NotSupported(
                f"sshd does not read {path} for {account}: AuthorizedKeysFile is {files or 'not set'}",
                cure="Set path to the file that sshd reads, or set AuthorizedKeysFile; nothing was changed.",
            )
