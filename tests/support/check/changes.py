# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The changes of a clone, as git sees them: since main, or since a commit."""

from __future__ import annotations

import subprocess
from collections.abc import Collection
from pathlib import Path

from .ledger import FILE

_BASES = ("origin/main", "main")
OF_A_RELEASE = ("CHANGELOG.rst", "changelogs", "galaxy.yml")
"""The files that change between the last test of a release and its tag."""


def branch_point(root: Path) -> tuple[str, str]:
    """Return the base branch, and the commit at which this branch left it."""
    base = next((name for name in _BASES if _git(root, "rev-parse", "--verify", "--quiet", name)), "HEAD")
    return base, (_git(root, "merge-base", base, "HEAD") or ["HEAD"])[0]


def changed_since(root: Path, commit: str) -> list[str] | None:
    """Return the files that differ from a commit, committed or not; None if this clone does not have the commit."""
    if not _git(root, "rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}"):
        return None
    differing = _git(root, "diff", "--name-only", "--no-renames", commit)
    return sorted({*differing, *_git(root, "ls-files", "--others", "--exclude-standard")})


def is_same(root: Path, commit: str, apart_from: Collection[str] = ()) -> bool:
    """Return whether the files are those of a commit, apart from the ledger."""
    changed = changed_since(root, commit)
    return changed is not None and all(file == FILE or _is_in(file, apart_from) for file in changed)


def head(root: Path) -> str:
    """Return the short name of the last commit; empty without a repository."""
    return "".join(_git(root, "rev-parse", "--short=12", "HEAD"))


def files_of(root: Path) -> list[str]:
    """Return all files of the repository that are there, those too that are not committed yet."""
    listed = _git(root, "ls-files", "--cached", "--others", "--exclude-standard")
    return [file for file in listed if (root / file).is_file()]


def _is_in(file: str, places: Collection[str]) -> bool:
    return any(file == place or file.startswith(f"{place}/") for place in places)


def _git(root: Path, *words: str) -> list[str]:
    done = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=False)
    return done.stdout.split("\n")[:-1]
