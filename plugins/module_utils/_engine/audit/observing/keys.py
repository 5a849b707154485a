# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Public keys of the host and of its accounts: types and lengths by ssh-keygen."""

from __future__ import annotations

import os
import re
from typing import Any, Dict, Iterator, List, Sequence

from ...system.program import ask_program
from .accounts import Login
from .observed import Unobservable
from .sshd_view import authorized_key_files, for_login

__all__ = ["authorized_keys", "host_keys"]

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
    """Return the keys that may log in, with the first account and file of each."""
    found = []
    for login in logins:
        for path in dict.fromkeys(authorized_key_files(login, for_login(login[0], address))):
            if _size(path):
                found += [{"account": login[0], "path": path, **key} for key in _listed(path)]
    return found


def _size(path: str) -> int:
    """Return the size of a file, 0 if there is none. Raises OSError: a file that cannot be read is no empty file."""
    try:
        return os.stat(path).st_size
    except (FileNotFoundError, NotADirectoryError):
        return 0


def _listed(path: str) -> Iterator[Dict[str, Any]]:
    """Yield the keys of a file. Raises Unobservable if ssh-keygen cannot read a key."""
    said = ask_program("ssh-keygen", "-l", "-f", path)
    lines = [line for line in said.out.split("\n") if line]
    if said.status and not _without_keys(path):
        raise Unobservable("ssh-keygen cannot read %s: %s" % (path, " ".join(said.err.split())))
    for line in lines:
        match = _LINE.match(line.strip())
        if match is None:
            raise Unobservable("ssh-keygen lists a key of %s in an unknown form" % path)
        yield {"bits": int(match[1]), "fingerprint": match[2], "type": match[3]}


def _without_keys(path: str) -> bool:
    """Return whether a file has only comments."""
    with open(path, encoding="utf-8", errors="replace") as file:
        return not any(line.strip() and not line.lstrip().startswith("#") for line in file)
