# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Diff mode: changes as lines for people, and a line of totals. Names, sizes, modes and times only; content may be
secret."""

from __future__ import annotations

from typing import Dict, Iterator, Optional

from ..._engine.model.human import human_size
from ..._engine.model.plan import (
    ARCHIVE_SOURCE,
    COPY,
    EXPIRE_TRASH,
    MOVE,
    REMOVE,
    SET_ATTRIBUTES,
    SIZE,
    Action,
    Remove,
    Write,
)
from ..._engine.model.tree import Entry
from ..words import entry_words, path_words
from .listing import (
    ATTRIBUTES,
    CHANGE_OF_KIND,
    DEPARTURE,
    EXPIRY,
    NEW,
    REMOVAL,
    REPLACEMENT,
    Effect,
    Listing,
)

_RELOCATED = {MOVE: "moved", COPY: "copied"}
_PLURALS = {
    REMOVAL: "removals",
    CHANGE_OF_KIND: "changes of kind",
    REPLACEMENT: "replacements",
    NEW: "new entries",
    ATTRIBUTES: "changes of attributes",
    DEPARTURE: "files that leave the source",
    EXPIRY: "expired entries of the trash",
}


def prepared(listed: Listing, skipped: int) -> Dict[str, str]:
    """Return the `diff` value of a result, which Ansible prints as it is: one action a line, then the totals of all
    changes and of skipped entries; empty without changes."""
    found = any(effect.count for effect in listed.effects.values())
    lines = [*_lines(listed), _totals(listed, skipped)] if found else []
    return {"prepared": "".join(line + "\n" for line in lines)}


def _lines(listed: Listing) -> Iterator[str]:
    yield from (_line(change.action) for change in listed.removals)
    if listed.more_removals:
        yield f"... and {listed.more_removals:,} more of these removals and changes of kind"
    yield from (_line(change.action) for change in listed.others)
    if listed.more_others:
        yield f"... and {listed.more_others:,} more"


def _totals(listed: Listing, skipped: int) -> str:
    """Return the line: "Total: 201 removals (1.2 GiB), 501 new entries (10.4 GiB), 7 skipped"."""
    parts = [_total(name, effect) for name, effect in listed.effects.items() if effect.count]
    if skipped:
        parts.append(f"{skipped:,} skipped")
    return "Total: " + ", ".join(parts)


def _total(name: str, effect: Effect) -> str:
    words = f"{effect.count:,} {name if effect.count == 1 else _PLURALS[name]}"
    return f"{words} ({human_size(effect.size)})" if effect.size else words


def _line(action: Action) -> str:
    """Return the line: `+` for new entries, `-` for removed entries, `~` for changed entries, `<` for files that leave
    the source."""
    path = path_words(action.path)
    if isinstance(action, Remove):
        return _gone(action, path)
    if action.origin is not None:
        path += f" ({_RELOCATED[action.action]} from {path_words(action.origin)})"
    if action.present is None:
        return f"+ {path} ({_after(action)})"
    before, after = _before(action.present), _after(action)
    if action.reason == SIZE and before.split(", ")[1] == after.split(", ")[1]:
        after += f", {action.wanted.size - action.present.size:+d} bytes"  # both look the same in KiB
    return f"~ {path} ({action.reason}: {before} -> {after})"


def _gone(action: Remove, path: str) -> str:
    if action.action == REMOVE:
        return f"- {path} ({_before(action.present)})"
    if action.action == EXPIRE_TRASH:
        return f"- {path} (expired in the trash: {_before(action.present)})"
    verb = "archived" if action.action == ARCHIVE_SOURCE else "deleted"
    return f"< {path} ({verb} at the source: {_before(action.present)})"


def _before(entry: Optional[Entry]) -> str:
    return "missing" if entry is None else entry_words(entry)


def _after(action: Write) -> str:
    """Return the entry after the action. Attributes that are not set stay, except the time of a written file."""
    mode, mtime = action.attributes
    wanted, present = action.wanted, action.present
    if present is not None and present.kind == wanted.kind:
        mode = present.mode if mode is None else mode
        if mtime is None and action.action == SET_ATTRIBUTES:
            mtime = present.mtime
    mode = wanted.mode if mode is None else mode
    if mtime is None:
        return entry_words(wanted._replace(mode=mode), timed=False)
    return entry_words(wanted._replace(mode=mode, mtime=mtime))
