# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of a program by the clock."""

from __future__ import annotations

__all__ = ["Failed", "timed"]

import os
import select
import subprocess
import time
from pathlib import Path
from typing import Any

from ..support.running.processes import end
from .contender import Command

_LIMIT = 400.0


class Failed(Exception):
    """The program ended badly or not at all."""


def timed(command: Command, directory: Path) -> tuple[float, str]:
    """Run a program from its start to its end. Gives the seconds and its standard output. Raises Failed."""
    words, output, errors = (directory / each for each in ("stdin", "stdout", "stderr"))
    words.write_text(command.stdin)
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(directory), **command.environment}
    with open(words, "rb") as stdin, open(output, "wb") as stdout, open(errors, "wb") as stderr:
        start = time.perf_counter()
        process = _started(command, stdin=stdin, stdout=stdout, stderr=stderr, cwd=directory, env=environment)
        try:
            _await(process)
            seconds = time.perf_counter() - start
        finally:
            end(process)
    if process.returncode:
        told = (output.read_text(errors="replace") + errors.read_text(errors="replace"))[-400:]
        raise Failed(f"exit status {process.returncode}: {' '.join(told.split())}")
    return seconds, output.read_text(errors="replace")


def _started(command: Command, **options: Any) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(command.argv, **options)
    except FileNotFoundError:
        raise Failed(f"there is no {command.argv[0]}") from None


def _await(process: subprocess.Popen[bytes]) -> None:
    """Return at the very end of the process; Popen.wait with a time limit would look every 50 ms only."""
    descriptor = os.pidfd_open(process.pid)
    try:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        if not poll.poll(_LIMIT * 1000):
            raise Failed(f"not done after {_LIMIT:.0f} s")
    finally:
        os.close(descriptor)
