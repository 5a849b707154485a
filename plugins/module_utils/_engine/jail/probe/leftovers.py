# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The temporary names of a probe, and the removal of names that a killed probe left behind."""

from __future__ import annotations

import re
import secrets
from typing import Iterable

from ...model.marked_login import FORGED_END
from ...model.tree import DIRECTORY
from ...sftp.packets import FX_OK
from .sftp_session import SftpSession

_START = b".jail_probe-"
_NAME = re.compile(rb"\.jail_probe-[0-9a-f]{16}(?:%s)?\Z" % re.escape(FORGED_END))


def temporary_name() -> bytes:
    """Return a new name, which no other program uses."""
    return _START + secrets.token_hex(8).encode()


def marked_name() -> bytes:
    """Return a new name that imitates lines of logs."""
    return temporary_name() + FORGED_END


def mark_of(name: bytes) -> str:
    """Return the part of a marked name by which its events are found."""
    return name[1 : len(_START) + 16].decode("ascii")


def joined(directory: bytes, name: bytes) -> bytes:
    """Return the path of a name in a directory."""
    return directory.rstrip(b"/") + b"/" + name


def remove_leftovers(sftp: SftpSession, directories: Iterable[bytes]) -> int:
    """Remove the temporary names in some directories; return their number."""
    removed = 0
    for directory in directories:
        for name, entry in sftp.names(directory) or ():
            if _NAME.match(name):
                path = joined(directory, name)
                is_directory = entry is not None and entry.kind is DIRECTORY
                removed += (sftp.remove_directory(path) if is_directory else sftp.remove(path)) == FX_OK
    return removed
