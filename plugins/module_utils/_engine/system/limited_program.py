# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program without a shell and without input, with a time limit and limits of its output. It runs in a process group
of its own, which is ended with it."""

from __future__ import annotations

import os
import selectors
import subprocess
import time
from contextlib import closing
from typing import Callable, Dict, NamedTuple, Sequence

from .child_processes import ChildProcesses, pipe

LARGEST_ERROR = 1 << 16
"""Bytes of the standard error of which all are returned. Of more, the first are returned, one more than that."""
_LARGEST = 1 << 20
_PAUSE = 0.02


class Ended(NamedTuple):
    """status: as of subprocess. given_up: why the program was ended early, or ''."""

    status: int
    printed: bytes
    said: bytes
    given_up: str

    @property
    def fact(self) -> str:
        """Return the reason of a failure; "" for status 0."""
        if self.given_up or not self.status:
            return self.given_up
        return f"ended with status {self.status}" if self.status > 0 else f"was ended by signal {-self.status}"


def run_limited(
    words: Sequence[str],
    seconds: float,
    *,
    descriptors: Sequence[int] = (),
    meanwhile: Callable[[], object] = bool,
) -> Ended:
    """Run a program to its end. descriptors: that it inherits. meanwhile: called now and then. Raises OSError.

    The program has ended when it ends itself: what it started may have its pipes for longer.
    """
    with closing(ChildProcesses()) as processes:
        child = processes.start(
            list(words),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=tuple(descriptors),
        )
        with pipe(child.stdout) as out, pipe(child.stderr) as err:
            found: Dict[int, bytearray] = {out.fileno(): bytearray(), err.fileno(): bytearray()}
            fact = _read(child, found, seconds, meanwhile)
        processes.end(child)
        printed, said = map(bytes, found.values())
    return Ended(child.returncode, printed, said, fact)


def _read(
    child: subprocess.Popen[bytes], found: Dict[int, bytearray], seconds: float, meanwhile: Callable[[], object]
) -> str:
    """Read the output and the standard error; return the reason to give the program up, if any."""
    (out, printed), (err, said) = found.items()
    until, fact = time.monotonic() + seconds, ""
    with selectors.DefaultSelector() as selector:
        for descriptor in (out, err):
            selector.register(descriptor, selectors.EVENT_READ)
        while not fact:
            ended = ChildProcesses.has_ended(child)  # before it reads: all output is in the pipes then
            meanwhile()
            ready = selector.select(0 if ended else _PAUSE)
            if ended and not ready:
                break
            for key, _events in ready:
                chunk = os.read(key.fd, LARGEST_ERROR)
                found[key.fd] += chunk
                if not chunk:
                    selector.unregister(key.fd)
            if len(printed) > _LARGEST:
                fact = f"printed more than {_LARGEST >> 20} MiB"
            elif len(said) > 2 * LARGEST_ERROR:
                del said[LARGEST_ERROR + 1 :]
            if time.monotonic() > until:
                fact = f"did not end within {seconds:g} seconds"
    return fact
