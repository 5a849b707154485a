# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Versions of ansible-core other than the virtual environment's: fetched once, then kept. The environment has
their dependencies.

subprocess.run([*playbook_command("2.19"), "-i", "hosts", "play.yml"])
"""

from __future__ import annotations

__all__ = ["CORES", "directory", "playbook_command"]

import sys
from pathlib import Path

from .python_environment import fetched

CORES = ("2.19", "2.20", "2.22")
"""The further series that the collection supports; requirements/core-SERIES.in has the newest version of each."""


def playbook_command(series: str = "") -> list[str]:
    """Return the words that start ansible-playbook of a series, or of the virtual environment."""
    if not series:
        return [str(Path(sys.executable).with_name("ansible-playbook"))]
    return ["env", f"PYTHONPATH={directory(series)}", sys.executable, "-m", "ansible", "playbook"]


def directory(series: str) -> Path:
    """Return the directory of a series, for PYTHONPATH. Its programs are in `bin`."""
    return fetched(f"core-{series}", "install", "--target")
