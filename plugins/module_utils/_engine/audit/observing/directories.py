# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directories that a name leads through: a part of it may be a symbolic link, and its target has other directories
above it."""

from __future__ import annotations

import os
import stat
from typing import Any, Dict, Iterator, List, Sequence, Tuple

from .observed import Unobservable

_MOST_LINKS = 40
"""As in the kernel."""


def directories(names: Sequence[str]) -> List[Dict[str, Any]]:
    """Return each name with the path that it leads to."""
    return [{"path": name, "target": os.path.realpath(name)} for name in names]


def way(path: str) -> Dict[str, Any]:
    """Return the path that a name leads to, and owner and mode of it and of every directory on the way. A missing part
    ends the way. Raises Unobservable and OSError."""
    parts = [_part(*step) for step in steps(path) if not stat.S_ISLNK(step[1].st_mode)]
    return {"target": os.path.realpath(path), "parts": parts}


def steps(path: str) -> Iterator[Tuple[str, os.stat_result]]:
    """Yield the directories and links that an absolute path leads through, the root first, and the file itself."""
    yield "/", os.stat("/")
    current, names, links = "/", path.split("/")[::-1], 0
    while names:
        name = names.pop()
        if name in ("", ".", ".."):
            current = os.path.dirname(current) if name == ".." else current
            continue
        part = os.path.join(current, name)
        try:
            status = os.lstat(part)
        except (FileNotFoundError, NotADirectoryError):
            return
        yield part, status
        if not stat.S_ISLNK(status.st_mode):
            current = part
            continue
        links += 1
        if links > _MOST_LINKS:
            raise Unobservable(f"{path} leads through more than {_MOST_LINKS} symbolic links")
        target = os.readlink(part)
        current = "/" if target.startswith("/") else current
        names += target.split("/")[::-1]


def _part(path: str, status: os.stat_result) -> Dict[str, Any]:
    return {"path": path, "uid": status.st_uid, "mode": mode_of(status)}


def mode_of(status: os.stat_result) -> str:
    return f"{stat.S_IMODE(status.st_mode):04o}"
