# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Public keys of the host and of its accounts: types and lengths by ssh-keygen.

ssh-keygen takes a file whose first line has the words PRIVATE KEY, also in a comment, for a private key, and lists one
key. So the files of accounts are read here, and each of their lines must be listed.
"""

from __future__ import annotations

import os
import re
import stat
from typing import Any, Dict, Iterator, List, Sequence

from ...system.program import Completed, ask_program
from .accounts import Login
from .observed import Unobservable
from .sshd_view import authorized_key_files, for_each_client, for_login

_LARGEST = 1 << 20
"""Bytes of a file of keys."""
_LINE = re.compile(r"([0-9]+) (SHA256:\S+) .*\(([A-Z0-9-]+)\)\Z")


def host_keys(address: str) -> List[Dict[str, Any]]:
    """Return the host keys that sshd offers."""
    return [
        {"path": path, "type": key["type"], "bits": key["bits"]}
        for path in for_login("root", address).get("hostkey", ())
        if _size(path)
        for key in _listed(path)
    ]


def authorized_keys(logins: Sequence[Login], address: str) -> List[Dict[str, Any]]:
    """Return the keys that may log in on any port, with the first account and file of each."""
    found = []
    for login in logins:
        views = for_each_client(login[0], address)
        for path in dict.fromkeys(path for view in views for path in authorized_key_files(login, view.settings)):
            if _size(path):
                found += [{"account": login[0], "path": path, **key} for key in _keys_in(path)]
    return found


def _size(path: str) -> int:
    """Return the size of a file, 0 if there is none. Raises OSError: a file that cannot be read is no empty file."""
    try:
        return os.stat(path).st_size
    except (FileNotFoundError, NotADirectoryError):
        return 0


def _listed(path: str) -> Iterator[Dict[str, Any]]:
    """Yield the key of a host key file. Raises Unobservable if ssh-keygen cannot read it."""
    return _shown(path, ask_program("ssh-keygen", "-l", "-f", path))


def _keys_in(path: str) -> List[Dict[str, Any]]:
    """Return the keys of a file of an account. Raises Unobservable if a line is not a key that ssh-keygen reads."""
    text = _text(path)
    lines = [line for line in text.split("\n") if line.strip() and not line.lstrip().startswith("#")]
    if not lines:
        return []
    keys = list(_shown(path, ask_program("ssh-keygen", "-l", "-f", "-", stdin=text)))
    if len(keys) != len(lines):
        raise Unobservable("ssh-keygen reads %d of %d lines of %s" % (len(keys), len(lines), path))
    return keys


def _text(path: str) -> str:
    """Return the content. The account may have put anything there, also a pipe."""
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise Unobservable("%s is not a regular file" % path)
        content = file.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise Unobservable("%s has more than %d bytes" % (path, _LARGEST))
    return content.decode("utf-8", "replace")


def _shown(path: str, completed: Completed) -> Iterator[Dict[str, Any]]:
    if completed.status:
        raise Unobservable("ssh-keygen cannot read %s: %s" % (path, " ".join(completed.err.split())))
    for line in filter(None, completed.out.split("\n")):
        match = _LINE.match(line.strip())
        if match is None:
            raise Unobservable("ssh-keygen lists a key of %s in an unknown form" % path)
        yield {"bits": int(match[1]), "fingerprint": match[2], "type": match[3]}
