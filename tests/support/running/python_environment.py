# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Packages in addition to the tests' virtual environment, from the lock files in requirements/: installed once.

A lock file has the hash of every package; pip accepts no others.
"""

from __future__ import annotations

__all__ = ["fetched", "python_environment"]

import functools
import subprocess
import sys
from pathlib import Path

from .cache import kept

_LOCKS = Path(__file__).parents[3] / "requirements"
_HASHED = ("--quiet", "--disable-pip-version-check", "--require-hashes")


def python_environment(lock: str) -> Path:
    """Return the directory of an environment with the packages of requirements/LOCK.txt; about 20 s when it is new."""
    return kept("environments", _ingredients(lock), functools.partial(_make, lock))


def fetched(lock: str, *words: str) -> Path:
    """Return the directory to which `pip WORDS=DIRECTORY` brings the packages of requirements/LOCK.txt alone.

    words: "install", "--target" or "download", "--dest".
    """
    return kept("packages", [*_ingredients(lock), *words], functools.partial(_fetch, lock, words))


def _ingredients(lock: str) -> list[str]:
    return [sys.base_prefix, sys.version, (_LOCKS / f"{lock}.txt").read_text()]


def _make(lock: str, target: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", str(target)], check=True)
    _pip(target / "bin/python", "install", lock)


def _fetch(lock: str, words: tuple[str, str], target: Path) -> None:
    verb, option = words
    _pip(sys.executable, verb, lock, "--no-deps", "--only-binary=:all:", f"{option}={target}")


def _pip(python: str | Path, verb: str, lock: str, *options: str) -> None:
    command = [str(python), "-m", "pip", verb, *_HASHED, *options, "-r", str(_LOCKS / f"{lock}.txt")]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
