# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An environment of Python for what must not share its libraries with the tests: made once, then kept."""

from __future__ import annotations

__all__ = ["judge"]

import fcntl
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

_WANTED = Path(__file__).with_name("judges.txt")
_CACHE = Path(__file__).parents[2] / ".cache" / "judges"


def judge(program: str) -> str:
    """Give the path of a program of that environment, such as "sslyze" or "python"; about 20 s when it is new."""
    key = hashlib.sha256(_WANTED.read_bytes() + sys.version.encode()).hexdigest()[:16]
    target = _CACHE / key
    _CACHE.mkdir(parents=True, exist_ok=True)
    with open(_CACHE / f"{key}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (target / "whole").exists():
            shutil.rmtree(target, ignore_errors=True)
            subprocess.run([sys.executable, "-m", "venv", str(target)], check=True)
            install = [str(target / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            subprocess.run([*install, "-r", str(_WANTED)], check=True, stdin=subprocess.DEVNULL)
            (target / "whole").touch()
    return str(target / "bin" / program)
