# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts of a host that could log in, their passwords and their second factors.

- Examined are root, accounts of people and partners, accounts that have a shell, and the named accounts.
- Accounts of services, which have no shell, belong to them if they have authorized keys or a password: sshd runs SFTP
  inside itself and forwards ports without a shell.
- Of a password, the kind and the age are reported, never the hash.
"""

from __future__ import annotations

import os
import pwd
import re
import stat
from typing import Any, Dict, Iterable, Iterator, List, Sequence

from ...errors import SshdMissing, SyncError
from ...mfa.info import look_up
from ...mfa.pam_text import DIRECTORY
from ...model.utc import utc
from ...system.accounts import account_named
from ...system.program import ask_program
from .observed import Login, Unobservable
from .sshd_view import authorized_key_files, for_each_client

_FIRST_UID, _NOBODY = 1000, 65534
_NO_SHELLS = ("nologin", "false", "sync", "shutdown", "halt")
LOCKED = "locked"
"""The kind of a hash that no password has."""
_DAY = 86400
_UNKNOWN = 2
"""The exit status of getent(1) if there is no such entry."""
_DES = re.compile(r"_?[./0-9A-Za-z]{13,}\Z")


def logins(named: Iterable[str]) -> List[Login]:
    """Return root, all accounts from user id 1000 on or with a shell, and the named accounts, each once."""
    entries: Dict[str, pwd.struct_passwd] = {each.pw_name: each for each in pwd.getpwall()}
    own = [name for name, each in entries.items() if _could_log_in(each)]
    return [(name, entries.get(name) or account_named(name)) for name in dict.fromkeys([*own, *named])]


def _could_log_in(entry: pwd.struct_passwd) -> bool:
    own = entry.pw_uid == 0 or _FIRST_UID <= entry.pw_uid != _NOBODY
    return own or entry.pw_shell.rpartition("/")[2] not in _NO_SHELLS


def passwords(logins: Sequence[Login]) -> List[Dict[str, Any]]:
    """Return the passwords by shadow(5).

    `kind` is the id of the hash in crypt(5), such as y or 6, or empty, locked, des or unknown. An account of which
    shadow(5) has no entry is left out.
    """
    return [found for name, entry in logins if entry is not None for found in _password(name)]


def _password(name: str) -> Iterator[Dict[str, Any]]:
    completed = ask_program("getent", "shadow", name)
    if completed.status not in (0, _UNKNOWN):
        raise Unobservable(f"getent shadow {name}: status {completed.status}: {' '.join(completed.err.split())}")
    fields = completed.out.rstrip("\n").split(":")
    if len(fields) > 2 and fields[0] == name:
        changed = utc(int(fields[2]) * _DAY) if fields[2].isdigit() else ""
        yield {"account": name, "kind": _kind(fields[1]), "changed": changed}


def _kind(text: str) -> str:
    if not text:
        return "empty"
    if text[0] in "!*":
        return LOCKED
    if text[0] == "$":
        return text.split("$")[1]
    return "des" if _DES.match(text) else "unknown"


def services_with_logins(address: str) -> List[str]:
    """Return the names of the accounts that `logins` leaves out, and that have a password or keys, or for which sshd
    does not answer."""
    others = {name for name, _entry in logins(())}
    services: List[Login] = [(each.pw_name, each) for each in pwd.getpwall() if each.pw_name not in others]
    usable = {each["account"] for each in passwords(services) if each["kind"] != LOCKED}
    return [login[0] for login in services if login[0] in usable or _has_keys(login, address)]


def _has_keys(login: Login, address: str) -> bool:
    try:
        views = for_each_client(login[0], address)
        files: Iterable[str] = [path for view in views for path in authorized_key_files(login, view.settings)]
    except SshdMissing:  # without sshd there are no keys
        return False
    except SyncError:  # sshd is asked for the account again, and the observations of sshd report why it fails
        return True
    return any(map(_has_content, files))


def _has_content(path: str) -> bool:
    """Return whether there is something that is not an empty file: authorized_keys reports why it cannot be read."""
    try:
        status = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return bool(status.st_size) or not stat.S_ISREG(status.st_mode)


def second_factors(logins: Sequence[Login], address: str, directory: str = DIRECTORY) -> List[Dict[str, Any]]:
    """Return the factors of each account that exists, and the end of its time without a code ("" for none)."""
    names = [name for name, entry in logins if entry is not None]
    return [
        {
            "account": each.account,
            "factors": list(each.factors),
            "pending_until": "" if each.pending_until is None else utc(each.pending_until),
        }
        for each in look_up(names, directory, address=address)
    ]
