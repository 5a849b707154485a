# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run for the trees of jails (chroot): everything is looked at and refused before anything is written.

1. Check the request and the places: the jails' directory must be deep enough and not in a locked vault, and keys and
   archives outside it.
2. Rehearse the whole run in check mode, which raises the refusals; refuse accounts that are not in the list.
3. Run again, and write. Directories are opened from the root down by descriptors, without following links
   (system/root_owned_path), and each entry is changed below its open parent.
   - present: the jail of root's, its directories, the place of the log, quota and authorized keys (`tree`)
   - closed: remove the keys and lift the quota; the data stay
   - absent: remove the keys first, then end sessions, archive the data, and remove them last (`removal`, `archive`)
4. Report every change with its value before and after. In check mode the rehearsal is the report.
"""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from typing import Dict, List, Optional, Tuple

from ..errors import AccountMissing, AccountsUnlisted, InvalidRequest
from ..model.utc import in_a_name
from ..system.accounts import Owner
from ..system.changes import ChangeReport, Changes
from ..system.entries import Attributes, keep_directory
from ..system.root_owned_path import Walker, parts_of
from ..system.vault_units import require_unlocked
from .login_accounts import jail_account, jailed_below
from .removal import moved_jails, remove_jail, remove_keys
from .request import ABSENT, ARCHIVE, CLOSED, PRESENT, Jail, JailRequest, Quota, check_request
from .tree import ROOT_ID, keep_jail, keep_keys, keep_quota

_LEAST_DEPTH = 2
_DIRECTORY_MODE = 0o755
_ARCHIVE_MODE = 0o700


def keep_jails(request: JailRequest) -> ChangeReport:
    """Run the module. Raises InvalidRequest, UnsafePath, AccountTaken, Refused and errors of single items."""
    check_request(request)
    _check_places(request)
    require_unlocked(request.base)
    rehearsal = _Run(request._replace(check_mode=True)).run()  # refuses before any change
    unlisted = _unlisted(request)
    report = rehearsal if request.check_mode else _Run(request).run()
    return report._replace(unlisted=unlisted)


def _unlisted(request: JailRequest) -> Tuple[str, ...]:
    listed = {jail.name for jail in request.jails}
    names = tuple(name for name in jailed_below(request.base) if name not in listed)
    if names and request.refuse_unlisted:
        raise AccountsUnlisted(
            f"jails: accounts of jails are not in the list: {', '.join(names)}",
            cure="Add them to the list (with state absent to remove them), or set chroot_jail_unlisted to close, which "
            "ends their logins, or to keep, which leaves them as they are.",
        )
    return names


def _check_places(request: JailRequest) -> None:
    base = parts_of(request.base)
    if len(base) < _LEAST_DEPTH:
        raise InvalidRequest(f"path: {request.base} is too close to the root", cure="Use /srv/jail, for example.")
    for path in (request.keys_directory, request.archive_directory):
        if parts_of(path)[: len(base)] == base:
            raise InvalidRequest(f"{path} is among the jails", cure=f"Set a directory outside {request.base}.")


class _Run:
    """Holds the open directories of one run."""

    def __init__(self, request: JailRequest) -> None:
        self._request = request
        self._changes = Changes(check_mode=request.check_mode)
        self._walker = Walker()
        self._stack = ExitStack()

    def run(self) -> ChangeReport:
        with self._stack:
            owners = self._owners()
            present = [jail for jail in self._request.jails if jail.state == PRESENT]
            closed = [jail for jail in self._request.jails if jail.state == CLOSED]
            absent = [jail for jail in self._request.jails if jail.state == ABSENT]
            if present:
                self._keep_all(present, owners)
            if closed:
                self._close_all(closed, owners)
            if absent:
                self._remove_all(absent)
        return self._changes.report()

    def _owners(self) -> Dict[str, Optional[Owner]]:
        owners = {jail.name: jail_account(jail.name, self._home(jail)) for jail in self._request.jails}
        missing = [jail.name for jail in self._request.jails if jail.state == PRESENT and owners[jail.name] is None]
        if missing and not self._request.check_mode:
            raise AccountMissing(f"account: {missing[0]} does not exist", cure="Create it first.")
        return owners

    def _keep_all(self, jails: List[Jail], owners: Dict[str, Optional[Owner]]) -> None:
        base = self._opened(self._request.base, _DIRECTORY_MODE)
        keys = self._opened(self._request.keys_directory, _DIRECTORY_MODE)
        for jail in jails:
            owner = owners[jail.name]
            keep_jail(jail, owner, self._changes, base=base, shown=self._home(jail))
            keep_keys(jail, owner, self._changes, parent=keys, shown=self._key_file(jail))
            for name in [] if base is None else moved_jails(jail.name, base):
                self._changes.note(f"{self._request.base}/{name} is left of a removed jail of this name")

    def _close_all(self, jails: List[Jail], owners: Dict[str, Optional[Owner]]) -> None:
        keys = self._existing(self._request.keys_directory)
        for jail in jails:
            owner = owners[jail.name]
            remove_keys(jail, self._changes, parent=keys, shown=self._key_file(jail))
            tree = self._existing(self._home(jail))
            if tree is not None and owner is not None:
                keep_quota(Quota(), owner, self._changes, tree, self._home(jail))

    def _remove_all(self, jails: List[Jail]) -> None:
        base = self._existing(self._request.base)
        keys = self._existing(self._request.keys_directory)
        for jail in jails:
            remove_keys(jail, self._changes, parent=keys, shown=self._key_file(jail))
            for name in [] if base is None else [*moved_jails(jail.name, base), jail.name]:
                if base is not None and os.access(name, os.F_OK, dir_fd=base, follow_symlinks=False):
                    self._remove(jail, name, base)

    def _remove(self, jail: Jail, name: str, base: int) -> None:
        directory = self._request.archive_directory
        archives = self._opened(directory, _ARCHIVE_MODE) if jail.removal == ARCHIVE else None
        # The rest of an earlier run and the jail itself get archives of different times.
        stamp = in_a_name(time.time() + len(self._changes.report().archives))
        archive = f"{directory}/{jail.name}-{stamp}.tar.gz"
        shown = f"{self._request.base}/{name}"
        remove_jail(jail, self._changes, base=base, shown=shown, archives=archives, archive=archive)

    def _opened(self, path: str, mode: int) -> Optional[int]:
        """Open a directory, created with its parents if missing; None if check mode does not create it."""
        found = self._existing(path)
        if found is not None:
            return found
        parent, _slash, name = path.rpartition("/")
        above = self._opened(parent or "/", _DIRECTORY_MODE)
        made = keep_directory(name, Attributes(ROOT_ID, ROOT_ID, mode), self._changes, parent=above, shown=path)
        return self._closed_later(made)

    def _existing(self, path: str) -> Optional[int]:
        return self._closed_later(self._walker.open_existing(path))

    def _closed_later(self, descriptor: Optional[int]) -> Optional[int]:
        if descriptor is not None:
            self._stack.callback(os.close, descriptor)
        return descriptor

    def _home(self, jail: Jail) -> str:
        return f"{self._request.base}/{jail.name}"

    def _key_file(self, jail: Jail) -> str:
        return f"{self._request.keys_directory}/{jail.name}"
