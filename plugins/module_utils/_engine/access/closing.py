# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Close an account of this host over SSH and FTPS at once, so that it can be opened again only with a new key.

1. Refuse root and the account of this login. Its owner would be locked out.
2. Wait for another run that closes or opens the account. If it does not end in time, close the account all the same,
   and fail at the end.
3. Begin the record: the former state, and the passwords that the account must never use again (`record`).
4. Lock the password and let the account expire (`login_state`). From here on no login succeeds, by any key,
   certificate or password. Take the account out of the list for FTPS, and remove its second password. Their files have
   lines NAME or NAME:HASH.
5. End its sessions and processes (`host`): from here on nothing of it works, or writes keys, on this host. Ask PAM
   whether it refuses the account (`pam_account`).
6. Add its keys to the record. Revoke those with which it logged in, and end the sessions of other accounts that were
   opened with them (rotation/server_keys). Keys that others depend on, and keys without a login on record, are spared
   (`known_keys`): the account itself may have written them there.

A step that fails holds up no other, and is reported at the end. The record is complete once all have succeeded. A run
that failed or was killed is repeated from the record. A second run changes nothing.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import Callable, List, Optional, Tuple, TypeVar

from ..errors import AccountMissing, NotSupported, OperationFailed, OwnerLockedOut, RunEnded, SyncError, UserShared
from ..system.changes import Change
from ..system.login_state import LoginState, lock, login_state
from ..trust.fingerprint import PublicKey
from .authorized_lines import key_of
from .host import Access, AccessReport, Host, content_of, edited, only_run, record_file
from .known_keys import AccountKeys
from .record import CLOSED, CLOSING, Found, Record, begun_record, format_record, parse_record, with_keys

LIST_MODE, SECOND_MODE = 0o644, 0o600
_HERE = Host()
_NO_RECORD: Tuple[Optional[Record], Optional[Record]] = (None, None)
_NO_HASHES: Tuple[str, ...] = ()
_NO_KEYS: Tuple[PublicKey, ...] = ()
_NONE_REVOKED: Tuple[Tuple[Change, ...], int] = ((), 0)
T = TypeVar("T")


def close_account(asked: Access, host: Host = _HERE) -> AccessReport:
    """Close the account.

    Raises AccountMissing and OwnerLockedOut before any change. Raises at the end UnsafePath, Locked, OperationFailed,
    UserShared, ConfigurationInvalid, and NotSupported if sshd does not read the file of revoked keys.
    """
    user, _login = state_of(asked, host)
    _spare_the_owner(asked, user, host)
    attempts = Attempts()
    with ExitStack() as stack:
        attempts.attempt(lambda: stack.enter_context(only_run(asked, host)), None)
        return _closed(asked, host, attempts)


def _closed(asked: Access, host: Host, attempts: Attempts) -> AccessReport:
    """Close the account as it is now: the other run may have changed it. Raises at the end."""
    user, login = state_of(asked, host)
    before, record = attempts.attempt(lambda: _begun(asked, login, host, attempts), _NO_RECORD)
    shut = _shut(asked, login, host, attempts)
    is_shut = attempts.all_succeeded
    ended = attempts.attempt(lambda: _ended(asked, user, host, watch=bool(shut)), 0)
    if not asked.check_mode:
        attempts.attempt(lambda: host.require_refused(asked.account), None)
    known = attempts.attempt(lambda: host.keys_of(asked.account, asked.login), None)
    if is_shut and known is not None:  # else passwords or keys may be missing on record
        record = attempts.attempt(lambda: _recorded(asked, record, known, host), record)
    keys = _keys(record, known)
    spared = attempts.attempt(lambda: _spared(asked, keys, known, host), _NO_KEYS)
    revoked, others = attempts.attempt(lambda: _revoked(asked, keys, known, host), _NONE_REVOKED)
    if attempts.all_succeeded:
        record = attempts.attempt(lambda: _completed(asked, record, host), record)
    attempts.end(f"closing {asked.account}: ")
    changes = (*_change_of_record(asked, before, record, host), *shut, *revoked)
    prints = tuple(key.fingerprint for key in keys)
    unrevoked = (*unrevoked_by(known), *_unused(asked, spared, known))
    return AccessReport(changes, CLOSED, prints, tuple(key.fingerprint for key in spared), ended + others, unrevoked)


def state_of(asked: Access, host: Host) -> Tuple[int, LoginState]:
    """Return the user id and the login state of the account. Raises AccountMissing."""
    user, login = host.user_of(asked.account), login_state(asked.account, host.shadow)
    if user is None or login is None:
        raise AccountMissing(
            f"account: {asked.account} is not in {host.shadow}", cure="Set account to an account of this host."
        )
    return user, login


def former_keys(record: Record) -> Tuple[PublicKey, ...]:
    return tuple(key_of(text) for text in record.keys)


def unrevoked_by(known: Optional[AccountKeys]) -> Tuple[str, ...]:
    """Return the lines and settings that no revocation covers, for people."""
    return () if known is None else (*known.odd, *(f"sshd has {way}" for way in known.ways))


def _spare_the_owner(asked: Access, user: int, host: Host) -> None:
    """Refuse root and the account of this login, by sshd, the controller, and the ancestors of this process."""
    if user == 0 or asked.account in (host.login(), asked.login) or user in host.above():
        raise OwnerLockedOut(
            "account: %s %s" % (asked.account, "is root" if user == 0 else "logged in for this task"),
            cure="Connect as another administrator; nothing was changed.",
        )


def _begun(
    asked: Access, login: LoginState, host: Host, attempts: Attempts
) -> Tuple[Optional[Record], Optional[Record]]:
    file = record_file(asked, host)
    before = parse_record(file.text(), file.path)
    hashes = attempts.attempt(lambda: hashes_in(content_of(asked.second_passwords, host), asked.account), _NO_HASHES)
    listed = attempts.attempt(lambda: is_listed(content_of(asked.ftps_list, host), asked.account), False)
    return before, _written(asked, before, begun_record(before, Found(login, hashes, listed), asked.version), host)


def _recorded(asked: Access, record: Optional[Record], known: Optional[AccountKeys], host: Host) -> Optional[Record]:
    if record is None or known is None:
        return record
    return _written(asked, record, with_keys(record, (key.text for key in known.found)), host)


def _completed(asked: Access, record: Optional[Record], host: Host) -> Optional[Record]:
    return None if record is None else _written(asked, record, record._replace(complete=True), host)


def _written(asked: Access, before: Optional[Record], record: Record, host: Host) -> Record:
    if record != before and not asked.check_mode:
        record_file(asked, host).write(format_record(record))
    return record


def _change_of_record(asked: Access, before: Optional[Record], record: Optional[Record], host: Host) -> List[Change]:
    if record == before or (record and before and record._replace(version=before.version) == before):
        return []
    return [Change(record_file(asked, host).path, before.state if before else "missing", CLOSED)]


def _shut(asked: Access, login: LoginState, host: Host, attempts: Attempts) -> List[Change]:
    """Close every way to log in."""
    name, changes = asked.account, []
    if not login.is_closed:
        changes.append(Change(f"account {name}", login.lock_by_hand or "open", "locked and expired"))
        if not asked.check_mode:
            attempts.attempt(lambda: lock(name, host.run), None)
    for path, mode in ((asked.ftps_list, LIST_MODE), (asked.second_passwords, SECOND_MODE)):
        changes += attempts.attempt(lambda: _unlisted(asked, path, mode, host), [])  # noqa: B023  # called at once
    return changes


def _unlisted(asked: Access, path: str, mode: int, host: Host) -> List[Change]:
    change = Change(f"{path}: {asked.account}", "listed", "not listed")
    return edited(
        path, mode, lambda content: without_account(content, asked.account), change, host, check_mode=asked.check_mode
    )


def _keys(record: Optional[Record], known: Optional[AccountKeys]) -> Tuple[PublicKey, ...]:
    """Return the former keys. While the record is not complete, the keys that the account has now are among them."""
    recorded = former_keys(record) if record else ()
    present = known.found if known and (record is None or record.state == CLOSING) else ()
    return tuple(dict.fromkeys([*recorded, *present]))


def _spared(
    asked: Access, keys: Tuple[PublicKey, ...], known: Optional[AccountKeys], host: Host
) -> Tuple[PublicKey, ...]:
    """Return the keys that are not revoked and, by the file of revoked keys, were not revoked before."""
    others = () if known is None else (key for key in keys if not known.revokes(key))
    return tuple(key for key in others if not host.refused(asked.revoked_keys, key))


def _unused(asked: Access, spared: Tuple[PublicKey, ...], known: Optional[AccountKeys]) -> List[str]:
    """Return the spared keys on which no other account is known to depend, for people."""
    those = (key for key in spared if known is not None and not known.keeps(key))
    return [f"no login of {asked.account} with {key.fingerprint} is on record" for key in those]


def _revoked(
    asked: Access, keys: Tuple[PublicKey, ...], known: Optional[AccountKeys], host: Host
) -> Tuple[Tuple[Change, ...], int]:
    """Revoke keys that this account alone has used. Without that knowledge, revoke none: a lock-out would follow.

    Raises NotSupported if sshd's log cannot be read.
    """
    if known is None:
        return _NONE_REVOKED
    if known.used is None and not all(map(known.keeps, keys)):
        raise NotSupported(
            f"sshd's log cannot be read by journalctl, so the keys with which {asked.account} logged in are unknown",
            cure="Revoke its keys with key_revocation; sshd must log to systemd's journal.",
        )
    mine = tuple(filter(known.revokes, keys))
    return host.revoke(asked, mine) if mine else _NONE_REVOKED


def _ended(asked: Access, user: int, host: Host, *, watch: bool) -> int:
    others = sorted(set(host.sharing(user)) - {asked.account})
    if others:
        raise UserShared(
            f"account: {asked.account} has the same user id as {', '.join(others)}, so no process was ended",
            cure="End its processes by hand, then give the account a user id of its own.",
        )
    return host.sessions(user) if asked.check_mode else host.end(user, watch=watch)


class Attempts:
    """The errors of the steps so far."""

    def __init__(self) -> None:
        self._errors: List[SyncError] = []

    @property
    def all_succeeded(self) -> bool:
        return not self._errors

    def attempt(self, step: Callable[[], T], otherwise: T) -> T:
        """Return the result of a step; `otherwise` if it fails. Raises RunEnded."""
        try:
            return step()
        except RunEnded:
            raise
        except SyncError as error:
            self._errors.append(error)
        except Exception as error:  # an unforeseen error must not keep an account open; pylint: disable=broad-except
            self._errors.append(OperationFailed(f"{type(error).__name__}: {error}"))
        return otherwise

    def end(self, head: str) -> None:
        """Raise the first error, with the messages of all, if a step failed. head: the beginning of the message."""
        if self._errors:
            first = self._errors[0]
            words = head + "; ".join(dict.fromkeys(each.message for each in self._errors))
            raise first.at(first.path, message=words)


def is_listed(content: bytes, account: str) -> bool:
    return bool(_parted(content, account)[0])


def hashes_in(content: bytes, account: str) -> Tuple[str, ...]:
    """Return the second fields of the lines of the account."""
    fields = [line.decode("utf-8", "replace").strip().split(":") for line in _parted(content, account)[0]]
    return tuple(each[1] for each in fields if len(each) > 1)


def with_account(content: bytes, account: str) -> bytes:
    if is_listed(content, account):
        return content
    return b"".join([*_lines(content), b"%s\n" % account.encode()])


def without_account(content: bytes, account: str) -> bytes:
    own, others = _parted(content, account)
    return b"".join(others) if own else content


def _parted(content: bytes, account: str) -> Tuple[List[bytes], List[bytes]]:
    """Return the lines of the account, and the others."""
    own = [line for line in _lines(content) if line.strip().split(b":")[0] == account.encode()]
    return own, [line for line in _lines(content) if line not in own]


def _lines(content: bytes) -> List[bytes]:
    """Return the lines with their ends, also for an unterminated last line."""
    lines = content.split(b"\n")
    return [line + b"\n" for line in (lines if lines[-1] else lines[:-1])]
