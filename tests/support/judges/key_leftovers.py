# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private keys in memory and agents of GnuPG that runs of the collection left behind.

Runs of other tests must not be taken for leftovers, so a test gives its runs a place in memory of their own:

with private_memory() as memory:
    ...  # a run, its end or its death
    wait_until_gone(memory)
"""

from __future__ import annotations

__all__ = ["leftovers", "private_memory", "wait_until_gone"]

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from ..running.patience import HANG_SECONDS
from ..running.processes import alive


@contextmanager
def private_memory() -> Iterator[Path]:
    """Make a directory in memory, which runs prefer to /dev/shm, in this process and in those that it starts."""
    directory = Path(tempfile.mkdtemp(prefix="sync-test-", dir="/dev/shm"))
    try:
        with patch.dict(os.environ, XDG_RUNTIME_DIR=str(directory)):
            yield directory
    finally:
        shutil.rmtree(directory)


def leftovers(memory: Path) -> set[str]:
    """Return the directories of runs there, and the numbers of their agents."""
    agents = subprocess.run(["pgrep", "--full", f"gpg-agent.*{memory}"], capture_output=True, text=True, check=False)
    pids = {pid for pid in agents.stdout.split() if alive(int(pid))}
    return {str(path) for path in memory.iterdir()} | pids


def wait_until_gone(memory: Path) -> None:
    """Wait until nothing is left."""
    deadline = time.monotonic() + HANG_SECONDS
    while leftovers(memory):
        assert time.monotonic() < deadline, leftovers(memory)
        time.sleep(0.02)
