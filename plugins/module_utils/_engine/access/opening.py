# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Open an account that was closed, for a new key or a new password alone.

1. Refuse an account that was not closed completely: its former keys and passwords are not known. Wait for another run
   that closes or opens it. Refuse an account that a later run closed, by the version of the ledger, and an account
   that an administrator had locked before.
2. Refuse keys and passwords that the account had before it was closed, and keys that sshd refuses. The named keys must
   be in the account already, and nothing else may open it: no other key, no line that is not exactly one plain key, no
   other password, no setting of sshd that was not checked. The roles of the server keep authorized keys.
3. Mark the record as `opening`, and revoke the former keys again, in case that the closing run did not. A former key
   that is not revoked must not be in the account.
4. Set the new password, or no password in place of the former. List the account for FTPS if it was listed.
5. Remove the lock and the date of expiry last, then mark the record as `open`.

An account that is open already is judged in the same way.
"""

from __future__ import annotations

from typing import List, Tuple

from ..errors import (
    AccountLocked,
    InvalidRequest,
    KeyCompromised,
    KeyUnnamed,
    LedgerChanged,
    NotClosed,
    NotFound,
    PasswordCompromised,
    PasswordUnnamed,
)
from ..rotation.passwords.password_hash import hash_of, is_hash_of
from ..system.changes import Change
from ..system.login_state import NO_PASSWORD, LoginState, is_hash, set_expiry, set_password
from ..trust.fingerprint import PublicKey
from .closing import LIST_MODE, former_keys, hashes_in, state_of, unrevoked_by, with_account
from .host import Access, AccessReport, Host, content_of, edited, only_run, record_file
from .known_keys import AccountKeys
from .record import CLOSED, OPEN, OPENING, Record, format_record, parse_record

_HERE = Host()


def open_account(asked: Access, host: Host = _HERE) -> AccessReport:
    """Open the account.

    Raises AccountMissing, NotClosed, Locked, LedgerChanged, AccountLocked, InvalidRequest, KeyCompromised, KeyUnnamed,
    PasswordCompromised, PasswordUnnamed, NotFound, UnsafePath, OperationFailed, and the errors of a revocation.
    """
    state_of(asked, host)
    _closed_record(asked, host)  # before the directory of the lock is made
    with only_run(asked, host):
        return _opened(asked, host)


def _opened(asked: Access, host: Host) -> AccessReport:
    """Open the account as it is now: the other run may have changed it."""
    _user, login = state_of(asked, host)
    file, record = record_file(asked, host), _closed_record(asked, host)
    _refuse_older(asked, record)
    _refuse_lock_by_hand(asked, record, login)
    known, former = host.keys_of(asked.account, asked.login), former_keys(record)
    _check_keys(asked, former, known, host)
    _check_other_ways(asked, known)
    _check_password(asked, record, login, host)
    opens = record.state != OPEN
    if opens and not asked.check_mode:
        file.write(format_record(record._replace(state=OPENING)))
    mine = tuple(filter(known.revokes, former))
    revoked, ended = host.revoke(asked, mine) if mine else ((), 0)
    changes = [*revoked, *_with_password(asked, record, login, host)]
    if opens:
        changes += [*_given_back(asked, record, login, host), Change(file.path, record.state, OPEN)]
        if not asked.check_mode:
            file.write(format_record(record._replace(state=OPEN)))
    prints = tuple(key.fingerprint for key in former)
    return AccessReport(tuple(changes), OPEN, prints, (), ended, unrevoked_by(known))


def _closed_record(asked: Access, host: Host) -> Record:
    file = record_file(asked, host)
    record = parse_record(file.text(), file.path)
    if record is None or record.state not in (CLOSED, OPENING, OPEN) or not record.complete:
        raise NotClosed(
            "account: %s was not closed %s" % (asked.account, "completely" if record else "on this host"),
            cure="Close it first: its former keys and passwords are not known.",
        )
    return record


def _refuse_older(asked: Access, record: Record) -> None:
    """Refuse a run that began before the account was closed. A request without a ledger has no version."""
    if asked.version and asked.version < record.version:
        raise LedgerChanged(
            f"account: a later run closed {asked.account}: its record has the version {record.version} "
            f"of the ledger, and this run the version {asked.version}",
            cure="Decide which state the account must have, and run that alone.",
        )


def _refuse_lock_by_hand(asked: Access, record: Record, login: LoginState) -> None:
    """Refuse an account with a lock of an administrator: from before it was closed, or since it was opened."""
    how = (login if record.state == OPEN else record.former).lock_by_hand
    gone = not login.admits_no_login if how == "expired" else not login.password.startswith("!")
    if how and (record.state == OPEN or not gone):
        when = "since it was opened" if record.state == OPEN else "before it was closed"
        raise AccountLocked(
            f"account: {asked.account} was {how} by an administrator {when}",
            cure="Find out why. To lift that, run: usermod %s %s"
            % ("--expiredate ''" if how == "expired" else "--unlock", asked.account),
        )


def _check_keys(asked: Access, former: Tuple[PublicKey, ...], known: AccountKeys, host: Host) -> None:
    if not asked.keys and not asked.password:
        raise InvalidRequest("keys: must not be empty without a password", cure="Name the new key in keys.")
    for key in asked.keys:
        if key in former or host.refused(asked.revoked_keys, key):
            raise KeyCompromised(
                f"keys: {key.fingerprint} was in the account when it was closed, or is revoked",
                cure="Make a new key; nothing was changed.",
            )
        if key not in known.found:
            raise NotFound(
                f"keys: {key.fingerprint} is not in the authorized keys of {asked.account}",
                cure="Add it with the role that keeps the account, such as chroot_jail, then open the account.",
            )
    for key in known.found:
        if key not in asked.keys and (
            key not in former or known.keeps(key) or not _is_refused(key, known, asked, host)
        ):
            raise KeyUnnamed(
                f"keys: {key.fingerprint} would open {asked.account} too",
                cure="Remove it from the authorized keys, or add it to keys if it is a new key of the account.",
            )


def _is_refused(key: PublicKey, known: AccountKeys, asked: Access, host: Host) -> bool:
    """Return whether a former key is revoked by this run, or was revoked before."""
    return known.revokes(key) or host.refused(asked.revoked_keys, key)


def _check_other_ways(asked: Access, known: AccountKeys) -> None:
    if known.odd:
        raise KeyUnnamed(
            f"keys: {known.odd[0]}, so it may open {asked.account} too",
            cure="Remove the line, or write it as one key without an authority; nothing was changed.",
        )
    for way in known.ways:
        if way not in asked.checked:
            raise KeyUnnamed(
                f"checked_settings: sshd has {way}, which may open {asked.account} too",
                cure="Revoke the former keys and certificates that it admits, then add it to checked_settings.",
            )


def _check_password(asked: Access, record: Record, login: LoginState, host: Host) -> None:
    if asked.password and any(is_hash_of(each, asked.password) for each in record.hashes):
        raise PasswordCompromised(
            f"password: was valid when {asked.account} was closed",
            cure="Generate a new password; nothing was changed.",
        )
    present = [login.password] if _is_set(login) and login.password not in record.hashes and not asked.password else []
    for each in (*present, *hashes_in(content_of(asked.second_passwords, host), asked.account)):
        if not asked.password or not is_hash_of(each, asked.password):
            raise PasswordUnnamed(
                f"password: a password that was set meanwhile would open {asked.account} too",
                cure=f"Set password to it if it is new; else remove it, also from {asked.second_passwords}.",
            )


def _is_set(login: LoginState) -> bool:
    """Return whether a password is valid once the account has not expired."""
    return is_hash(login.password) and not login.password.startswith("!")


def _with_password(asked: Access, record: Record, login: LoginState, host: Host) -> List[Change]:
    password = _password(asked, record, login)
    if password == login.password:
        return []
    if not asked.check_mode:
        set_password(asked.account, password, host.run)
    after = "this password" if asked.password else "no password" if password == NO_PASSWORD else "as before"
    return [Change(f"password of {asked.account}", "locked", after)]


def _given_back(asked: Access, record: Record, login: LoginState, host: Host) -> List[Change]:
    name, changes = asked.account, []
    if record.listed:
        change = Change(f"{asked.ftps_list}: {name}", "not listed", "listed")
        changes += edited(
            asked.ftps_list,
            LIST_MODE,
            lambda content: with_account(content, name),
            change,
            host,
            check_mode=asked.check_mode,
        )
    if login.admits_no_login:
        changes.append(Change(f"account {name}", "expired", f"expires on day {record.expires or 'never'}"))
        if not asked.check_mode:
            set_expiry(name, record.expires, host.run)
    return changes


def _password(asked: Access, record: Record, login: LoginState) -> str:
    """Return the field for shadow(5). A password from before, also an empty password, is never valid again."""
    present = login.password
    if asked.password:
        return present if is_hash_of(present, asked.password) else hash_of(asked.password)
    if present == NO_PASSWORD or (record.state == OPEN and present.startswith("!")):
        return present
    return record.password if record.password.startswith("!") and not is_hash(record.password) else NO_PASSWORD
