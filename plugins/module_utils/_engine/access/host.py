# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host of the accounts: its files, and the functions that act on accounts, sessions and revoked keys."""

from __future__ import annotations

import pwd
from contextlib import contextmanager
from typing import Callable, Iterator, List, NamedTuple, Optional, Tuple

from ..rotation.server_files import KeyFile, change_file
from ..rotation.server_keys.refused_keys import is_refused
from ..rotation.server_keys.revocation import Revocation, revoke
from ..sshd.session import ancestors
from ..system.changes import Change
from ..system.entries import Attributes, read_file
from ..system.program import run_program
from ..system.root_owned_path import Walker, closing
from ..trust.fingerprint import PublicKey
from .known_keys import AccountKeys, account_keys, login_of_this_session
from .login_state import Run
from .processes import started_by
from .record_file import RecordFile
from .sessions import count_sessions, end_sessions

Edit = Callable[[bytes], bytes]


class Access(NamedTuple):
    """The request.

    keys: public keys that will open the account
    password: that will open it; "" for none
    checked: settings of sshd that may open it as well
    login: the account by which the controller connects; "" if unknown
    version: of the ledger of this run; 0 for none
    records, revoked_keys, ftps_list, second_passwords: paths
    """

    account: str
    keys: Tuple[PublicKey, ...] = ()
    password: str = ""
    checked: Tuple[str, ...] = ()
    login: str = ""
    version: int = 0
    records: str = "/etc/secure_ftp_synchronize/closed_accounts"
    revoked_keys: str = "/etc/ssh/revoked_keys"
    ftps_list: str = "/etc/secure_ftp_synchronize/ftps_accounts.list"
    second_passwords: str = "/etc/secure_ftp_synchronize/ftps_passwords"
    check_mode: bool = False


class AccessReport(NamedTuple):
    """The result.

    state: of the account afterwards: closed, open
    revoked: fingerprints of the keys that the account had when it was closed
    spared: fingerprints of keys that are not revoked: others depend on them, or no login with them is on record
    ended: number of sessions that were ended or, in check mode, would be ended
    unrevoked: lines of authorized keys and settings of sshd that cannot be revoked, for people
    """

    changes: Tuple[Change, ...]
    state: str
    revoked: Tuple[str, ...] = ()
    spared: Tuple[str, ...] = ()
    ended: int = 0
    unrevoked: Tuple[str, ...] = ()


def _user_of(name: str) -> Optional[int]:
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        return None


def _sharing(user: int) -> List[str]:
    return [each.pw_name for each in pwd.getpwall() if each.pw_uid == user]


def _above() -> List[Optional[int]]:
    """Return the user ids of this process and its ancestors."""
    return [started_by(pid) for pid in ancestors()]


def _revoke(asked: Access, keys: Tuple[PublicKey, ...]) -> Tuple[Tuple[Change, ...], int]:
    """Revoke keys. Return the changes, and the number of sessions of other accounts."""
    report = revoke(Revocation(asked.revoked_keys, keys, asked.account, check_mode=asked.check_mode))
    return report.changes, len([login for login in report.ended if login.user != asked.account])


class Host(NamedTuple):
    """root: ids of the owner of files. start: where absolute paths begin

    user_of: the id of an account; None if there is none
    sharing: the names of the accounts with a user id
    login: the account that logged in for this task; "" if unknown
    above: the user ids that started this process and its ancestors
    refused: whether sshd refuses a key by the file of revoked keys
    patience: seconds to wait for another run that closes or opens the account
    """

    root: Tuple[int, int] = (0, 0)
    start: str = "/"
    shadow: str = "/etc/shadow"
    run: Run = run_program
    user_of: Callable[[str], Optional[int]] = _user_of
    sharing: Callable[[int], List[str]] = _sharing
    login: Callable[[], str] = login_of_this_session
    above: Callable[[], List[Optional[int]]] = _above
    keys_of: Callable[[str, str], AccountKeys] = account_keys
    revoke: Callable[[Access, Tuple[PublicKey, ...]], Tuple[Tuple[Change, ...], int]] = _revoke
    refused: Callable[[str, PublicKey], bool] = is_refused
    sessions: Callable[[int], int] = count_sessions
    end: Callable[..., int] = end_sessions
    patience: float = 30.0


def record_file(asked: Access, host: Host) -> RecordFile:
    """Return the file of the record of the account."""
    return RecordFile(asked.records, asked.account, owner=host.root[0], start=host.start)


@contextmanager
def only_run(asked: Access, host: Host) -> Iterator[None]:
    """Hold the lock of the account on this host; check mode needs none. Raises Locked, UnsafePath, NotFound."""
    if asked.check_mode:
        yield
        return
    with record_file(asked, host).locked("account: another run closes or opens %s" % asked.account, host.patience):
        yield


def content_of(path: str, host: Host) -> bytes:
    """Return the content of a file; empty for no file. Waits for no lock. Raises UnsafePath."""
    directory, _slash, name = path.rpartition("/")
    parent = Walker(owner=host.root[0], start=host.start).open_existing(directory)
    if parent is None:
        return b""
    with closing(parent):
        return read_file(name, parent=parent, shown=path) or b""


def edited(path: str, mode: int, edit: Edit, change: Change, host: Host, *, check_mode: bool) -> List[Change]:
    """Edit a file, and return `change` if that changes it: the content may be secret. Raises UnsafePath, Locked."""
    content = content_of(path, host)
    if edit(content) == content:
        return []
    if not check_mode:
        change_file(_file(path, mode, host), edit, check_mode=False)
    return [change]


def _file(path: str, mode: int, host: Host) -> KeyFile:
    return KeyFile(path, Attributes(*host.root, mode), Walker(owner=host.root[0], start=host.start))
