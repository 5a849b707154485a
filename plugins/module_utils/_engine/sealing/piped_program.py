# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a program that turns one stream into another, with secrets and answers on further pipes.

Secrets are in no argument, environment or file. The program has ended when `run_piped` returns or raises; its guard
ends it if this process is killed.

One loop serves all pipes of a program, so that no pipe can block another. Programs that seal and open files have
versions.
"""

from __future__ import annotations

import os
import re
import selectors
import shutil
import subprocess
from contextlib import ExitStack
from typing import IO, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

from ..errors import SealingUnavailable
from ..system.child_processes import ChildProcesses, pipe
from ..system.program import ask_program
from .provider import BLOCK, Read, Write

_MOST_TEXT = 1 << 16
_VERSION = re.compile(r"([0-9]{1,9})\.([0-9]{1,9})")


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


class Feed:
    """One input of the program. whole: whether the program took all bytes"""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._pending = memoryview(b"")
        self.whole = False

    def move(self, end: int) -> bool:
        """Write as much as the pipe takes; return whether to go on."""
        if not self._pending:
            self._pending = memoryview(self._read(BLOCK))
            self.whole = not self._pending
        try:
            self._pending = self._pending[os.write(end, self._pending) :]
        except BlockingIOError:
            return True
        except BrokenPipeError:  # the program ended early
            self.whole = False
            return False
        return not self.whole


class Text:
    """One output of the program as text, of which the first 64 KiB are kept."""

    def __init__(self) -> None:
        self._kept = b""

    def take(self, data: bytes) -> None:
        self._kept += data[: _MOST_TEXT - len(self._kept)]

    def __str__(self) -> str:
        return self._kept.decode("utf-8", "replace")


class Pump:
    """Moves bytes until all pipes are closed. Each pipe is closed at its end."""

    def __init__(self) -> None:
        self._pipes: List[Tuple[IO[bytes], int, Callable[[int], bool]]] = []

    def feed(self, pipe: IO[bytes], read: Read) -> Feed:
        feed = Feed(read)
        os.set_blocking(pipe.fileno(), False)
        self._pipes.append((pipe, selectors.EVENT_WRITE, feed.move))
        return feed

    def drain(self, pipe: IO[bytes], write: Write) -> None:

        def move(end: int) -> bool:
            data = os.read(end, BLOCK)
            if data:
                write(data)
            return bool(data)

        self._pipes.append((pipe, selectors.EVENT_READ, move))

    def run(self) -> None:
        """Raises the errors of all `read` and `write`."""
        with selectors.DefaultSelector() as selector:
            for pipe in self._pipes:
                selector.register(*pipe)
            while selector.get_map():
                for key, _events in selector.select():
                    if not key.data(key.fd):
                        selector.unregister(key.fileobj)
                        key.fileobj.close()  # type: ignore[union-attr]


def find_program(name: str, oldest: Tuple[int, int], *, needs: str, cure: str) -> str:
    """Return the path of a program; a version that it does not show is trusted. Raises SealingUnavailable.

    needs: the message if it is not there
    """
    program = shutil.which(name)
    if program is None:
        raise SealingUnavailable(needs, cure=cure)
    version = _VERSION.search(ask_program(program, "--version").out.partition("\n")[0])
    if version is not None and (int(version.group(1)), int(version.group(2))) < oldest:
        raise SealingUnavailable(f"format: the program {name} has the version {version.group()}", cure=cure)
    return program
