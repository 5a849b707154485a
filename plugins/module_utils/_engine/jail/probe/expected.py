# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rights that an account is supposed to have."""

from __future__ import annotations

import posixpath
from typing import NamedTuple, Tuple

UPLOAD, DOWNLOAD, BOTH = "upload", "download", "both"


class Expected(NamedTuple):
    """The rights of an account.

    access: UPLOAD, DOWNLOAD or BOTH
    writable, readable: directories, as absolute paths of the session
    symlinks: whether the account may make links
    certificate_only: whether a key logs in with its certificate only
    """

    access: str = BOTH
    writable: Tuple[bytes, ...] = ()
    readable: Tuple[bytes, ...] = ()
    symlinks: bool = False
    certificate_only: bool = False

    @property
    def stores_in(self) -> Tuple[bytes, ...]:
        """Return the directories in which the account may store."""
        return () if self.access == DOWNLOAD else self.writable

    @property
    def directories(self) -> Tuple[bytes, ...]:
        """Return all expected directories, each once."""
        return tuple(dict.fromkeys((*self.writable, *self.readable)))

    def holds(self, path: bytes) -> bool:
        """Return whether a path is an expected directory, or above or below it."""
        plain = posixpath.normpath(b"/" + path.lstrip(b"/"))
        return any(_below(plain, each) or _below(each, plain) for each in self.directories)


def _below(path: bytes, directory: bytes) -> bool:
    return (path + b"/").startswith(directory.rstrip(b"/") + b"/")
