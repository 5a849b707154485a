# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts of services, which have no shell, that can log in all the same: by authorized keys or by a password.

sshd runs SFTP inside itself and forwards ports without a shell.
"""

from __future__ import annotations

import os
import pwd
import stat
from typing import Iterable, List

from ...errors import SshdMissing, SyncError
from .accounts import Login, logins
from .passwords import LOCKED, passwords
from .sshd_view import authorized_key_files, for_each_client


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
