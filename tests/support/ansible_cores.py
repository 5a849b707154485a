# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Other versions of ansible-core than that of the virtual environment: fetched once, then kept. The environment has
their dependencies.

subprocess.run([*playbook_command("2.19.14"), "-i", "hosts", "play.yml"])
"""

from __future__ import annotations

__all__ = ["CORES", "playbook_command"]

import functools
import subprocess
import sys
from pathlib import Path

from .cache import kept

CORES = ("2.19.14", "2.20.10", "2.22.0rc1")
"""The newest of each further series that the collection supports."""


def playbook_command(version: str = "") -> list[str]:
    """Return the words that start ansible-playbook of a version, or of the virtual environment."""
    if not version:
        return [str(Path(sys.executable).with_name("ansible-playbook"))]
    return ["env", f"PYTHONPATH={_core(version)}", sys.executable, "-m", "ansible", "playbook"]


def _core(version: str) -> Path:
    return kept("cores", [version], functools.partial(_fetch, version))


def _fetch(version: str, target: Path) -> None:
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    words = [*pip, "--only-binary=:all:", f"--target={target}", f"ansible-core=={version}"]
    subprocess.run(words, check=True, stdin=subprocess.DEVNULL)
