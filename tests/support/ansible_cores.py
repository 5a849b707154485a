# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Other versions of ansible-core than that of the virtual environment: fetched once, then kept. The environment has
their dependencies.

subprocess.run([*playbook_command("2.19.14"), "-i", "hosts", "play.yml"])
"""

from __future__ import annotations

__all__ = ["CORES", "playbook_command"]

import fcntl
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

CORES = ("2.19.14", "2.20.10", "2.22.0rc1")
"""The newest of each further series that the collection supports."""
_CACHE = Path(__file__).parents[2] / ".cache" / "cores"


def playbook_command(version: str = "") -> list[str]:
    """Return the words that start ansible-playbook of a version, or of the virtual environment."""
    if not version:
        return [str(Path(sys.executable).with_name("ansible-playbook"))]
    return ["env", f"PYTHONPATH={_core(version)}", sys.executable, "-m", "ansible", "playbook"]


def _core(version: str) -> Path:
    kept = _CACHE / version
    _CACHE.mkdir(parents=True, exist_ok=True)
    with open(_CACHE / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.is_dir():
            _fetch(version, kept)
    return kept


def _fetch(version: str, kept: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="fetching-", dir=_CACHE) as work:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        words = [*pip, "--only-binary=:all:", f"--target={work}/core", f"ansible-core=={version}"]
        subprocess.run(words, check=True, stdin=subprocess.DEVNULL)
        shutil.move(Path(work, "core"), kept)
