# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read a file of an account as the account, as sshd does: on a network file system, root may be refused.

A child of this process reads, so that a file system that does not answer holds up nothing. Its real user stays root:
processes of the account cannot reach it.
"""

from __future__ import annotations

import os
import pwd
import select
import signal
import stat
import time
from contextlib import suppress
from typing import List, Optional

from ..errors import OperationFailed

_LONGEST = 1 << 20
_SECONDS = 10.0
_NONE, _CONTENT, _ERROR = b"-", b"+", b"!"


def read_as(account: str, path: str, *, seconds: float = _SECONDS) -> Optional[bytes]:
    """Return the content of a regular file; None if there is none. Raises OperationFailed."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        _answer(account, path, writing)
    os.close(writing)
    try:
        received = _all(reading, time.monotonic() + seconds)
    finally:
        os.close(reading)
        _end(child)
    if received[:1] in (_NONE, _CONTENT):
        return received[1:] if received[:1] == _CONTENT else None
    raise OperationFailed(
        "%s: cannot be read as %s: %s" % (path, account, received[1:].decode("utf-8", "replace") or "no answer"),
        cure="Make it a readable file of authorized keys alone, or move it away; then run this again.",
    )


def _answer(account: str, path: str, writing: int) -> None:
    """Answer as the child, and end it."""
    try:
        _become(account)
        with os.fdopen(writing, "wb") as stream:
            stream.write(_said(path))
    finally:
        os._exit(0)


def _become(account: str) -> None:
    if os.geteuid() == 0:
        entry = pwd.getpwnam(account)
        os.initgroups(account, entry.pw_gid)
        os.setegid(entry.pw_gid)
        os.seteuid(entry.pw_uid)


def _said(path: str) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as stream:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return _ERROR + b"not a regular file"
            content = stream.read(_LONGEST + 1)
    except (FileNotFoundError, NotADirectoryError):
        return _NONE
    except OSError as error:
        return _ERROR + str(error.strerror).encode()
    return _CONTENT + content if len(content) <= _LONGEST else _ERROR + b"longer than %d bytes" % _LONGEST


def _all(reading: int, deadline: float) -> bytes:
    """Return the whole answer; nothing if it does not come in time."""
    parts: List[bytes] = []
    while select.select([reading], [], [], max(0.0, deadline - time.monotonic()))[0]:
        part = os.read(reading, 1 << 16)
        if not part:
            return b"".join(parts)
        parts.append(part)
    return b""


def _end(child: int) -> None:
    """End the child. A process that waits for a dead file system is left to the system."""
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    deadline = time.monotonic() + 1
    while not os.waitpid(child, os.WNOHANG)[0] and time.monotonic() < deadline:
        time.sleep(0.001)
