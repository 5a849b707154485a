# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a program that turns one stream into another, with secrets and answers on further pipes.

Secrets are in no argument, environment or file. The program has ended when `run_piped` returns or raises; its guard
ends it if this process is killed.
"""

from __future__ import annotations

import os
import subprocess
from contextlib import ExitStack
from typing import IO, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

from ..system.child_processes import ChildProcesses, pipe
from .provider import Read, Write
from .pump import Pump, Text


class Ended(NamedTuple):
    """The end of a program.

    status: exit status
    messages: its standard error
    answers: from the descriptor for answers
    whole: whether it read its input to the end
    """

    status: int
    messages: str
    answers: str
    whole: bool


def run_piped(
    guard: ChildProcesses,
    words: Callable[[Sequence[int], int], List[str]],
    read: Read,
    write: Write,
    *,
    secrets: Sequence[bytes] = (),
    environment: Optional[Dict[str, str]] = None,
) -> Ended:
    """Run the program. Raises OSError, and the errors of `read` and `write`.

    words: returns the command, from the descriptors of the secrets and the descriptor for answers
    """
    pump, messages, answers = Pump(), Text(), Text()
    with ExitStack() as stack:
        inputs = [_pipe(stack) for _secret in secrets]
        answering, answered = _pipe(stack)
        theirs = [*(reading for reading, _writing in inputs), answered]
        fds = [end.fileno() for end in theirs]
        child = guard.start(
            words(fds[:-1], fds[-1]),
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=fds,
            env=dict(os.environ, LC_ALL="C", **(environment or {})),
        )
        stack.enter_context(child)
        stack.callback(guard.end, child)
        for end in theirs:
            end.close()
        for (_reading, writing), secret in zip(inputs, secrets):
            pump.feed(writing, once(secret))
        feed = pump.feed(pipe(child.stdin), read)
        for output, take in ((child.stdout, write), (child.stderr, messages.take), (answering, answers.take)):
            pump.drain(pipe(output), take)
        pump.run()
        status = child.wait()
    return Ended(status, str(messages), str(answers), feed.whole)


def _pipe(stack: ExitStack) -> Tuple[IO[bytes], IO[bytes]]:
    """Return both ends of a new pipe, for reading and for writing."""
    reading, writing = os.pipe()
    return (
        stack.enter_context(os.fdopen(reading, "rb", buffering=0)),
        stack.enter_context(os.fdopen(writing, "wb", buffering=0)),
    )


def once(content: bytes) -> Read:
    """Return a function that reads `content`."""
    left = [content]

    def read(count: int) -> bytes:
        piece, left[0] = left[0][:count], left[0][count:]
        return piece

    return read
