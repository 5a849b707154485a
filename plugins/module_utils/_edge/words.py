# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text for people: safe to print and to put into JSON; and the cause of a failure, as modules and actions return it."""

from __future__ import annotations

from typing import Any, Dict

from .._engine.errors import SyncError
from .._engine.model.display import display, plain
from .._engine.model.tree import FILE, LINK, Entry

Result = Dict[str, Any]


def path_words(path: bytes) -> str:
    """Return a path below the root as printable text; the root itself is "."."""
    return display(path) or "."


def sentence(error: SyncError) -> str:
    """Return the whole text of an error: fact, item (if it is not the root), and cure."""
    text = error.message.rstrip(".")
    if error.path:
        text = f"{text}: '{path_words(error.path)}'"
    end = "" if text.endswith("?") else "."
    return plain(f"{text}{end} {error.cure}" if error.cure else text)


def entry_words(entry: Entry, *, timed: bool = True) -> str:
    """Kind, size, mode and, with `timed`, mtime of an entry; of a link its target."""
    if entry.kind == LINK:
        return "link" if entry.target is None else f"link to {display(entry.target)}"
    words = [entry.kind, f"{entry.mode:04o}"]
    if entry.kind == FILE:
        from .._engine.model.human import human_size

        words.insert(1, human_size(entry.size))
    if timed:
        from .._engine.model.utc import utc

        words.append(utc(entry.mtime // 1000000000))
    return ", ".join(words)


def failure(error: SyncError, *, others: int = 0, finished: str = "") -> Result:
    """Return the part of a result with the cause of the failure.

    others: number of other failed items
    finished: the summary of the changes that were made nevertheless
    """
    parts = [sentence(error)]
    if others:
        parts.append("(%d more %s failed)" % (others, "item" if others == 1 else "items"))
    if finished:
        parts[-1] += "" if parts[-1].endswith((".", ")")) else "."
        parts.append(f"Finished: {finished}.")
    return {"failed": True, "msg": " ".join(parts), "error": error_result(error)}


def error_result(error: SyncError) -> Result:
    return {
        "code": error.code,
        "path": None if error.path is None else path_words(error.path),
        "message": plain(error.message),
        "cure": plain(error.cure),
    }
