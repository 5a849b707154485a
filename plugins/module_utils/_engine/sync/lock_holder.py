# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""LockHolder: who holds a lock, in the lock file's text form, and whether that process is still there.

    secure_sync lock 1
    run=0123456789abcdef
    host=9f86d081884c7d65
    name=web1
    pid=4711
    start=123456

`host` stands for one boot of one machine and one pid namespace, so that two containers of one kernel, in which the
same pid means different processes, are two hosts. `start` is the process's start time (proc(5), stat field 22): a
pid that was given again is another process.

Heartbeat keeps a lock file on this host fresh. At the far end the session does this (PeerTransport.touch_every). Here
nothing else would while one large file is copied.
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
from typing import NamedTuple, Optional, Tuple

from ..system.background import in_background
from ..system.boot_id import boot_id

_TEXT = re.compile(
    rb"secure_sync lock 1\nrun=([0-9a-f]{1,64})\nhost=([0-9a-f]{16}|)\nname=([!-~]{0,255})\n"
    rb"pid=([0-9]{1,10})\nstart=([0-9]{0,20})\n"
)
_ENDED = ("Z", "X", "x")
_MACHINE_ID = "/etc/machine-id"


class LockHolder(NamedTuple):
    """One run in one process. host and start are "" if the system does not report them."""

    run_id: str
    host: str
    name: str
    pid: int
    start: str

    @classmethod
    def here(cls, run_id: str) -> LockHolder:
        name = re.sub(r"[^!-~]", "?", os.uname().nodename)[:255]
        return cls(run_id, _host_id(), name, os.getpid(), _state(os.getpid())[1])

    @classmethod
    def parse(cls, content: bytes) -> Optional[LockHolder]:
        """Return the holder in a lock file; None if it is not (yet) a lock of this collection."""
        match = _TEXT.fullmatch(content)
        if match is None:
            return None
        run_id, host, name, pid, start = (group.decode("ascii") for group in match.groups())
        return cls(run_id, host, name, int(pid), start)

    def text(self) -> bytes:
        lines = "secure_sync lock 1\nrun=%s\nhost=%s\nname=%s\npid=%d\nstart=%s\n" % self
        return lines.encode("ascii")

    def same_host(self, other: LockHolder) -> bool:
        """Return whether both processes can see each other."""
        return self.host != "" and self.host == other.host

    def is_running(self) -> Optional[bool]:
        """Return whether the process still runs, on its own host; None if a process has its pid, and the system hides
        when it started (ProtectProc=invisible, hidepid): it may be a later process of another account.

        A zombie does not run: its end may never be collected, as in a container whose first process is not an init.
        """
        if self.pid <= 0:
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except (OSError, OverflowError):
            pass  # It is there and someone else's.
        state, start = _state(self.pid)
        if not state:
            return None
        return state not in _ENDED and (not start or not self.start or start == self.start)


def _host_id() -> str:
    try:
        with open(_MACHINE_ID, "rb") as file:
            machine = file.read(256)
        parts = [machine, boot_id(), os.readlink(b"/proc/self/ns/pid")]
    except OSError:
        return ""
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16] if all(parts) else ""


def _state(pid: int) -> Tuple[str, str]:
    """Return the process's state and start time, fields 3 and 22 of its stat file; "" if the system hides them."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            # The second field is the program's name, in parentheses, and may hold anything.
            fields = file.read(4096).rpartition(b")")[2].split()
            return fields[0].decode("ascii"), fields[19].decode("ascii")
    except (OSError, IndexError, UnicodeDecodeError):
        return "", ""


class Heartbeat:
    """From `start` to `stop` the file `name` in the directory `directory` is touched every `seconds`."""

    def __init__(self, directory: bytes, name: bytes, seconds: float) -> None:
        self._directory = directory
        self._name = name
        self._seconds = seconds
        self._ended = threading.Event()
        self._thread: Optional[threading.Thread] = None

    def start(self) -> None:
        self._thread = in_background(self._beat, name="lock heartbeat")

    def _beat(self) -> None:
        while not self._ended.wait(self._seconds):
            try:
                self._touch()
            except OSError:
                return  # A lock that cannot be touched looks stale in time; the run itself notices when it is taken.

    def _touch(self) -> None:
        directory = os.open(self._directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.utime(self._name, dir_fd=directory, follow_symlinks=False)
        finally:
            os.close(directory)

    def stop(self) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
