# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Packages of Node.js for servers of the tests, at the versions of a lock file; fetched once, then kept."""

from __future__ import annotations

__all__ = ["node_packages"]

import fcntl
import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

_CACHE = Path(__file__).parents[3] / ".cache" / "node"
_FILES = ("package.json", "package-lock.json")


def node_packages(wanted: Path) -> Path:
    """Return a directory whose `node_modules` has the packages of the package.json in `wanted`.

    The lock file has the hash of each package, but not its source: the user's npm configuration decides that. Scripts
    of packages are not run.
    """
    key = hashlib.sha256(b"".join((wanted / name).read_bytes() for name in _FILES)).hexdigest()[:16]
    target = _CACHE / key
    _CACHE.mkdir(parents=True, exist_ok=True)
    with open(_CACHE / f"{key}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.is_dir():
            _fetch(wanted, target)
    return target


def _fetch(wanted: Path, target: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="making-", dir=_CACHE) as work:
        place = Path(work, "packages")
        place.mkdir()
        for name in _FILES:
            shutil.copyfile(wanted / name, place / name)
        options = ["--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund", "--no-update-notifier"]
        done = subprocess.run(["npm", "ci", *options], cwd=place, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"npm ci failed:\n{done.stderr}")
        place.rename(target)
