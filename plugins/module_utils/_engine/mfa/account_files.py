# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of one account below the directory of mfa. Root alone reads and writes them.

seeds/NAME     the seed and the recovery codes
pending/NAME   until when the account may log in without a code, in seconds since 1970
accepted/NAME  its time is the time of the last accepted code; PAM makes it, and removes the pending file

pam_google_authenticator reads and writes the file of a person's one-time codes:

    SECRET                      the seed, Base32
    " RATE_LIMIT 3 30 ...       options; the PAM module appends its state to them
    " DISALLOW_REUSE ...
    12345678                    a recovery code; the PAM module removes a code that was used

The state belongs to the PAM module: it is kept for as long as the seed is the same. A line of our own, RECOVERY_CODES,
identifies the codes that the file got, so that used codes do not come back.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import stat
from contextlib import contextmanager, suppress
from typing import Iterator, List, NamedTuple, Optional, Sequence, Tuple

from ..errors import NotFound, UnsafePath
from ..system.changes import Changes
from ..system.entries import Attributes, keep_file, read_file
from ..system.root_owned_path import Walker, closing

SEED, PENDING, ACCEPTED = "seeds", "pending", "accepted"
_MODE = 0o400
_CODE = re.compile(r"[0-9]{8}\Z")
_OPTION = '" '
_WINDOW, _ISSUED = "WINDOW_SIZE", "RECOVERY_CODES"
SESSIONS_DUE = "SESSIONS_DUE"
"""A line of our own: earlier sessions must be ended."""
_STEPS = ("TOTP_AUTH", "DISALLOW_REUSE", "RATE_LIMIT 3 30")


class AccountFiles(NamedTuple):
    """The files of an account.

    root: user and group id of the files
    """

    directory: str
    account: str
    walker: Walker = Walker()
    root: Tuple[int, int] = (0, 0)

    def text(self, kind: str) -> Optional[str]:
        """Return the text of a file, None if there is none. Raises UnsafePath: a link, or a file of another account."""
        with self._parent(kind) as parent:
            if parent is None:
                return None
            found = read_file(self.account, parent=parent, shown=self.path(kind), owner=self.root[0])
        return None if found is None else found.decode("utf-8", "replace")

    def time(self, kind: str) -> Optional[float]:
        """Return the time of the last change of a file, None if there is none."""
        with self._parent(kind) as parent, suppress(FileNotFoundError):
            if parent is not None:
                return os.stat(self.account, dir_fd=parent, follow_symlinks=False).st_mtime
        return None

    def require_closed(self) -> None:
        """Raise UnsafePath if others can read the seed."""
        with self._parent(SEED) as parent, suppress(FileNotFoundError):
            mode = 0 if parent is None else os.stat(self.account, dir_fd=parent, follow_symlinks=False).st_mode
            if stat.S_IMODE(mode) & ~0o600:
                raise UnsafePath(
                    f"{self.path(SEED)}: has the mode {stat.S_IMODE(mode):04o}, so others may know the seed",
                    cure="Find out why, then reset the account with mfa_reset.",
                )

    def write(self, kind: str, text: str) -> None:
        """Write a file as a whole. Raises NotFound without its directory."""
        with self._parent(kind) as parent:
            if parent is None:
                raise NotFound(f"{self.directory}: the directory does not exist", cure="Create it with the role mfa.")
            wanted = Attributes(*self.root, _MODE)
            changes = Changes(check_mode=False)
            keep_file(self.account, text.encode(), wanted, changes, parent=parent, shown=self.path(kind))

    def remove(self, kind: str) -> None:
        """Remove a file, if it is there."""
        with self._parent(kind) as parent, suppress(FileNotFoundError):
            if parent is not None:
                os.unlink(self.account, dir_fd=parent)
                os.fsync(parent)

    def path(self, kind: str) -> str:
        return f"{self.directory}/{kind}/{self.account}"

    @contextmanager
    def _parent(self, kind: str) -> Iterator[Optional[int]]:
        parent = self.walker.open_existing(f"{self.directory}/{kind}")
        if parent is None:
            yield None
            return
        with closing(parent):
            yield parent


class SeedFile(NamedTuple):
    """The content of a file.

    options: the lines of options, without their mark
    codes: the recovery codes that are left
    """

    secret: str
    options: Tuple[str, ...]
    codes: Tuple[str, ...]


def seed_file(text: str) -> SeedFile:
    """Read a file. Lines that nothing knows are dropped."""
    lines = text.splitlines()
    options = tuple(line[len(_OPTION) :] for line in lines[1:] if line.startswith(_OPTION))
    return SeedFile(lines[0] if lines else "", options, tuple(line for line in lines[1:] if _CODE.match(line)))


def text_of(file: SeedFile) -> str:
    return "".join(f"{line}\n" for line in (file.secret, *(_OPTION + each for each in file.options), *file.codes))


def updated(found: SeedFile, secret: str, window: int, codes: Sequence[str]) -> SeedFile:
    """Return the file with this seed, window and these recovery codes; of the same seed it keeps the state.

    codes: none keeps the codes of the file
    """
    kept = found if found.secret == secret else SeedFile(secret, _STEPS, ())
    options = _with_option([each for each in kept.options if each != SESSIONS_DUE], _WINDOW, str(window))
    issued = _identity(secret, codes)
    if not codes or f"{_ISSUED} {issued}" in options:
        return SeedFile(secret, options, kept.codes)
    return SeedFile(secret, _with_option(options, _ISSUED, issued), tuple(codes))


def _with_option(options: Sequence[str], name: str, value: str) -> Tuple[str, ...]:
    line = f"{name} {value}"
    if line in options:
        return tuple(options)
    others: List[str] = [each for each in options if each.split(" ")[0] != name]
    return (*others, line)


def _identity(secret: str, codes: Sequence[str]) -> str:
    """Return the name of a set of codes, which discloses no code to a reader without the seed."""
    return hmac.new(secret.encode(), "\n".join(codes).encode(), hashlib.sha256).hexdigest()[:16]
