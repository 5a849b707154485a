# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One program of a host, with its output in a file of limited size: for a limited time, without a shell."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
from typing import NamedTuple, Optional, Protocol, Sequence

_BLOCK = 1 << 18
_MOST_WORDS = 2000
_SECONDS = 600.0


class Output(Protocol):
    """Where the output goes."""

    def write(self, data: bytes) -> object: ...


class Ran(NamedTuple):
    """status: None if it is not installed. size: bytes of output. whole: False if it was ended for its time."""

    status: Optional[int]
    size: int = 0
    whole: bool = True
    words: str = ""


def run_into(output: Output, words: Sequence[str], *, seconds: float = _SECONDS) -> Ran:
    """Run a program, and write its output. Raises OSError of the output."""
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
            size = _copied(child, output)
        finally:
            limit.cancel()
            child.kill()
            status = child.wait()
        errors.seek(0)
        return Ran(status, size, status >= 0, errors.read(_MOST_WORDS).decode("utf-8", "replace"))


def _copied(child: subprocess.Popen[bytes], output: Output) -> int:
    size, source = 0, child.stdout
    if source is None:
        raise AssertionError("the program has no output")
    with source:
        for data in iter(lambda: source.read(_BLOCK), b""):
            size += len(data)
            output.write(data)
    child.wait()  # so that its own status counts
    return size
