# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Close an account of this host over SSH and FTPS at once, so that it can be opened again only with a new key.

1. Refuse the account of this login, and root. Its owner would be locked out.
2. Write the record: the former state, and the keys and passwords that the account must never use again (`record`).
3. Lock the password and let the account expire (`login_state`). From here on no login succeeds, by any key,
   certificate or password. Take the account out of the list for FTPS, and remove its second password.
4. End its sessions (`sessions`).
5. Revoke its keys, and end sessions of other accounts that were opened with them (rotation/server_keys). Keys of
   administrators are spared (`known_keys`): the account itself may have written them there.

A killed run is repeated from the record. A second run changes nothing.
"""

from __future__ import annotations

from typing import List, Tuple

from ..errors import AccountMissing
from ..sshd.refusals import OwnerLockedOut
from ..system.changes import Change
from ..trust.fingerprint import PublicKey
from .account_lines import hashes_in, is_listed, without_account
from .host import Access, AccessReport, Host, content_of, edited, record_file
from .known_keys import AccountKeys, keys_in
from .login_state import LoginState, lock, login_state
from .record import CLOSED, Found, Record, closed_record, format_record, parse_record

__all__ = ["LIST_MODE", "SECOND_MODE", "close_account", "state_of"]

LIST_MODE, SECOND_MODE = 0o644, 0o600
_HERE = Host()


def close_account(asked: Access, host: Host = _HERE) -> AccessReport:
    """Close the account.

    Raises AccountMissing, OwnerLockedOut, UnsafePath, Locked, OperationFailed, and
    NotSupported if sshd does not read the file of revoked keys; the account is closed by then.
    """
    user, login = state_of(asked, host)
    _spare_the_owner(asked, user, host)
    known = host.keys_of(asked.account)
    record, changes = _recorded(asked, login, known, host)
    shut = _shut(asked, login, host)
    ended = host.sessions(user) if asked.check_mode else host.end(user, watch=bool(shut))
    keys = _plain(record, known)
    revoked, others = host.revoke(asked, keys) if keys else ((), 0)
    prints = tuple(key.fingerprint for key in keys)
    spared = tuple(key.fingerprint for key in known.spared)
    return AccessReport((*changes, *shut, *revoked), CLOSED, prints, spared, ended + others)


def state_of(asked: Access, host: Host) -> Tuple[int, LoginState]:
    """Return the user id and the login state of the account. Raises AccountMissing."""
    user, login = host.user_of(asked.account), login_state(asked.account, host.shadow)
    if user is None or login is None:
        raise AccountMissing(
            "account: %s is not in %s" % (asked.account, host.shadow), cure="Set account to an account of this host."
        )
    return user, login


def _spare_the_owner(asked: Access, user: int, host: Host) -> None:
    if user == 0 or host.login() == asked.account:
        raise OwnerLockedOut(
            "account: %s %s" % (asked.account, "is root" if user == 0 else "logged in for this task"),
            cure="Connect as another administrator; nothing was changed.",
        )


def _recorded(asked: Access, login: LoginState, known: AccountKeys, host: Host) -> Tuple[Record, List[Change]]:
    file = record_file(asked, host)
    before = parse_record(file.text(), file.path)
    found = Found(
        login,
        tuple(key.text for key in known.own),
        hashes_in(content_of(asked.second_passwords, host), asked.account),
        is_listed(content_of(asked.ftps_list, host), asked.account),
    )
    record = closed_record(before, found)
    if record == before:
        return record, []
    if not asked.check_mode:
        file.write(format_record(record))
    return record, [Change(file.path, before.state if before else "missing", record.state)]


def _shut(asked: Access, login: LoginState, host: Host) -> List[Change]:
    """Close every way to log in."""
    name, changes = asked.account, []
    if not login.is_closed:
        changes.append(Change("account %s" % name, login.lock_by_hand or "open", "locked and expired"))
        if not asked.check_mode:
            lock(name, host.run)
    for path, mode in ((asked.ftps_list, LIST_MODE), (asked.second_passwords, SECOND_MODE)):
        told = Change("%s: %s" % (path, name), "listed", "not listed")
        changes += edited(
            path, mode, lambda content: without_account(content, name), told, host, check_mode=asked.check_mode
        )
    return changes


def _plain(record: Record, known: AccountKeys) -> Tuple[PublicKey, ...]:
    """Return the keys to revoke. A key that became a key of an administrator since then is spared."""
    keys = [key for text in record.keys for key in keys_in(text)]
    return tuple(key for key in keys if key not in known.spared)
