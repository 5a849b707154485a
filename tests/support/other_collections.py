# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Collections of others that examples use, as the `ansible` package of PyPI carries them: fetched once, then kept.

Only the package's files are taken: it is not installed, and nothing of it runs but what a test calls.
"""

from __future__ import annotations

__all__ = ["with_collection"]

import functools
import subprocess
import sys
import zipfile
from pathlib import Path

from .cache import kept

PACKAGE = "ansible==14.5.0"


def with_collection(name: str) -> str:
    """Give a directory for ANSIBLE_COLLECTIONS_PATH that holds the collection, such as "community.general"."""
    return str(kept("collections", [PACKAGE, name], functools.partial(_extract, name)))


def _extract(name: str, target: Path) -> None:
    (wheel,) = kept("wheels", [PACKAGE], _fetch).glob("*.whl")
    wanted = f"ansible_collections/{name.replace('.', '/')}/"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target, [each for each in archive.namelist() if each.startswith(wanted)])


def _fetch(target: Path) -> None:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*pip, "--only-binary=:all:", f"--dest={target}", PACKAGE], check=True, stdin=subprocess.DEVNULL)
