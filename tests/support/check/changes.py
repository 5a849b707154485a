# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The differences from main: files that were committed since, changed or added."""

from __future__ import annotations

__all__ = ["changed_since", "files_of"]

import subprocess
from pathlib import Path

_BASES = ("origin/main", "main")


def changed_since(root: Path) -> tuple[str, list[str]]:
    """Return the base branch, and the files that differ from the branch point."""
    base = next((name for name in _BASES if _git(root, "rev-parse", "--verify", "--quiet", name)), "HEAD")
    forked = _git(root, "merge-base", base, "HEAD") or ["HEAD"]
    differing = _git(root, "diff", "--name-only", *forked)
    return base, sorted({*differing, *_git(root, "ls-files", "--others", "--exclude-standard")})


def files_of(root: Path) -> list[str]:
    """Return all files of the repository that are there, those too that are not committed yet."""
    listed = _git(root, "ls-files", "--cached", "--others", "--exclude-standard")
    return [file for file in listed if (root / file).is_file()]


def _git(root: Path, *words: str) -> list[str]:
    done = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=False)
    return done.stdout.split("\n")[:-1]
