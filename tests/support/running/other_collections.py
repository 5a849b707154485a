# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Third-party collections for examples, from the `ansible` package of PyPI: fetched once, then kept.

Only the package's files are used: it is not installed, and only the parts that a test calls run.
"""

from __future__ import annotations

__all__ = ["with_collection"]

import functools
import zipfile
from pathlib import Path

from .cache import kept
from .python_environment import fetched


def with_collection(name: str) -> str:
    """Return a directory for ANSIBLE_COLLECTIONS_PATH that holds the collection, such as "community.general"."""
    (wheel,) = fetched("collections", "download", "--dest").glob("*.whl")
    return str(kept("collections", [wheel.name, name], functools.partial(_extract, wheel, name)))


def _extract(wheel: Path, name: str, target: Path) -> None:
    wanted = f"ansible_collections/{name.replace('.', '/')}/"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target, [each for each in archive.namelist() if each.startswith(wanted)])
