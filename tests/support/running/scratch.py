# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private temporary directories that also go when the run that made them was killed: the next run sweeps them up."""

from __future__ import annotations

__all__ = ["scratch"]

import functools
import os
import shutil
import tempfile
import time
from pathlib import Path

from .processes import alive

_PREFIX = "sync-test-"
_OLD_SECONDS = 3600.0


def scratch(kind: str) -> Path:
    """Make a directory, 0700, that the caller removes."""
    _sweep()
    return Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{kind}-{os.getpid()}-"))


@functools.lru_cache(maxsize=1)
def _sweep() -> None:
    """Remove directories of ended runs. The minimum age protects runs in other PID namespaces."""
    for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        owner = left.name.split("-")[3]
        try:
            status = left.lstat()
        except FileNotFoundError:
            continue  # another run was faster
        old = time.time() - status.st_mtime > _OLD_SECONDS
        if status.st_uid == os.geteuid() and old and not (owner.isdigit() and alive(int(owner))):
            shutil.rmtree(left, ignore_errors=True)
