# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host of the accounts: its files, and the functions that act on accounts, sessions, processes and revoked keys.

All sessions of a closed account are ended, over SSH and FTPS, and every process that it left behind, such as shells of
cron and daemons of their own session. A login that was accepted just before the account was closed becomes a session a
moment later. New sessions are therefore watched for as long as such a login takes. Logins under way are ended as well:
sshd looks at the date of expiry early in a login, and not again.
"""

from __future__ import annotations

import os
import pwd
import signal
import time
from contextlib import ExitStack, contextmanager, suppress
from fcntl import ioctl
from struct import unpack
from typing import Callable, Dict, Iterator, List, NamedTuple, Optional, Tuple

from ..errors import OperationFailed
from ..rotation.passwords import ftps_sessions
from ..rotation.server_files import KeyFile, change_file
from ..rotation.server_keys.revocation import Revocation, is_refused, revoke
from ..sshd import account_sessions
from ..sshd.session import ancestors
from ..system.accounts import id_of
from ..system.changes import Change
from ..system.entries import Attributes, read_file
from ..system.login_state import Run
from ..system.program import ask_program, run_program
from ..system.root_owned_path import Walker, closing
from ..trust.fingerprint import PublicKey
from .known_keys import AccountKeys, account_keys, login_of_this_session
from .pam_account import require_refused
from .record import RecordFile

_LOGIN_SECONDS = 1.0
_PAUSE = 0.1
Edit = Callable[[bytes], bytes]
_PATIENCE = 15.0
_BETWEEN_KILLS = 0.05
_PARENT, _OWNER = 0xB702, 0xB704
"""NS_GET_PARENT and NS_GET_OWNER_UID (ioctl_ns(2))."""


def count_sessions(user: int) -> int:
    return len(list(account_sessions.sessions_of(user))) + len(ftps_sessions.sessions_of(user))


def end_sessions(user: int, *, watch: bool) -> int:
    """End all sessions and processes of a user id and return their number. Raises OperationFailed.

    watch: whether the account was closed just now
    """
    ended = _end_ssh(user)
    if watch or ftps_sessions.sessions_of(user):
        ended += len(ftps_sessions.end_sessions(user, _now()))
    deadline = time.monotonic() + _LOGIN_SECONDS
    while watch and time.monotonic() < deadline:
        ended += _end_ssh(user)
        time.sleep(_PAUSE)
    _end_left_behind(user)
    return ended + end_processes(user)


def _end_ssh(user: int) -> int:
    return account_sessions.end_sessions(user, _now())


def _now() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def _end_left_behind(user: int) -> None:
    """End the processes in the slice that systemd keeps for the sessions of the account, such as daemons."""
    slice_name = f"user-{user}.slice"
    try:
        if not ask_program("systemctl", "--quiet", "is-active", slice_name).status:
            ask_program("systemctl", "kill", "--signal=KILL", slice_name)
    except FileNotFoundError:
        return  # a host without systemd has no such slice


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
    require_refused: raises OperationFailed if PAM lets an account in
    patience: seconds to wait for another run that closes or opens the account
    """

    root: Tuple[int, int] = (0, 0)
    start: str = "/"
    shadow: str = "/etc/shadow"
    run: Run = run_program
    user_of: Callable[[str], Optional[int]] = id_of
    sharing: Callable[[int], List[str]] = _sharing
    login: Callable[[], str] = login_of_this_session
    above: Callable[[], List[Optional[int]]] = _above
    keys_of: Callable[[str, str], AccountKeys] = account_keys
    revoke: Callable[[Access, Tuple[PublicKey, ...]], Tuple[Tuple[Change, ...], int]] = _revoke
    refused: Callable[[str, PublicKey], bool] = is_refused
    require_refused: Callable[[str], None] = require_refused
    sessions: Callable[[int], int] = count_sessions
    end: Callable[..., int] = end_sessions
    patience: float = 30.0


def record_file(asked: Access, host: Host) -> RecordFile:
    return RecordFile(asked.records, asked.account, owner=host.root[0], start=host.start)


@contextmanager
def only_run(asked: Access, host: Host) -> Iterator[None]:
    """Hold the lock of the account on this host; check mode needs none. Raises Locked, UnsafePath, NotFound."""
    if asked.check_mode:
        yield
        return
    with record_file(asked, host).locked(f"account: another run closes or opens {asked.account}", host.patience):
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


def end_processes(user: int) -> int:
    """Kill until no process is left, and return their number. Raises OperationFailed."""
    ended, deadline = processes_of(user), time.monotonic() + _PATIENCE
    while not _kill_all(user) or processes_of(user):
        if time.monotonic() > deadline:
            raise OperationFailed(
                f"processes of the user id {user} do not end, or start again and again: {len(processes_of(user))}",
                cure="Stop the service that starts them, then run this again.",
            )
        time.sleep(_BETWEEN_KILLS)
    return len(ended)


def processes_of(user: int) -> List[int]:
    """Return the live processes with this real user id, and those of user namespaces that the account has made: there,
    newuidmap(1) gives them other user ids. A daemon of root that acts as the account is not of it."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and _is_of(user, int(name))]


def started_by(pid: int) -> Optional[int]:
    """Return the real user id of a process; None if there is none."""
    with suppress(OSError, KeyError):
        return int(_status(pid)["Uid"].split()[0])
    return None


def _kill_all(user: int) -> bool:
    """Kill all processes that may be of a user id, also in user namespaces that it has made, and return whether that
    was done. One system call meets all: a process that ends with each child that it makes is in no list in time."""
    child = os.fork()
    if not child:
        try:
            os.setresuid(user, user, user)
            if user:
                os.kill(-1, signal.SIGKILL)
                os._exit(0)
        finally:
            os._exit(1)
    status = os.waitpid(child, os.WUNTRACED)[1]
    if os.WIFSTOPPED(status):  # by a process of the account
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return status == 0


def _is_of(user: int, pid: int) -> bool:
    with suppress(OSError, KeyError):
        alive = _status(pid)["State"][:1] not in ("Z", "X")
        return alive and (started_by(pid) == user or user in _owners_of_namespaces(pid))
    return False


def _owners_of_namespaces(pid: int) -> Iterator[int]:
    """Yield the owners of the user namespace of a process and of those above it, up to that of this process."""
    with suppress(OSError), ExitStack() as stack:
        own = os.stat("/proc/self/ns/user").st_ino
        namespace = os.open(f"/proc/{pid}/ns/user", os.O_RDONLY | os.O_CLOEXEC)
        while True:
            stack.callback(os.close, namespace)
            if os.fstat(namespace).st_ino == own:
                break
            yield unpack("I", ioctl(namespace, _OWNER, bytes(4)))[0]
            namespace = ioctl(namespace, _PARENT)


def _status(pid: int) -> Dict[str, str]:
    with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as stream:
        lines = (line.partition(":") for line in stream)
        return {name: value.strip() for name, _colon, value in lines}
