# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a scan reads: files of directories, compressed files, the journal of systemd."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import stat
import subprocess
import zlib
from typing import Any, Callable, Dict, Iterator, List, Tuple

__all__ = ["JOURNAL", "UNREADABLE", "blocks_of", "files_below", "journal_blocks"]

JOURNAL = "journal"
"""A source that is not a file."""
UNREADABLE = (OSError, EOFError, zlib.error, lzma.LZMAError)
"""The errors of a file that cannot be read to its end."""
_BLOCK = 1 << 20
_SKIPPED = frozenset((".git", ".hg", ".svn", ".tox", ".venv", "__pycache__", "node_modules"))
_OPENERS: Dict[str, Callable[..., Any]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}


def files_below(path: str) -> Tuple[List[str], List[str]]:
    """Return the regular files below a path, or the file itself, and the places that could not be listed, with reasons.

    Links are not followed; directories of version control and of packages are left out.
    """
    files: List[str] = []
    refused: List[str] = []

    def refuse(error: OSError) -> None:
        refused.append("%s: %s" % (error.filename, error.strerror))

    try:
        mode = os.stat(path).st_mode
    except OSError as error:
        return [], ["%s: %s" % (path, error.strerror)]
    if not stat.S_ISDIR(mode):
        return ([path], []) if stat.S_ISREG(mode) else ([], ["%s: not a file or directory" % path])
    for place, directories, names in os.walk(path, onerror=refuse):
        directories[:] = sorted(name for name in directories if name not in _SKIPPED)
        files += (each for each in (os.path.join(place, name) for name in sorted(names)) if _is_file(each))
    return files, refused


def _is_file(path: str) -> bool:
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except OSError:
        return False


def blocks_of(path: str) -> Iterator[bytes]:
    """Yield the content of a file, decompressed by its name. Raises UNREADABLE."""
    opener = _OPENERS.get(os.path.splitext(path)[1], open)
    with opener(path, "rb") as file:
        yield from iter(lambda: file.read(_BLOCK), b"")


def journal_blocks() -> Iterator[bytes]:
    """Yield the journal, all fields of each entry (journalctl(1), export format). Raises OSError."""
    command = ["journalctl", "--quiet", "--no-pager", "--output=export"]
    # The engine knows no module, and so no run_command; pylint: disable-next=ansible-bad-function
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as journal:
        if journal.stdout is None or journal.stderr is None:
            raise OSError("journalctl has no output")
        output = journal.stdout
        yield from iter(lambda: output.read(_BLOCK), b"")
        error = journal.stderr.read(500).decode("utf-8", "replace").strip()
    if journal.returncode:
        raise OSError(journal.returncode, error or "journalctl failed")
