# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of one account below the directory of mfa. Root alone reads and writes them.

seeds/NAME     the seed and the recovery codes (`seed_file`)
pending/NAME   until when the account may log in without a code, in seconds since 1970
accepted/NAME  its time is the time of the last accepted code; PAM makes it, and removes the pending file
"""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager, suppress
from typing import Iterator, NamedTuple, Optional, Tuple

from ..errors import NotFound, UnsafePath
from ..system.changes import Changes
from ..system.entries import Attributes, keep_file, read_file
from ..system.root_owned_path import Walker, closing

SEED, PENDING, ACCEPTED = "seeds", "pending", "accepted"
_MODE = 0o400


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
                    "%s: has the mode %04o, so others may know the seed" % (self.path(SEED), stat.S_IMODE(mode)),
                    cure="Find out why, then reset the account with mfa_reset.",
                )

    def write(self, kind: str, text: str) -> None:
        """Write a file as a whole. Raises NotFound without its directory."""
        with self._parent(kind) as parent:
            if parent is None:
                raise NotFound("%s: the directory does not exist" % self.directory, cure="Create it with the role mfa.")
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
        """Return the path of a file, for messages."""
        return "%s/%s/%s" % (self.directory, kind, self.account)

    @contextmanager
    def _parent(self, kind: str) -> Iterator[Optional[int]]:
        parent = self.walker.open_existing("%s/%s" % (self.directory, kind))
        if parent is None:
            yield None
            return
        with closing(parent):
            yield parent
