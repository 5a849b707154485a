# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A private directory and child processes that never outlive this process, however it ends.

A directory may be on a file system in memory: a file there is gone with the power.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from typing import IO, Any, List, Optional, Tuple

from ..errors import InvalidRequest
from ..model.local_path import home_directory

# Reads process group ids and paths of directories, one a line. End of file means that the parent is gone, also by
# SIGKILL: end and remove them all.
_SCRIPT = """trap "" HUP INT TERM
while read -r line; do set -- "$@" "$line"; done
for each do case $each in /*) ;; *) kill -s KILL -- "-$each";; esac; done
for each do case $each in /*) rm -rf -- "$each";; esac; done
"""
_PREFIX = "ftp_sync-"
_STALE = 3600.0  # seconds; a directory is not locked in the first moment of its life
_FALLBACKS = ("/tmp", "/dev/shm")  # noqa: S108 - mkdtemp makes a private directory there
_LONGEST_DIRECTORY = 80  # leaves room for the names of sockets: sun_path holds 108 bytes, 104 on some systems
_KINDS = ("tmpfs", "ramfs")
_MOUNTS = "/proc/self/mountinfo"


def pipe(end: Optional[IO[bytes]]) -> IO[bytes]:
    """Return the end of a pipe that `ChildProcesses.start` was asked for."""
    if end is None:
        raise AssertionError("no pipe was asked for")
    return end


class ChildProcesses:
    """Owns one private directory (mode 0700) and the process groups started through it.

    A small shell waits on a pipe that only this process holds: when the pipe closes, it ends the groups and removes
    the directory. `close` does the same at once, in this process.

    in_memory: whether the directory must be on a file system in memory
    """

    def __init__(self, *, in_memory: bool = False) -> None:
        self.directory = _make_directory(in_memory=in_memory)
        self._lock = _locked(self.directory)
        self._children: List[subprocess.Popen[bytes]] = []
        self._directories = [self.directory]
        self._closed = False
        try:
            # run_command waits for its program's end, and this one lives on; pylint: disable-next=ansible-bad-function
            self._watcher: Optional[subprocess.Popen[bytes]] = subprocess.Popen(
                ["/bin/sh", "-c", _SCRIPT, "sh", self.directory],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                bufsize=0,
            )
        except OSError:
            shutil.rmtree(self.directory, ignore_errors=True)
            os.close(self._lock)
            raise

    def path(self, name: str) -> str:
        """Return the path of a file in the private directory."""
        return os.path.join(self.directory, name)

    def write(self, name: str, text: str, *, executable: bool = False) -> str:
        """Return a new file in the private directory, 0600 (0700 when executable); gives its path."""
        mode = stat.S_IRWXU if executable else stat.S_IRUSR | stat.S_IWUSR
        handle = os.open(self.path(name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, mode)
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8", "surrogateescape"))
        return self.path(name)

    def start(self, command: List[str], **options: Any) -> subprocess.Popen[bytes]:
        """Start a program (options as for Popen) in a session and process group of its own."""
        # run_command gives no pipe to a program that goes on; pylint: disable-next=ansible-bad-function
        child = subprocess.Popen(command, start_new_session=True, **options)
        self._children.append(child)
        self._watch(b"%d" % child.pid)
        return child

    def remove_too(self, directory: str) -> None:
        """Remove another directory at the end, which a program makes outside."""
        self._directories.append(directory)
        self._watch(os.fsencode(directory))

    def _watch(self, line: bytes) -> None:
        if self._watcher is not None and self._watcher.stdin is not None:
            with contextlib.suppress(OSError):
                self._watcher.stdin.write(line + b"\n")

    @staticmethod
    def has_ended(child: subprocess.Popen[bytes]) -> bool:
        """Return whether the program has ended. It stays unreaped, so that its number goes on naming its own group."""
        if child.returncode is None and hasattr(os, "waitid"):
            return os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        return child.poll() is not None

    def end(self, child: subprocess.Popen[bytes]) -> None:
        """End one program and all that it started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if child.returncode is None:
                os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        if child in self._children:
            self._children.remove(child)

    def close(self) -> None:
        """End everything and remove the directory; may be called twice."""
        if self._closed:
            return
        self._closed = True
        watcher, self._watcher = self._watcher, None
        if watcher is not None:
            watcher.kill()
            watcher.wait()
            if watcher.stdin is not None:
                watcher.stdin.close()
        for child in list(self._children):
            self.end(child)
        for directory in self._directories:
            shutil.rmtree(directory, ignore_errors=True)
        os.close(self._lock)


def _make_directory(*, in_memory: bool) -> str:
    """Return a fresh private directory from which a helper can be executed, or one in memory; raises InvalidRequest
    when there is no place."""
    fits = is_in_memory if in_memory else _runs_programs
    for parent in (tempfile.gettempdir(), os.environ.get("XDG_RUNTIME_DIR"), *_FALLBACKS, home_directory()):
        if parent and _is_plain(parent) and fits(parent):
            with contextlib.suppress(OSError):
                _sweep(parent)
                return tempfile.mkdtemp(prefix=_PREFIX, dir=parent)
    if in_memory:
        raise InvalidRequest(
            "no file system in memory (tmpfs) is usable for private keys",
            cure="Mount a tmpfs on /dev/shm on this host.",
        )
    raise InvalidRequest(
        "no directory is usable for private files: all are read-only, mounted noexec, or have long or special names",
        cure="Set TMPDIR to a writable directory with a short name on a file system that is not mounted noexec.",
    )


def _locked(directory: str) -> int:
    """Return a descriptor that holds the directory's lock for as long as its owner lives; raises OSError if it is
    taken."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise
    return handle


def _sweep(parent: str) -> None:
    """Remove directories of runs that were killed together with their shell: old, of this user, and not locked."""
    for entry in os.scandir(parent):
        if not entry.name.startswith(_PREFIX):
            continue
        with contextlib.suppress(OSError):
            status = entry.stat(follow_symlinks=False)
            if stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid() and time.time() - status.st_mtime > _STALE:
                handle = _locked(entry.path)
                shutil.rmtree(entry.path, ignore_errors=True)
                os.close(handle)


def _is_plain(parent: str) -> bool:
    plain = parent.isascii() and all(char.isalnum() or char in "/._-+=@" for char in parent)
    return plain and os.path.isabs(parent) and len(parent) < _LONGEST_DIRECTORY


def _runs_programs(parent: str) -> bool:
    with contextlib.suppress(OSError):
        return not os.statvfs(parent).f_flag & getattr(os, "ST_NOEXEC", 8)
    return False


def is_in_memory(path: str) -> bool:
    """Return whether a directory is in memory; False if that cannot be found out."""
    try:
        device = os.stat(path).st_dev
        with open(_MOUNTS, encoding="utf-8", errors="replace") as mounts:
            kinds = dict(map(_device_and_kind, mounts))
    except (OSError, ValueError, IndexError):
        return False
    return kinds.get(f"{os.major(device)}:{os.minor(device)}") in _KINDS


def _device_and_kind(line: str) -> Tuple[str, str]:
    """Return device and kind of a line of proc_pid_mountinfo(5)."""
    before, _dash, after = line.partition(" - ")
    return before.split()[2], after.split()[0]
