# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run programs of this machine to their end: without a shell, for a limited time, with secrets on standard input, not
in argv."""

from __future__ import annotations

import subprocess
from typing import NamedTuple, Optional

from ..errors import OperationFailed

__all__ = ["Said", "ask_program", "run_program"]

_SECONDS = 120


class Said(NamedTuple):
    """The result of a program: its exit status, and its output as text."""

    status: int
    out: str
    err: str


def ask_program(*words: str, seconds: float = _SECONDS, told: Optional[str] = None) -> Said:
    """Run it and return its result. told: text for its standard input that must not be in argv.

    Raises FileNotFoundError if it does not exist, OperationFailed.
    """
    try:
        # The engine knows no module, and so no run_command; pylint: disable-next=ansible-bad-function
        done = subprocess.run(
            words,
            **({"stdin": subprocess.DEVNULL} if told is None else {"input": told}),
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except FileNotFoundError:
        raise
    except (OSError, subprocess.TimeoutExpired) as error:
        raise OperationFailed("%s: %s" % (words[0], error)) from None
    return Said(done.returncode, done.stdout, done.stderr)


def run_program(*words: str, told: Optional[str] = None) -> None:
    """Run it. Raises OperationFailed with the program's output if it cannot be run or fails."""
    try:
        said = ask_program(*words, told=told)
    except FileNotFoundError:
        raise OperationFailed("%s is not installed" % words[0], cure="Install it on this host.") from None
    if said.status:
        why = " ".join((said.err or said.out).split())
        raise OperationFailed("%s failed: %s" % (" ".join(words), why or "no word of why"))
