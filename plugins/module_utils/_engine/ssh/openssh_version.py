# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check whether the engine can use the OpenSSH client on PATH."""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
from typing import Optional, Tuple

OLDEST_OPENSSH = (8, 5)
"""KnownHostsCommand and LogVerbose came with 8.5, SSH_ASKPASS_REQUIRE with 8.4."""

_VERSION = re.compile(r"OpenSSH_(?:for_Windows_)?([0-9]+)\.([0-9]+)")


def find_openssh() -> Optional[str]:
    """Return the path of `ssh`; None if there is none."""
    return shutil.which("ssh")


def ask_openssh() -> None:
    """Start to read the version of the `ssh` on PATH, so that `openssh_version` need not wait."""
    program = find_openssh()
    if program is not None:
        _asked(program)


def openssh_version() -> Optional[Tuple[int, int]]:
    """Return the version of the `ssh` on PATH; None if there is none or it is not OpenSSH."""
    program = find_openssh()
    return None if program is None else _asked(program).version


class _Asked:
    """A program that was started to print its version, within ten seconds."""

    def __init__(self, program: str) -> None:
        try:
            # The engine knows no module, and so no run_command; pylint: disable-next=ansible-bad-function
            self._process: Optional[subprocess.Popen[bytes]] = subprocess.Popen(
                [program, "-V"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            )
        except OSError:
            self._process = None

    @functools.cached_property
    def version(self) -> Optional[Tuple[int, int]]:
        """Return the version; None if it is not OpenSSH, or prints nothing."""
        if self._process is None:
            return None
        with self._process as process:
            try:
                output, _nothing = process.communicate(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                return None
        match = _VERSION.search(output.decode("ascii", "replace"))
        return (int(match.group(1)), int(match.group(2))) if match else None


_asked = functools.cache(_Asked)
