# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How ssh and ssh-add get a secret from us: a helper program and FIFOs, never argv, environment or a file."""

from __future__ import annotations

import contextlib
import os
from typing import Dict, List, NamedTuple

from ..system.child_processes import ChildProcesses

# $1 is the prompt. It may be a server's text, and stands in a file of its own: nothing in it can look like another
# question. The answer comes through a FIFO of this call's own. `head` ends at the first line, and the shell never holds
# the answer.
_HELPER = """#!/bin/sh
f="%(directory)s/answer.$$"
mkfifo -m 600 "$f" && exec 3<>"$f" || exit 1
printf '%%s' "$1" >"%(directory)s/prompt.$$" || exit 1
echo "$$" >"%(directory)s/ask"
exec head -n 1 <&3
"""


class Prompt(NamedTuple):
    """One question of an OpenSSH program; `number` names the helper that waits."""

    number: int
    text: str


class Askpass:
    """The channel: `fd` is readable when there is a question; `environment` makes OpenSSH programs ask here."""

    def __init__(self, guard: ChildProcesses) -> None:
        self._directory = guard.directory
        helper = guard.write("askpass", _HELPER % {"directory": guard.directory}, executable=True)
        os.mkfifo(guard.path("ask"), 0o600)
        # Read and write: so the FIFO never reports the end of file between two questions.
        self.fd = os.open(guard.path("ask"), os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        self._received = b""
        self.environment: Dict[str, str] = {"SSH_ASKPASS": helper, "SSH_ASKPASS_REQUIRE": "force"}

    def questions(self) -> List[Prompt]:
        with contextlib.suppress(BlockingIOError):
            self._received += os.read(self.fd, 65536)
        *numbers, self._received = self._received.split(b"\n")
        return [Prompt(int(number), self._text(int(number))) for number in numbers]

    def _text(self, number: int) -> str:
        name = os.path.join(self._directory, f"prompt.{number}")
        with open(name, encoding="utf-8", errors="surrogateescape", newline="") as file:
            text = file.read()
        os.unlink(name)
        return text

    def answer(self, prompt: Prompt, secret: str) -> None:
        """Answer one question; the empty answer means that there is none."""
        name = os.path.join(self._directory, f"answer.{prompt.number}")
        with contextlib.suppress(OSError):
            handle = os.open(name, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
            with os.fdopen(handle, "wb", buffering=0) as fifo:
                fifo.write(secret.encode("utf-8", "surrogateescape") + b"\n")
            os.unlink(name)

    def close(self) -> None:
        """Close the channel; may be called twice."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1
