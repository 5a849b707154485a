# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Open an account that was closed, for a new key or a new password alone.

1. Do nothing for an account that is not closed by this collection. Refuse an account that an administrator had locked
   before.
2. Refuse keys and passwords that the account had before it was closed, and keys that sshd refuses. The named keys must
   be in the account already, and no other key may open it: the roles of the server keep authorized keys.
3. Mark the record as `opening`, and revoke the former keys again, in case that the closing run did not.
4. Set the new password, or no password in place of the former. List the account for FTPS if it was listed.
5. Remove the lock and the date of expiry last, then mark the record as `open`.
"""

from __future__ import annotations

from typing import List, Tuple

from ..errors import AccountLocked, InvalidRequest, NotFound
from ..rotation.passwords.password_hash import hash_of, is_hash_of
from ..system.changes import Change
from ..trust.fingerprint import PublicKey
from .account_lines import with_account
from .closing import LIST_MODE, state_of
from .host import Access, AccessReport, Host, edited, record_file
from .known_keys import keys_in
from .login_state import CLOSED_DAY, NO_PASSWORD, LoginState, is_hash, set_expiry, set_password
from .record import OPEN, OPENING, Record, format_record, parse_record
from .refusals import KeyCompromised, KeyUnnamed, PasswordCompromised

__all__ = ["open_account"]

_HERE = Host()


def open_account(asked: Access, host: Host = _HERE) -> AccessReport:
    """Open the account.

    Raises AccountMissing, AccountLocked, InvalidRequest, KeyCompromised, KeyUnnamed, PasswordCompromised, NotFound,
    UnsafePath, OperationFailed, and the errors of a revocation.
    """
    _user, login = state_of(asked, host)
    file = record_file(asked, host)
    record = parse_record(file.text(), file.path)
    if record is None or record.state == OPEN:
        return AccessReport((), OPEN)
    _refuse_lock_by_hand(asked, record, login)
    former = tuple(key for text in record.keys for key in keys_in(text))
    _check_keys(asked, former, host)
    _check_password(asked, record)
    if not asked.check_mode:
        file.write(format_record(record._replace(state=OPENING)))
    revoked, ended = host.revoke(asked, former) if former else ((), 0)
    changes = [*revoked, *_given_back(asked, record, login, host)]
    if not asked.check_mode:
        file.write(format_record(record._replace(state=OPEN)))
    changes.append(Change(file.path, record.state, OPEN))
    return AccessReport(tuple(changes), OPEN, tuple(key.fingerprint for key in former), (), ended)


def _refuse_lock_by_hand(asked: Access, record: Record, login: LoginState) -> None:
    """Refuse an account whose lock from before is still there."""
    how = record.former.lock_by_hand
    gone = login.expires != CLOSED_DAY if how == "expired" else not login.password.startswith("!")
    if how and not gone:
        raise AccountLocked(
            "account: %s was %s by an administrator before it was closed" % (asked.account, how),
            cure="Find out why. To lift that, run: usermod %s %s"
            % ("--expiredate ''" if how == "expired" else "--unlock", asked.account),
        )


def _check_keys(asked: Access, former: Tuple[PublicKey, ...], host: Host) -> None:
    if not asked.keys and not asked.password:
        raise InvalidRequest("keys: must not be empty without a password", cure="Name the new key in keys.")
    for key in asked.keys:
        if key in former or host.refused(asked.revoked_keys, key):
            raise KeyCompromised(
                "keys: %s was in the account when it was closed, or is revoked" % key.fingerprint,
                cure="Make a new key; nothing was changed.",
            )
    known = host.keys_of(asked.account)
    present = (*known.own, *known.spared)
    for key in asked.keys:
        if key not in present:
            raise NotFound(
                "keys: %s is not in the authorized keys of %s" % (key.fingerprint, asked.account),
                cure="Add it with the role that keeps the account, such as chroot_jail, then open the account.",
            )
    for key in present:
        if key not in asked.keys and key not in former and not host.refused(asked.revoked_keys, key):
            raise KeyUnnamed(
                "keys: %s would open %s too" % (key.fingerprint, asked.account),
                cure="Remove it from the authorized keys, or add it to keys if it is a new key of the account.",
            )


def _check_password(asked: Access, record: Record) -> None:
    if asked.password and any(is_hash_of(each, asked.password) for each in record.hashes):
        raise PasswordCompromised(
            "password: was valid when %s was closed" % asked.account,
            cure="Generate a new password; nothing was changed.",
        )


def _given_back(asked: Access, record: Record, login: LoginState, host: Host) -> List[Change]:
    name, changes = asked.account, []
    password = _password(asked, record, login)
    if password != login.password:
        after = "this password" if asked.password else "no password" if password == NO_PASSWORD else "as before"
        changes.append(Change("password of %s" % name, "locked", after))
        if not asked.check_mode:
            set_password(name, password, host.run)
    if record.listed:
        told = Change("%s: %s" % (asked.ftps_list, name), "not listed", "listed")
        changes += edited(
            asked.ftps_list,
            LIST_MODE,
            lambda content: with_account(content, name),
            told,
            host,
            check_mode=asked.check_mode,
        )
    if login.expires == CLOSED_DAY:
        changes.append(Change("account %s" % name, "expired", "expires on day %s" % (record.expires or "never")))
        if not asked.check_mode:
            set_expiry(name, record.expires, host.run)
    return changes


def _password(asked: Access, record: Record, login: LoginState) -> str:
    """Return the field for shadow(5). A password from before is never valid again."""
    present = login.password
    if asked.password:
        return present if is_hash_of(present, asked.password) else hash_of(asked.password)
    if not present.startswith("!") and present not in record.hashes:
        return present  # an administrator or a role has set it since then
    return NO_PASSWORD if is_hash(record.password) else record.password
