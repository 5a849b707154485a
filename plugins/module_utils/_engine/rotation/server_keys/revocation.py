# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Revoked keys of a server: in the file that sshd reads at every login, and out of the sessions that they opened.

1. Refuse the key of this login, and the authority of its certificate: its owner would be locked out (`sessions`, by
   sshd's own lines in the journal).
2. Ask sshd whether it reads the file for root and for the account; refuse it otherwise (`read_by_sshd`).
3. Change the file as a whole, with a lock against other writers (`key_lines`, rotation/server_files): keys are added,
   and removed only on request. Where sshd reads a signed list, the keys of this server alone are changed
   (`signed_list`).
4. End the sessions that these keys opened, and name sessions whose key is not known. sshd refuses new logins with the
   keys by then.

Revocation does not depend on the new key: a server that could not receive it still refuses the old key.

"""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Callable, NamedTuple, Optional, Tuple

from ...system.changes import Change, Changes
from ...system.entries import Attributes
from ...system.root_owned_path import Walker
from ...trust.fingerprint import PublicKey
from ..server_files import KeyFile, locked_directory
from .key_lines import is_list, revoked_keys, with_revoked, without_revoked
from .read_by_sshd import require_revoked_keys
from .sessions import Login, end_half_logins, end_sessions, require_known, search, spare_the_owner

if TYPE_CHECKING:
    from ...krl.header import KrlHeader
    from .signed_list import SignedList

_MODE = 0o644  # sshd refuses every key where it cannot read the file
_OWNER = "root"


class Revocation(NamedTuple):
    """A request.

    keys: to revoke; with a list, those that it must refuse
    account: a login for which sshd must read the file, besides root's
    absent: whether the keys become good again
    ends: whether their sessions end
    list: to install, see `list_revocation`
    """

    path: str
    keys: Tuple[PublicKey, ...]
    account: str = _OWNER
    absent: bool = False
    ends: bool = True
    check_mode: bool = False
    list: Optional[SignedList] = None


class RevocationReport(NamedTuple):
    """ended: the sessions that were ended or, in check mode, would be. header: of an installed list. local: number of
    keys that only this server refuses."""

    changes: Tuple[Change, ...]
    ended: Tuple[Login, ...]
    header: Optional[KrlHeader] = None
    local: int = 0


def revoke(asked: Revocation) -> RevocationReport:
    """Check everything, then change the file and end sessions.

    Raises NotSupported (sshd does not read the file, or it holds something else than revoked keys), OwnerLockedOut,
    UnsafePath and OperationFailed.
    """
    fingerprints = frozenset(key.fingerprint for key in asked.keys)

    def refused(login: Login) -> bool:
        return login.fingerprint in fingerprints or login.ca in fingerprints

    if fingerprints and not asked.absent:
        spare_the_owner(refused, "keys")
    if fingerprints:
        require_revoked_keys(asked.path, (_OWNER, asked.account))
    changes = _change(asked)
    if not asked.keys or asked.absent or not asked.ends:
        return RevocationReport(changes, ())
    return RevocationReport(changes, ended(refused, check_mode=asked.check_mode))


def ended(refused: Callable[[Login], bool], *, check_mode: bool) -> Tuple[Login, ...]:
    """End the sessions whose login is refused now, and return them. Raises NotSupported if the keys of others are
    unknown."""
    if not check_mode:
        end_half_logins()
    found = search(refused)
    if not check_mode:
        end_sessions(found.sessions)
    require_known(found)
    return found.sessions


def key_file(path: str) -> KeyFile:
    return KeyFile(path, Attributes(0, 0, _MODE), Walker(), guarded=True)


def _change(asked: Revocation) -> Tuple[Change, ...]:
    changes = Changes(check_mode=asked.check_mode)
    name = asked.path.rpartition("/")[2]
    with locked_directory(key_file(asked.path), changes) as directory:
        content = directory.read(name) or b""
        if is_list(content):
            # Only servers with a signed list need the room of lists.
            from .signed_list import Installed, local_change  # pylint: disable=import-outside-toplevel

            installed = Installed.of(directory, name)
            local_change(installed, asked.keys, absent=asked.absent).write(directory, name)
        else:
            edit = without_revoked if asked.absent else with_revoked
            directory.keep(name, edit(content, asked.keys))
    return changes.report().changes


def is_refused(path: str, key: PublicKey) -> bool:
    """Return whether the file refuses the key. Raises UnsafePath, NotSupported, KrlDamaged."""
    with locked_directory(key_file(path), Changes(check_mode=True)) as directory:
        content = directory.read(path.rpartition("/")[2]) or b""
    if not is_list(content):
        return key.text in revoked_keys(content)
    from ...krl.keygen import KrlFile  # only for servers with a list; pylint: disable=import-outside-toplevel

    with tempfile.TemporaryDirectory() as scratch:
        return KrlFile(scratch, content).refuses(key)
