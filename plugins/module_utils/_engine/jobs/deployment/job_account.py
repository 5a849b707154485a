# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The account of a job, without a shell, a password or another member of its group, and its files and directories.

They are kept by descriptors: root alone can have made each directory on the way.
"""

from __future__ import annotations

import grp
import os
import pwd
import shutil
from typing import Any, Callable, Optional

from ...errors import AccountTaken
from ...system.accounts import Owner
from ...system.changes import Changes
from ...system.entries import MISSING, Attributes, keep_directory, keep_file
from ...system.program import run_program
from ...system.root_owned_path import Walker
from ..names import ACCOUNT
from . import places

MARK = "Job of secure.ftp_synchronize"
"""GECOS field: the purpose of the account, and its manager."""
_SHELL = "/usr/sbin/nologin"
PUBLIC, PRIVATE = Attributes(0, 0, 0o644), Attributes(0, 0, 0o600)
_OPEN_DIRECTORY = Attributes(0, 0, 0o755)
STORED = "stored"


def job_account(name: str) -> Optional[Owner]:
    """Return the ids of the account of a job; None if there is none yet. Raises AccountTaken."""
    account = ACCOUNT % name
    found = _looked_up(pwd.getpwnam, account)
    if found is None:
        if _looked_up(grp.getgrnam, account) is not None:
            raise _taken(f"a group {account} exists already")
        return None
    if found.pw_gecos != MARK or found.pw_uid == 0 or grp.getgrgid(found.pw_gid).gr_name != account:
        raise _taken(f"an account {account} exists already, and is not the account of a job")
    return Owner(found.pw_uid, found.pw_gid)


def keep_account(name: str, changes: Changes) -> Optional[Owner]:
    """Return the ids of the account, made if it was missing; None if check mode does not make it."""
    found = job_account(name)
    if found is not None:
        return found
    if not changes.record("account " + ACCOUNT % name, MISSING, f"home {places.home(name)}, shell {_SHELL}"):
        return None
    run_program(
        *("useradd", "--system", "--user-group", "--no-create-home", "--home-dir", places.home(name)),
        *("--shell", _SHELL, "--comment", MARK, "--", ACCOUNT % name),
    )
    return job_account(name)


def remove_account(name: str) -> None:
    """Remove the account, its group and its home. It has no process any more."""
    shutil.rmtree(places.home(name), ignore_errors=True)
    run_program("userdel", "--", ACCOUNT % name)


def _looked_up(look_up: Callable[[str], Any], name: str) -> Any:
    try:
        return look_up(name)
    except KeyError:
        return None


def _taken(fact: str) -> AccountTaken:
    return AccountTaken(f"name: {fact}", cure="Set another name for the job; accounts of others are never changed.")


def keep_path(path: str, wanted: Attributes, changes: Changes, content: Optional[bytes] = None) -> None:
    """Keep a file with this content, else a directory. Missing directories above it are made. Raises UnsafePath."""
    above, _slash, name = path.rpartition("/")
    parent = _opened(above or "/", check_mode=changes.check_mode)
    try:
        if content is not None:
            keep_file(name, content, wanted, changes, parent=parent, shown=path)
            return
        made = keep_directory(name, wanted, changes, parent=parent, shown=path)
        if made is not None:
            os.close(made)
    finally:
        if parent is not None:
            os.close(parent)


def put_secret(path: str, content: bytes) -> None:
    """Write an encrypted secret, whose content no result shows."""
    keep_path(path, PRIVATE, Changes(check_mode=False), content)


def remove_file(path: str, changes: Changes, shown: str = "file") -> None:
    """Remove a file, if it is there."""
    if os.path.lexists(path) and changes.record(path, shown, MISSING):
        os.unlink(path)


def _opened(path: str, *, check_mode: bool) -> Optional[int]:
    """Return a descriptor of a directory, made with those above it; None if check mode does not make it."""
    found = Walker().open_existing(path)
    if found is None and not check_mode:
        keep_path(path, _OPEN_DIRECTORY, Changes(check_mode=False))
        found = Walker().open_existing(path)
    return found
