# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Revoked keys of a server: in the file that sshd reads at every login, and out of the sessions that they opened.

1. Refuse the key of this login: its owner would be locked out (`sessions`, by sshd's own lines in the journal).
2. Ask sshd whether it reads the file for root and for the account; refuse it otherwise (`read_by_sshd`).
3. Change the file as a whole, with a lock against other writers (`key_lines`, rotation/server_files): keys are added,
   and removed only on request.
4. End the sessions that these keys opened. sshd refuses new logins with them by then.

Revocation does not depend on the new key: a server that could not receive it still refuses the old key.
"""

from __future__ import annotations

from typing import FrozenSet, NamedTuple, Tuple

from ...errors import NotSupported
from ...sshd.refusals import OwnerLockedOut
from ...sshd.session import ancestors
from ...system.changes import Change
from ...system.entries import Attributes
from ...system.safe_path import Walker
from ...trust.fingerprint import PublicKey
from ..server_files import KeyFile, change_file
from .key_lines import with_revoked, without_revoked
from .read_by_sshd import require_revoked_keys
from .sessions import Login, end_sessions, sessions_of

__all__ = ["Revocation", "RevocationReport", "revoke"]

_MODE = 0o644  # sshd refuses every key where it cannot read the file
_OWNER = "root"


class Revocation(NamedTuple):
    """A request.

    account: a login for which sshd must read the file, besides root's
    absent: whether the keys become good again
    ends: whether their sessions end
    """

    path: str
    keys: Tuple[PublicKey, ...]
    account: str = _OWNER
    absent: bool = False
    ends: bool = True
    check_mode: bool = False


class RevocationReport(NamedTuple):
    """ended: the sessions that were ended or, in check mode, would be."""

    changes: Tuple[Change, ...]
    ended: Tuple[Login, ...]


def revoke(asked: Revocation) -> RevocationReport:
    """Check everything, then change the file and end sessions.

    Raises NotSupported (sshd does not read the file, or it holds something else than revoked keys), OwnerLockedOut,
    UnsafePath and OperationFailed.
    """
    fingerprints = frozenset(key.fingerprint for key in asked.keys)
    if fingerprints and not asked.absent:
        _spare_the_owner(fingerprints)
    if fingerprints:
        require_revoked_keys(asked.path, (_OWNER, asked.account))
    edit = without_revoked if asked.absent else with_revoked
    file = KeyFile(asked.path, Attributes(0, 0, _MODE), Walker(), guarded=True)
    changes = change_file(file, lambda content: edit(content, asked.keys), check_mode=asked.check_mode)
    ended: Tuple[Login, ...] = ()
    if asked.keys and not asked.absent and asked.ends:
        ended = tuple(sessions_of(fingerprints))
        if not asked.check_mode:
            end_sessions(ended)
    return RevocationReport(changes, ended)


def _spare_the_owner(fingerprints: FrozenSet[str]) -> None:
    """Refuse the key of this login: its owner would be locked out first, and for good."""
    try:
        sessions = sessions_of(fingerprints)
    except NotSupported:
        return  # who logged in with which key is not on record
    above = set(ancestors())
    for login in sessions:
        if login.pid in above:
            raise OwnerLockedOut(
                "keys: %s logged %s in for this task" % (login.fingerprint, login.user),
                cure="Connect with another key, then revoke this key; nothing was changed.",
            )
