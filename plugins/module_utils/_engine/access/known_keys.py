# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys that open an account, in the files that sshd reads for it.

An account may write to such a file, so a line in it proves nothing: an attacker can put the public keys of
administrators there, to have them revoked. Keys of administrators are therefore kept apart.
"""

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress
from typing import Iterable, Iterator, List, NamedTuple, Tuple

from ..rotation.server_keys.read_by_sshd import authorized_keys_files
from ..sshd.administrators import administrators
from ..sshd.refusals import NotOverSsh
from ..sshd.session import owner
from ..trust.fingerprint import PublicKey, parse_plain_key

__all__ = ["AccountKeys", "account_keys", "keys_in", "login_of_this_session", "read_keys"]

_KEY = re.compile(r"(?:\A|[ \t])((?:ssh|ecdsa|sk)-[A-Za-z0-9@.-]+)[ \t]+(AAAA[A-Za-z0-9+/]+={0,2})(?=[ \t]|\Z)")
_AUTHORITY = re.compile(r"(?:\A|,)cert-authority(?:\Z|,)", re.IGNORECASE)
_LONGEST = 4 << 20


class AccountKeys(NamedTuple):
    """own: keys of the account alone. spared: keys that are also keys of an administrator"""

    own: Tuple[PublicKey, ...]
    spared: Tuple[PublicKey, ...] = ()


def login_of_this_session() -> str:
    """Return the account that logged in for this task; "" if it did not come over SSH."""
    with suppress(NotOverSsh):
        return owner().user
    return ""


def account_keys(account: str) -> AccountKeys:
    """Return the keys of an account. Raises ConfigurationInvalid."""
    others = {name for name in (*administrators(), login_of_this_session()) if name and name != account}
    kept = {key for name in sorted(others) for key in _keys_of(name)}
    found = list(dict.fromkeys(_keys_of(account)))
    return AccountKeys(tuple(key for key in found if key not in kept), tuple(key for key in found if key in kept))


def read_keys(paths: Iterable[str]) -> Iterator[PublicKey]:
    """Yield the keys in files. A missing file, and a file that is no regular file, has none."""
    for path in paths:
        with suppress(OSError):
            yield from keys_in(_text(path))


def keys_in(text: str) -> List[PublicKey]:
    """Return the keys in the lines of a file of authorized keys, without authorities of certificates."""
    return [key for line in text.splitlines() for key in _in_line(line.strip())]


def _in_line(line: str) -> Iterator[PublicKey]:
    if line.startswith("#"):
        return
    for match in _KEY.finditer(line):
        options = line[: match.start()].strip()
        if not _AUTHORITY.search(options):
            with suppress(ValueError):
                yield parse_plain_key(match[1], match[2])


def _keys_of(account: str) -> Iterator[PublicKey]:
    with suppress(KeyError):  # a member of a group without an account
        yield from read_keys(authorized_keys_files(account))


def _text(path: str) -> str:
    """Return the begin of a regular file. A fifo in its place does not block."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as stream:
        regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
        return stream.read(_LONGEST).decode("utf-8", "replace") if regular else ""
