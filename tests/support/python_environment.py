# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Virtual environments beside the one of the tests, for packages that need other versions of libraries: made once."""

from __future__ import annotations

__all__ = ["python_environment"]

import functools
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from .cache import kept


def python_environment(requirements: Sequence[str], constraints: Sequence[str] = ()) -> Path:
    """Give the directory of an environment with these packages; about 20 s when it is new."""
    ingredients = [sys.base_prefix, sys.version, list(requirements), list(constraints)]
    return kept("environments", ingredients, functools.partial(_make, requirements, constraints))


def _make(requirements: Sequence[str], constraints: Sequence[str], target: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", str(target)], check=True)
    pip = [str(target / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as bounds:
        bounds.write("".join(f"{line}\n" for line in constraints))
        bounds.flush()
        subprocess.run([*pip, "-c", bounds.name, *requirements], check=True, stdin=subprocess.DEVNULL)
