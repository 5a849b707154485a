# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Open an archive and its signature for reading: regular files, never through a link at their names."""

from __future__ import annotations

import errno
import os
import stat
from typing import IO, Optional

from ..errors import KindConflict
from ..system.os_errors import from_os_error

SIGNATURE_LIMIT = 64 << 10

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


def open_file(directory: int, name: bytes) -> Optional[IO[bytes]]:
    """Return the open file; None if there is none. directory: a descriptor. Raises KindConflict, ItemError."""
    try:
        descriptor = os.open(name, _READ, dir_fd=directory)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise _conflict("a symbolic link", name) from None
        raise from_os_error(error, path=name) from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _conflict("not a regular file", name)
    return os.fdopen(descriptor, "rb")


def read_signature(directory: int, name: bytes) -> bytes:
    """Return the content of a signature; empty if there is none, or if it is too long for a signature."""
    file = open_file(directory, name)
    if file is None:
        return b""
    with file:
        content = file.read(SIGNATURE_LIMIT + 1)
        return content if len(content) <= SIGNATURE_LIMIT else b""


def _conflict(what: str, name: bytes) -> KindConflict:
    return KindConflict("dest: is %s" % what, path=name, cure="Move it away, or correct dest.")
