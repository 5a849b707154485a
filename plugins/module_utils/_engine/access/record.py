# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of an account that was closed: its former state, former keys and passwords.

closing    a run is closing the account, or did not end: keys may be missing on record
closed     the account is closed and its former keys are on record
opening    a run is opening the account, or was killed meanwhile
open       the account is open again; its former keys and passwords stay on record

Each account has a file, in a directory that only root may enter, which is replaced as a whole.
"""

from __future__ import annotations

import fcntl
import json
from contextlib import contextmanager
from typing import Iterable, Iterator, NamedTuple, Optional, Sequence, Tuple

from ..errors import OperationFailed
from ..system.entries import read_file
from ..system.kept_files import FilesRequest, KeptDirectory, KeptFile, keep_files
from ..system.lock_file import opened_lock_file
from ..system.login_state import LoginState, is_hash
from ..system.os_errors import from_os_error
from ..system.root_owned_path import Walker, closing
from ..system.run_lock import wait_for_lock

CLOSING, CLOSED, OPENING, OPEN = STATES = "closing", "closed", "opening", "open"
_ABOVE, _DIRECTORY, _FILE = 0o755, 0o700, 0o600


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
            f"{path}: is not the record of an account: {type(error).__name__}",
            cure="Restore it. Without it, nothing is known of the former keys.",
        ) from None


def format_record(record: Record) -> str:
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


class RecordFile:
    """The file of one record. owner: the user id of root. start: where absolute paths begin"""

    def __init__(self, directory: str, name: str, *, owner: int = 0, start: str = "/") -> None:
        self._directory, self._name, self._owner, self._start = directory, name + ".json", owner, start
        self._lock = f".{name}.lock"

    @property
    def path(self) -> str:
        return f"{self._directory}/{self._name}"

    def text(self) -> str:
        """Return the text; "" for no file. Raises UnsafePath."""
        found = Walker(owner=self._owner, start=self._start).open_existing(self._directory)
        if found is None:
            return ""
        with closing(found):
            content = read_file(self._name, parent=found, shown=self.path, owner=self._owner)
        return (content or b"").decode("utf-8", "surrogateescape")

    def write(self, text: str) -> None:
        """Write the text, on the disk when this returns. Raises UnsafePath, NotFound."""
        self._keep([KeptFile(self.path, text, _FILE)])

    @contextmanager
    def locked(self, fact: str, patience: float) -> Iterator[None]:
        """Hold the lock of the record, a file next to it. Makes the directory.

        fact: the message if another run holds it for longer than the patience, in seconds
        Raises Locked, UnsafePath, NotFound, and the errors of the file system.
        """
        self._keep([])
        with closing(Walker(owner=self._owner, start=self._start).open(self._directory)) as directory:
            try:
                lock = opened_lock_file(self._lock, directory=directory)
            except OSError as error:
                raise from_os_error(error, path=(f"{self._directory}/{self._lock}").encode()) from None
        with closing(lock):
            wait_for_lock(lock, fact, patience)
            try:
                yield
            finally:
                # A child that waits for a dead file system has the descriptor too, and would keep the lock.
                fcntl.flock(lock, fcntl.LOCK_UN)

    def _keep(self, files: Sequence[KeptFile]) -> None:
        above = self._directory.rpartition("/")[0]
        directories = [KeptDirectory(above, _ABOVE), KeptDirectory(self._directory, _DIRECTORY)]
        keep_files(FilesRequest(directories, files, check_mode=False, owner=self._owner, start=self._start))
