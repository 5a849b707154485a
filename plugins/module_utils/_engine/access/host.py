# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host of the accounts: its files, and the functions that act on accounts, sessions and revoked keys."""

from __future__ import annotations

import pwd
from typing import Callable, List, NamedTuple, Optional, Tuple

from ..rotation.server_files import KeyFile, change_file
from ..rotation.server_keys.refused_keys import is_refused
from ..rotation.server_keys.revocation import Revocation, revoke
from ..system.changes import Change
from ..system.entries import Attributes
from ..system.program import run_program
from ..system.safe_path import Walker
from ..trust.fingerprint import PublicKey
from .known_keys import AccountKeys, account_keys, login_of_this_session
from .login_state import Run
from .record_file import RecordFile
from .sessions import count_sessions, end_sessions

__all__ = ["Access", "AccessReport", "Host", "content_of", "edited", "record_file"]

Edit = Callable[[bytes], bytes]


class Access(NamedTuple):
    """The request.

    keys: public keys that will open the account
    password: that will open it; "" for none
    records, revoked_keys, ftps_list, second_passwords: paths
    """

    account: str
    keys: Tuple[PublicKey, ...] = ()
    password: str = ""
    records: str = "/etc/secure_ftp_synchronize/closed_accounts"
    revoked_keys: str = "/etc/ssh/revoked_keys"
    ftps_list: str = "/etc/secure_ftp_synchronize/ftps_accounts.list"
    second_passwords: str = "/etc/secure_ftp_synchronize/ftps_passwords"
    check_mode: bool = False


class AccessReport(NamedTuple):
    """The result.

    state: of the account afterwards: closed, open
    revoked: fingerprints of the keys that the account had when it was closed
    spared: fingerprints of keys that are not revoked, because an administrator logs in with them
    ended: number of sessions that were ended or, in check mode, would be ended
    """

    changes: Tuple[Change, ...]
    state: str
    revoked: Tuple[str, ...] = ()
    spared: Tuple[str, ...] = ()
    ended: int = 0


def _user_of(name: str) -> Optional[int]:
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        return None


def _revoke(asked: Access, keys: Tuple[PublicKey, ...]) -> Tuple[Tuple[Change, ...], int]:
    """Revoke keys. Return the changes, and the number of sessions of other accounts."""
    report = revoke(Revocation(asked.revoked_keys, keys, asked.account, check_mode=asked.check_mode))
    return report.changes, len([login for login in report.ended if login.user != asked.account])


class Host(NamedTuple):
    """root: ids of the owner of files. start: where absolute paths begin

    user_of: the id of an account; None if there is none
    login: the account that logged in for this task; "" if unknown
    refused: whether sshd refuses a key by the file of revoked keys
    """

    root: Tuple[int, int] = (0, 0)
    start: str = "/"
    shadow: str = "/etc/shadow"
    run: Run = run_program
    user_of: Callable[[str], Optional[int]] = _user_of
    login: Callable[[], str] = login_of_this_session
    keys_of: Callable[[str], AccountKeys] = account_keys
    revoke: Callable[[Access, Tuple[PublicKey, ...]], Tuple[Tuple[Change, ...], int]] = _revoke
    refused: Callable[[str, PublicKey], bool] = is_refused
    sessions: Callable[[int], int] = count_sessions
    end: Callable[..., int] = end_sessions


def record_file(asked: Access, host: Host) -> RecordFile:
    """Return the file of the record of the account."""
    return RecordFile(asked.records, asked.account, owner=host.root[0], start=host.start)


def content_of(path: str, host: Host) -> bytes:
    """Return the content of a file; empty for no file. Raises UnsafePath."""
    found: List[bytes] = []

    def look(content: bytes) -> bytes:
        found.append(content)
        return content

    change_file(_file(path, 0o600, host), look, check_mode=True)
    return found[0]


def edited(path: str, mode: int, edit: Edit, told: Change, host: Host, *, check_mode: bool) -> List[Change]:
    """Edit a file, and return `told` if that changes it: the content may be secret. Raises UnsafePath, Locked."""
    content = content_of(path, host)
    if edit(content) == content:
        return []
    if not check_mode:
        change_file(_file(path, mode, host), edit, check_mode=False)
    return [told]


def _file(path: str, mode: int, host: Host) -> KeyFile:
    return KeyFile(path, Attributes(*host.root, mode), Walker(owner=host.root[0], start=host.start))
