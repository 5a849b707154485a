# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Diff mode: changes as lines for people. Names, sizes, modes and times only; content may be secret."""

from __future__ import annotations

from typing import Dict, Optional, Sequence

from ..._engine.model.plan import SET_ATTRIBUTES, Action, Remove, Write
from ..._engine.model.tree import Entry
from ..words import entry_words, path_words

__all__ = ["prepared"]


def prepared(actions: Sequence[Action], limit: int) -> Dict[str, str]:
    """Return the `diff` value of a result, which Ansible prints as it is: at most `limit` actions, one a line."""
    lines = [_line(action) for action in actions[:limit]]
    if len(actions) > limit:
        lines.append("... and %d more" % (len(actions) - limit))
    return {"prepared": "".join(line + "\n" for line in lines)}


def _line(action: Action) -> str:
    """Return the line: `+` for new entries, `-` for removed entries, `~` for changed entries."""
    path = path_words(action.path)
    if isinstance(action, Remove):
        return "- %s (%s)" % (path, _before(action.present))
    if action.present is None:
        return "+ %s (%s)" % (path, _after(action))
    return "~ %s (%s: %s -> %s)" % (path, action.reason, _before(action.present), _after(action))


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
