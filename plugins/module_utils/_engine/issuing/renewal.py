# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A secret ID of AppRole that its user renews itself, in a file that is its own.

1. Log in, which proves the file. Ask for the rights that a renewal needs: without them, each run fails, not the last.
2. A run that was killed may have left more files. Destroy the secret IDs in them that are not the one in use.
3. Look up the end of the secret ID. Before half of its time is over, there is nothing to do.
4. Let the secrets manager make a new secret ID, wrapped: nobody can read it on the way without being noticed.
5. Write it to FILE.new, and prove it by a login.
6. Keep the old secret ID as FILE.old, and rename FILE.new to FILE, which holds a valid secret ID at every moment.
7. Destroy the old secret ID, then remove FILE.old.

A secret ID of a run that was killed between 4 and 5 is in no file. It ends by its time.
"""

from __future__ import annotations

import os
import re
import stat
import time
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from typing import Any, Callable, Iterator, Mapping, NamedTuple, Optional, Sequence

from ..errors import InvalidRequest, IssuerRefused, SecretUnavailable, SyncError, failure_of
from ..jobs.job_file import PRIVATE, read_guarded
from ..model.display import display_text
from ..system.durable_files import LEFT_BEHIND, finish, put, unlink
from ..system.lock_file import existing_lock_file, opened_lock_file
from ..system.os_errors import from_os_error
from ..system.root_owned_path import closing
from ..system.run_lock import wait_for_lock
from .openbao import Issuer, Login, Session

NEW, OLD = ".new", ".old"
_RIGHTS = ("", "/lookup", "/destroy")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)\Z", re.ASCII)


class Renewal(NamedTuple):
    """login: without the secret ID
    file: with it, in a directory of this account alone
    option: of the file, in errors
    """

    issuer: Issuer
    login: Login
    file: str
    option: str


def first_failure(asked: Sequence[Renewal], hide: Callable[[str], None], *, check_mode: bool) -> Optional[SyncError]:
    """Carry all out, one for each file, and return the first error. A login that is still valid can be used."""
    for each in {one.file: one for one in asked}.values():
        failed = failure_of(partial(renew, each, hide, check_mode=check_mode))
        if failed is not None:
            return failed
    return None


def renew(asked: Renewal, hide: Callable[[str], None], *, check_mode: bool) -> None:
    """Renew the secret ID if half of its time is over. In check mode, only prove that it could be renewed.

    Raises IssuerRefused if the login has not the rights, InvalidRequest, SecretUnavailable, Locked, the errors of the
    file system, and as `openbao.kept`.
    """
    _require_own(asked)
    try:
        with _alone(asked, check_mode=check_mode):
            _Run(asked, hide).carry_out(check_mode=check_mode)
    except OSError as error:
        raise from_os_error(error, path=os.fsencode(asked.file)) from None


@contextmanager
def _alone(asked: Renewal, *, check_mode: bool) -> Iterator[None]:
    """Wait for another run with this file, whose new secret ID must not look like one of a killed run."""
    path = "{}/.{}.lock".format(*os.path.split(asked.file))
    lock = (existing_lock_file if check_mode else opened_lock_file)(path)
    if lock is None:
        yield
        return
    with closing(lock):
        wait_for_lock(lock, f"{asked.option}: another run renews the secret ID")
        yield


class _Run:
    def __init__(self, asked: Renewal, hide: Callable[[str], None]) -> None:
        self._asked, self._hide = asked, hide
        self._secret_id = self._read(asked.file)
        self._session = self._logged_in(self._secret_id)
        self._path = f"{self._session.role}/secret-id"

    def carry_out(self, *, check_mode: bool) -> None:
        self._require_rights()
        found = self._session.ask(f"{self._path}/lookup", {"secret_id": self._secret_id})
        if found.get("secret_id_num_uses"):
            raise InvalidRequest(
                f"{self._asked.option}: the secret ID is for a number of logins, and its renewal proves it by logins",
                cure="Set secret_id_num_uses of the role to 0, and store a new secret ID.",
            )
        if check_mode:
            return
        for suffix in (NEW + LEFT_BEHIND, NEW, OLD):
            self._forget(self._asked.file + suffix)
        if _is_due(found):
            self._replace()

    def _replace(self) -> None:
        file = self._asked.file
        new = self._session.wrapped(self._path, "secret_id")
        self._hide(new)
        put(file + NEW, new.encode() + b"\n", 0o600)
        self._session = self._logged_in(new)
        os.link(file, file + OLD)
        finish(file + NEW, file)
        self._secret_id = new
        self._forget(file + OLD)

    def _forget(self, path: str) -> None:
        """Destroy the secret ID in a file, unless it is the one in use, and remove the file."""
        if not os.path.lexists(path):
            return
        with suppress(SecretUnavailable):  # an empty file
            left = self._read(path)
            if left != self._secret_id:
                # The secrets manager answers in the same way if there is none.
                self._session.ask(f"{self._path}/destroy", {"secret_id": left})
        unlink(path)

    def _logged_in(self, secret_id: str) -> Session:
        return Session.begin(self._asked.issuer, self._asked.login._replace(secret_id=secret_id))

    def _read(self, path: str) -> str:
        try:
            text = read_guarded(path, self._asked.option, refused=PRIVATE).decode("ascii", "replace").strip()
        except InvalidRequest as error:
            raise SecretUnavailable(error.message, cure=error.cure) from None
        if not text or not text.isascii():
            raise SecretUnavailable(f"{self._asked.option}: has no secret ID", cure="Store the secret ID in it.")
        self._hide(text)
        return text

    def _require_rights(self) -> None:
        paths = [self._path + suffix for suffix in _RIGHTS]
        found = self._session.ask("sys/capabilities-self", {"paths": paths})
        for path in paths:
            rights = found.get(path)
            if not isinstance(rights, list) or not {"update", "root"} & set(map(str, rights)):
                raise IssuerRefused(
                    f"{self._asked.option}: the login cannot renew its secret ID: no right to update {path}",
                    cure=f"Give its policy the right to update {path}, or remove renew from {self._asked.option}.",
                )


def _is_due(found: Mapping[str, Any]) -> bool:
    """found: the answer about a secret ID. One without a time never ends."""
    seconds, end = found.get("secret_id_ttl"), _moment(found.get("expiration_time"))
    return isinstance(seconds, int) and seconds > 0 and end - time.time() < seconds / 2


def _moment(text: Any) -> float:
    """Return the seconds since 1970; 0 if it is no time, by which a secret ID is due."""
    parts = _MOMENT.match(text) if isinstance(text, str) else None
    if parts is None:
        return 0.0
    return datetime.fromisoformat(parts[1] + parts[2].replace("Z", "+00:00")).timestamp()


def _require_own(asked: Renewal) -> None:
    """Other accounts could plant links in the directory, and root's file cannot be replaced."""
    above = os.path.dirname(asked.file)
    try:
        directory, file = os.stat(above), os.lstat(asked.file)
    except OSError as error:
        fact = f"{display_text(asked.file)}: {error.strerror}"
        raise SecretUnavailable(f"{asked.option}: {fact}", cure="Store the secret ID in it.") from None
    own = os.geteuid()
    fits = stat.S_ISREG(file.st_mode) and {file.st_uid, directory.st_uid} == {own} and not directory.st_mode & 0o022
    if not fits or not os.access(above, os.W_OK):  # on a read-only file system, root cannot write either
        raise InvalidRequest(
            f"{asked.option}: {display_text(asked.file)}: to be renewed, it must be a file of uid {own} in a directory "
            "that this account alone can write",
            cure="Store the secret ID in a directory of the account, such as its home.",
        )
