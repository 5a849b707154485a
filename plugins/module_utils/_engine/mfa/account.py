# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep the one-time codes of an account of this host.

A new seed withdraws the former seed at once. Files that allow more are removed first and written last, so a killed run
leaves the account with fewer ways to log in, never with more:

1. If the seed changes: remove the pending file and the accepted file.
2. Write the seed and the recovery codes.
3. Write the pending file, unless a code of this seed was accepted.
4. End the sessions of the account, if requested. Until that is done, the file of the seed says that it is due.
"""

from __future__ import annotations

import time
from typing import Callable, List, NamedTuple, Optional, Sequence, Tuple

from ..errors import AccountMissing
from ..sshd.account_sessions import end_sessions
from ..system.accounts import id_of
from ..system.changes import Change
from ..system.root_owned_path import Walker
from .account_files import ACCEPTED, PENDING, SEED, SESSIONS_DUE, AccountFiles, SeedFile, seed_file, text_of, updated

STATES = IS_PENDING, IS_ENFORCED, IS_ABSENT = ("pending", "enforced", "absent")
_NOTHING = SeedFile("", (), ())


class Host(NamedTuple):
    """The host of the accounts.

    walker, root: opens directories, and the owner of the files
    user_of: the id of an account, None if there is none
    end: ends the sessions of a user that began before a moment, and returns their number
    """

    walker: Walker = Walker()
    root: Tuple[int, int] = (0, 0)
    user_of: Callable[[str], Optional[int]] = id_of
    end: Callable[[int, float], int] = end_sessions


_HERE = Host()


class TotpAccount(NamedTuple):
    """The request of totp_account.

    codes: the recovery codes; none keeps the codes of the host
    deadline: of the state pending, in seconds since 1970
    ends: whether to end earlier sessions if the seed changes
    """

    account: str
    state: str
    secret: str
    codes: Tuple[str, ...]
    window: int
    deadline: int
    directory: str
    ends: bool
    check_mode: bool = False


class TotpReport(NamedTuple):
    """The result.

    accepted: whether a code of this seed was accepted
    left: the number of recovery codes that are left
    ended: the number of sessions that were ended
    """

    changes: Tuple[Change, ...]
    accepted: bool
    left: int
    ended: int = 0


def keep_account(asked: TotpAccount, host: Host = _HERE) -> TotpReport:
    """Keep the files of an account. Raises AccountMissing, UnsafePath, NotFound, OperationFailed."""
    user = host.user_of(asked.account)
    files = AccountFiles(asked.directory, asked.account, host.walker, host.root)
    if asked.state == IS_ABSENT:
        return _removed(asked, files)
    if user is None and not asked.check_mode:
        raise AccountMissing(f"account: {asked.account} does not exist", cure="Create it first.")
    files.require_closed()
    found = seed_file(files.text(SEED) or "")
    wanted = updated(found, asked.secret, asked.window, asked.codes)
    same = found.secret == asked.secret
    accepted = same and files.time(ACCEPTED) is not None
    pending = f"{asked.deadline}\n" if asked.state == IS_PENDING and not accepted else None
    changes = [*_seed_changes(files, found, wanted), *_pending_changes(files, pending)]
    ended = 0
    if changes and not asked.check_mode:
        due = asked.ends and (SESSIONS_DUE in found.options if same else found != _NOTHING)
        _write(files, wanted._replace(options=(*wanted.options, SESSIONS_DUE)) if due else wanted, pending, same=same)
        if due and user is not None:
            ended = host.end(user, time.clock_gettime(time.CLOCK_BOOTTIME))
            files.write(SEED, text_of(updated(seed_file(files.text(SEED) or ""), asked.secret, asked.window, ())))
    return TotpReport(tuple(changes), accepted, len(wanted.codes), ended)


def _write(files: AccountFiles, wanted: SeedFile, pending: Optional[str], *, same: bool) -> None:
    if not same or pending is None:
        files.remove(PENDING)
    if not same:
        files.remove(ACCEPTED)
    if files.text(SEED) != text_of(wanted):
        files.write(SEED, text_of(wanted))
    if pending is not None:
        files.write(PENDING, pending)


def _removed(asked: TotpAccount, files: AccountFiles) -> TotpReport:
    there = [kind for kind in (PENDING, ACCEPTED, SEED) if files.time(kind) is not None]
    if not asked.check_mode:
        for kind in there:
            files.remove(kind)
    return TotpReport(tuple(Change(files.path(kind), "present", "absent") for kind in there), False, 0)


def _seed_changes(files: AccountFiles, found: SeedFile, wanted: SeedFile) -> Sequence[Change]:
    """Describe the changes of the seed without a secret."""
    changes: List[Change] = []
    if found.secret != wanted.secret:
        changes.append(Change(files.path(SEED), "another seed" if found.secret else "no seed", "this seed"))
    elif set(found.options) != set(wanted.options):
        changes.append(Change(files.path(SEED), "other options", "these options"))
    if found.codes != wanted.codes:
        changes.append(Change(f"{files.path(SEED)}: recovery codes", str(len(found.codes)), str(len(wanted.codes))))
    return changes


def _pending_changes(files: AccountFiles, wanted: Optional[str]) -> Sequence[Change]:
    found = files.text(PENDING)
    if found == wanted:
        return []
    return [Change(files.path(PENDING), (found or "absent").strip(), (wanted or "absent").strip())]
