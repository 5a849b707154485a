# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the OpenSSH client on PATH is one that the engine can use."""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
from typing import Optional, Tuple

__all__ = ["OLDEST_OPENSSH", "find_openssh", "openssh_version"]

OLDEST_OPENSSH = (8, 5)
"""KnownHostsCommand and LogVerbose came with 8.5, SSH_ASKPASS_REQUIRE with 8.4."""

_VERSION = re.compile(r"OpenSSH_(?:for_Windows_)?([0-9]+)\.([0-9]+)")


def find_openssh() -> Optional[str]:
    """The path of `ssh`; None if there is none."""
    return shutil.which("ssh")


def openssh_version() -> Optional[Tuple[int, int]]:
    """The version of the `ssh` on PATH; None if there is none or it is not OpenSSH."""
    program = find_openssh()
    return None if program is None else _version_of(program)


@functools.cache
def _version_of(program: str) -> Optional[Tuple[int, int]]:
    try:
        # The engine knows no module, and so no run_command; pylint: disable-next=ansible-bad-function
        done = subprocess.run([program, "-V"], stdin=subprocess.DEVNULL, capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = _VERSION.search((done.stderr + done.stdout).decode("ascii", "replace"))
    return (int(match.group(1)), int(match.group(2))) if match else None
