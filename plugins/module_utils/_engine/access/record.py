# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of an account that was closed, in a file of root alone: its former state, former keys and passwords.

closing    a run is closing the account, or did not end: keys may be missing on record
closed     the account is closed and its former keys are on record
opening    a run is opening the account, or was killed meanwhile
open       the account is open again; its former keys and passwords stay on record
"""

from __future__ import annotations

import json
from typing import Iterable, NamedTuple, Optional, Tuple

from ..errors import OperationFailed
from .login_state import LoginState, is_hash

CLOSING, CLOSED, OPENING, OPEN = STATES = "closing", "closed", "opening", "open"


class Record(NamedTuple):
    """complete: whether every step of the closing run succeeded
    keys, hashes: that the account had, as texts
    password, expires, listed: the state before the account was closed; listed: whether it was in the list for FTPS
    version: newest version of the ledger that closed the account; 0 if no ledger did
    """

    state: str
    keys: Tuple[str, ...]
    hashes: Tuple[str, ...]
    password: str
    expires: str
    listed: bool
    complete: bool = False
    version: int = 0

    @property
    def former(self) -> LoginState:
        """Return the login state before the account was closed."""
        return LoginState(self.password, self.expires)


class Found(NamedTuple):
    """The present state of an account. hashes: of second passwords"""

    login: LoginState
    hashes: Tuple[str, ...]
    listed: bool


def parse_record(text: str, path: str) -> Optional[Record]:
    """Return the record; None for an empty text. Raises OperationFailed."""
    if not text:
        return None
    try:
        fields = json.loads(text)
        lists = {name: tuple(map(str, fields[name])) for name in ("keys", "hashes")}
        if fields["state"] not in STATES:
            raise ValueError
        return Record(**{**fields, **lists, "version": int(fields.get("version", 0))})
    except (ValueError, TypeError, KeyError) as error:
        raise OperationFailed(
            "%s: is not the record of an account: %s" % (path, type(error).__name__),
            cure="Restore it. Without it, nothing is known of the former keys.",
        ) from None


def format_record(record: Record) -> str:
    """Return the text of a record."""
    return json.dumps(record._asdict(), indent=2, sort_keys=True) + "\n"


def begun_record(before: Optional[Record], found: Found, version: int = 0) -> Record:
    """Return the record as it is before the first change. version: of the ledger of this run; 0 for none

    A record of an account that is still closed stays: keys and passwords that came later are those that an
    administrator prepared. If it admits logins again, everything since then is compromised too.
    """
    newest = max(version, before.version if before else 0)
    return _begun(before, found)._replace(version=newest)


def _begun(before: Optional[Record], found: Found) -> Record:
    shut = found.login.admits_no_login
    if before is not None and before.state == CLOSED and shut:
        return before
    shown = [found.login.password.strip("!")] if is_hash(found.login.password) else []
    keys = before.keys if before else ()
    hashes = _joined(before.hashes if before else (), [*shown, *found.hashes])
    if before is None or before.state == OPEN:
        return Record(CLOSING, keys, hashes, found.login.password, found.login.expires, found.listed)
    login = before.former if shut else found.login
    return Record(CLOSING, keys, hashes, login.password, login.expires, before.listed or found.listed)


def with_keys(record: Record, keys: Iterable[str]) -> Record:
    """Return the record with the keys that the account had when the run began."""
    if record.state == CLOSED:
        return record
    return record._replace(state=CLOSED, keys=_joined(record.keys, keys))


def _joined(first: Iterable[str], second: Iterable[str]) -> Tuple[str, ...]:
    return tuple(dict.fromkeys([*first, *second]))
