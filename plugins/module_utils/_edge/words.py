# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text for people: safe to print and to put into JSON."""

from __future__ import annotations

from .._engine.errors import SyncError
from .._engine.model.display import display, plain
from .._engine.model.tree import FILE, LINK, Entry
from .._engine.model.utc import utc


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
        words.append(utc(entry.mtime // 1000000000))
    return ", ".join(words)
