# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One program of a host, with its output in a file: for a limited time, of a limited size, without a shell."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
from typing import IO, NamedTuple, Optional, Sequence

__all__ = ["Ran", "run_into"]

_BLOCK = 1 << 18
_MOST_WORDS = 2000
_SECONDS = 600.0


class Ran(NamedTuple):
    """status: None if it is not installed. size: bytes of output. whole: False if it was ended for time or size."""

    status: Optional[int]
    size: int = 0
    whole: bool = True
    words: str = ""


def run_into(file: IO[bytes], words: Sequence[str], most: int, *, seconds: float = _SECONDS) -> Ran:
    """Run a program, and write at most so many bytes of its output. Raises OSError of the file."""
    program = shutil.which(words[0], path=os.defpath + ":/usr/sbin:/sbin")
    if program is None:
        return Ran(None)
    with tempfile.TemporaryFile() as errors:
        # The engine knows no module, and so no run_command; pylint: disable-next=ansible-bad-function
        child = subprocess.Popen(
            [program, *words[1:]],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env={"PATH": os.defpath + ":/usr/sbin:/sbin", "LC_ALL": "C", "TZ": "UTC", "SYSTEMD_COLORS": "0"},
        )
        limit = threading.Timer(seconds, child.kill)
        limit.start()
        try:
            size, whole = _copied(child, file, most)
        finally:
            limit.cancel()
            child.kill()
            status = child.wait()
        errors.seek(0)
        return Ran(status, size, whole and status >= 0, errors.read(_MOST_WORDS).decode("utf-8", "replace"))


def _copied(child: subprocess.Popen[bytes], file: IO[bytes], most: int) -> tuple[int, bool]:
    size, output = 0, child.stdout
    if output is None:
        raise AssertionError("the program has no output")
    with output:
        while True:
            data = output.read(_BLOCK)
            if not data:
                child.wait()  # so that its own status counts
                return size, True
            size += len(data)
            if size > most:
                return size - len(data), False
            file.write(data)
