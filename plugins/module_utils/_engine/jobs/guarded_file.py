# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small file that only root or this account can have written. A program that acts on it may run as root."""

from __future__ import annotations

import os
import stat

from ..errors import InvalidRequest
from ..model.display import display_text
from ..system.root_owned_path import closing

OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
OTHERS_READ = stat.S_IROTH | stat.S_IXOTH
PRIVATE = stat.S_IRWXG | stat.S_IRWXO
_LARGEST = 1 << 20


def read_guarded(path: str, name: str, *, refused: int = OTHERS_WRITE) -> bytes:
    """Return the content. Raises InvalidRequest.

    name: of the file, in errors
    refused: mode bits that the file must not have
    """
    try:
        # Without waiting: opening a FIFO would block until it has a writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise _unusable(name, path, getattr(error, "strerror", None) or str(error)) from None
    with closing(descriptor):
        _check(os.fstat(descriptor), name, path, refused)
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(_LARGEST)


def _check(status: os.stat_result, name: str, path: str, refused: int) -> None:
    if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
        raise _unusable(name, path, "is not a regular file of at most %d MiB" % (_LARGEST >> 20))
    if status.st_mode & refused or status.st_uid not in (0, os.geteuid()):
        raise InvalidRequest(
            "%s: other accounts can %s %s (uid %d, mode %04o)"
            % (
                name,
                "read" if refused & ~OTHERS_WRITE else "write",
                display_text(path),
                status.st_uid,
                stat.S_IMODE(status.st_mode),
            ),
            cure="Check its content, then make it yours with chown, and chmod %s."
            % ("600" if refused == PRIVATE else "go-w"),
        )


def _unusable(name: str, path: str, fact: str) -> InvalidRequest:
    return InvalidRequest("%s: %s: %s" % (name, display_text(path), fact), cure="Set the path of a readable file.")
