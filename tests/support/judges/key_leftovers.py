# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""Private keys in memory and agents of GnuPG that runs of the collection left behind.

before = leftovers()
...  # a run, its end or its death
wait_until_gone(before)
"""

from __future__ import annotations

__all__ = ["leftovers", "wait_until_gone"]

import subprocess
import time
from pathlib import Path

from ..running.patience import HANG_SECONDS
from ..running.processes import alive

_MEMORY = Path("/dev/shm")  # noqa: S108 - where runs keep private keys


def leftovers() -> set[str]:
    """Return the directories of runs in memory, and the agents."""
    agents = subprocess.run(["pgrep", "--full", "gpg-agent.*ftp_sync-"], capture_output=True, text=True, check=False)
    pids = {pid for pid in agents.stdout.split() if alive(int(pid))}
    return {str(path) for path in _MEMORY.glob("ftp_sync-*")} | pids


def wait_until_gone(before: set[str]) -> None:
    """Wait until there is nothing more than before."""
    deadline = time.monotonic() + HANG_SECONDS
    while leftovers() - before:
        assert time.monotonic() < deadline, leftovers() - before
        time.sleep(0.02)
