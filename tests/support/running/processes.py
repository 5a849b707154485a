# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Processes that cannot outlive the test run.

`spawn` starts a program that the kernel kills when the thread that started it ends, so that also a killed pytest leaves
nothing behind (prctl(2), PR_SET_PDEATHSIG). `confine` adds a PID namespace, where the end of the first process ends all
of its descendants. `orphans` finds the remaining processes of a tested program by a mark in their environment.
"""

from __future__ import annotations

__all__ = ["MARK", "alive", "confine", "descendants", "end", "end_all", "lingering", "mark", "orphans", "spawn"]

import os
import select
import signal
import subprocess
import time
import uuid
from pathlib import Path
from typing import Any, Iterable, Iterator, Sequence

from .patience import HANG_SECONDS

MARK = "SECURE_FTP_SYNCHRONIZE_TEST_MARK"


def spawn(argv: Sequence[str], **popen: Any) -> subprocess.Popen:
    """Start `argv`; it gets SIGKILL when the calling thread ends, so start servers from the main thread."""
    return subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "--", *argv], **popen)


def confine(argv: Sequence[str]) -> list[str]:
    """Return the command that runs `argv` in mount and PID namespaces of its own. Root only."""
    return ["unshare", "--mount", "--pid", "--fork", "--kill-child=KILL", "--", *argv]


def end(process: subprocess.Popen, timeout: float = 10.0) -> None:
    """Kill `process` and its present descendants, and return when all of them are gone."""
    end_all([process.pid, *descendants(process.pid)], timeout)
    process.wait(timeout)


def end_all(pids: Iterable[int], timeout: float = 10.0) -> None:
    """Kill these processes, and return when all of them are gone."""
    watched = list(_open_pidfds(pids))
    try:
        for descriptor in watched:
            _signal(descriptor, signal.SIGKILL)
        deadline = time.monotonic() + timeout
        for descriptor in watched:
            _wait_gone(descriptor, deadline)
    finally:
        for descriptor in watched:
            os.close(descriptor)


def alive(pid: int) -> bool:
    """Return whether `pid` still runs; one that ended and was not yet waited for by its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0] not in (b"Z", b"X")
    except OSError:
        return False


def descendants(pid: int) -> list[int]:
    """Return the ids of the children of `pid`, their children, and so on, parents first."""
    children: dict[int, list[int]] = {}
    for child, parent in _parents():
        children.setdefault(parent, []).append(child)
    found = list(children.get(pid, []))
    for each in found:
        found.extend(children.get(each, []))
    return found


def mark() -> dict[str, str]:
    """Return an environment variable that makes a program and all that it starts recognisable."""
    return {MARK: uuid.uuid4().hex}


def orphans(marked: dict[str, str]) -> dict[int, str]:
    """Return the running processes, id -> command line, that carry the mark made by `mark`."""
    needle = f"{MARK}={marked[MARK]}".encode()
    found = {}
    for directory in _process_directories():
        try:
            if needle in (directory / "environ").read_bytes().split(b"\0"):
                found[int(directory.name)] = (
                    (directory / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                )
        except OSError:
            continue
    return {pid: line for pid, line in found.items() if line}


def lingering(marked: dict[str, str], seconds: float = HANG_SECONDS) -> dict[int, str]:
    """Return the processes that `orphans` still finds after up to `seconds`: empty as soon as all have ended."""
    deadline = time.monotonic() + seconds
    while True:
        left = orphans(marked)
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(0.02)


def _process_directories() -> Iterator[Path]:
    return (Path("/proc", name) for name in os.listdir("/proc") if name.isdigit())


def _parents() -> Iterator[tuple[int, int]]:
    for directory in _process_directories():
        try:
            # The command name, in brackets, may contain blanks and brackets: read after the last bracket.
            fields = (directory / "stat").read_bytes().rpartition(b")")[2].split()
        except OSError:
            continue
        yield int(directory.name), int(fields[1])


def _open_pidfds(pids: Iterable[int]) -> Iterator[int]:
    for pid in pids:
        try:
            yield os.pidfd_open(pid)
        except ProcessLookupError:
            continue


def _signal(pidfd: int, number: int) -> None:
    try:
        signal.pidfd_send_signal(pidfd, number)
    except ProcessLookupError:
        return


def _wait_gone(pidfd: int, deadline: float) -> None:
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
        raise TimeoutError("a process did not end after SIGKILL")
