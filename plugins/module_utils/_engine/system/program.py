# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run programs of this machine to their end: without a shell, for a limited time, with secrets on standard input, not
in argv."""

from __future__ import annotations

import subprocess
from typing import NamedTuple, Optional

from ..errors import OperationFailed

_SECONDS = 120


class Completed(NamedTuple):
    """The result of a program: its exit status, and its output as text."""

    status: int
    out: str
    err: str


def ask_program(*words: str, seconds: float = _SECONDS, stdin: Optional[str] = None, output: bool = True) -> Completed:
    """Run it and return its result. stdin: text for its standard input that must not be in argv. output: whether its
    output is kept in memory, which has no limit: False if a peer chooses it.

    Raises FileNotFoundError if it does not exist, OperationFailed.
    """
    kept = subprocess.PIPE if output else subprocess.DEVNULL
    try:
        # The engine knows no module, and so no run_command; pylint: disable-next=ansible-bad-function
        done = subprocess.run(
            words,
            **({"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}),
            stdout=kept,
            stderr=kept,
            encoding="utf-8",
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except FileNotFoundError:
        raise
    except (OSError, subprocess.TimeoutExpired) as error:
        raise OperationFailed(f"{words[0]}: {error}") from None
    return Completed(done.returncode, done.stdout or "", done.stderr or "")


def run_program(*words: str, stdin: Optional[str] = None) -> None:
    """Run it. Raises OperationFailed with the program's output if it cannot be run or fails."""
    try:
        completed = ask_program(*words, stdin=stdin)
    except FileNotFoundError:
        raise OperationFailed(f"{words[0]} is not installed", cure="Install it on this host.") from None
    if completed.status:
        why = " ".join((completed.err or completed.out).split())
        raise OperationFailed(f"{' '.join(words)} failed: {why or 'no reason given'}")
