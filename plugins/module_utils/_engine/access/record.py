# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of an account that was closed, in a file of root alone: its former state, former keys and passwords.

closed     the account is closed, or a run was killed while it closed the account
opening    a run is opening the account, or was killed meanwhile
open       the account is open again; its former keys and passwords stay on record
"""

from __future__ import annotations

import json
from typing import Iterable, NamedTuple, Optional, Tuple

from ..errors import OperationFailed
from .login_state import LoginState, is_hash

__all__ = ["CLOSED", "OPEN", "OPENING", "Found", "Record", "closed_record", "format_record", "parse_record"]

CLOSED, OPENING, OPEN = "closed", "opening", "open"


class Record(NamedTuple):
    """keys, hashes: that the account had, as texts
    password, expires, listed: the state before the account was closed; listed: whether it was in the list for FTPS
    """

    state: str
    keys: Tuple[str, ...]
    hashes: Tuple[str, ...]
    password: str
    expires: str
    listed: bool

    @property
    def former(self) -> LoginState:
        """Return the login state before the account was closed."""
        return LoginState(self.password, self.expires)


class Found(NamedTuple):
    """The present state of an account. hashes: of second passwords"""

    login: LoginState
    keys: Tuple[str, ...]
    hashes: Tuple[str, ...]
    listed: bool


def parse_record(text: str, path: str) -> Optional[Record]:
    """Return the record; None for an empty text. Raises OperationFailed."""
    if not text:
        return None
    try:
        fields = json.loads(text)
        lists = {name: tuple(map(str, fields[name])) for name in ("keys", "hashes")}
        return Record(**{**fields, **lists})
    except (ValueError, TypeError, KeyError) as error:
        raise OperationFailed(
            "%s: is not the record of an account: %s" % (path, type(error).__name__),
            cure="Restore it. Without it, nothing is known of the former keys.",
        ) from None


def format_record(record: Record) -> str:
    """Return the text of a record."""
    return json.dumps(record._asdict(), indent=2, sort_keys=True) + "\n"


def closed_record(before: Optional[Record], found: Found) -> Record:
    """Return the record of the account once it is closed.

    A record of a closed account stays: its former state was read before the first change, and keys that came later are
    those that an administrator prepared.
    """
    if before is not None and before.state == CLOSED:
        return before
    shown = [found.login.password.strip("!")] if is_hash(found.login.password) else []
    keys = _joined(before.keys if before else (), found.keys)
    hashes = _joined(before.hashes if before else (), [*shown, *found.hashes])
    if before is not None and before.state == OPENING:
        return before._replace(state=CLOSED, keys=keys, hashes=hashes)
    return Record(CLOSED, keys, hashes, found.login.password, found.login.expires, found.listed)


def _joined(first: Iterable[str], second: Iterable[str]) -> Tuple[str, ...]:
    return tuple(dict.fromkeys([*first, *second]))
