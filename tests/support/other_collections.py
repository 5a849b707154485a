# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Collections of others that examples use, as the `ansible` package of PyPI carries them: fetched once, then kept.

Only the package's files are taken: it is not installed, and nothing of it runs but what a test calls.
"""

from __future__ import annotations

__all__ = ["with_collection"]

import fcntl
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "ansible==14.5.0"
_CACHE = Path(__file__).parents[2] / ".cache" / "other-collections"


def with_collection(name: str) -> str:
    """Give a directory for ANSIBLE_COLLECTIONS_PATH that holds the collection, such as "community.general"."""
    kept = _CACHE / PACKAGE / name
    _CACHE.mkdir(parents=True, exist_ok=True)
    with open(_CACHE / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.is_dir():
            _fetch(name, kept)
    return str(kept)


def _fetch(name: str, kept: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="fetching-", dir=_CACHE) as work:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*pip, "--only-binary=:all:", f"--dest={work}", PACKAGE], check=True, stdin=subprocess.DEVNULL)
        (wheel,) = Path(work).glob("*.whl")
        wanted = f"ansible_collections/{name.replace('.', '/')}/"
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(Path(work, "out"), [each for each in archive.namelist() if each.startswith(wanted)])
        kept.parent.mkdir(exist_ok=True)
        shutil.move(Path(work, "out"), kept)
