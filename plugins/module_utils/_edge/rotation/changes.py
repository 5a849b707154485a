# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes of keys and passwords on a host, as plain data."""

from __future__ import annotations

from typing import Dict, Sequence

from ..._engine.model.display import plain
from ..._engine.system.changes import Change
from ..contract import Result


def changed(changes: Sequence[Change]) -> Result:
    """Return the parts of a result about changes: whether, which, in words and as a diff."""
    return {
        "changed": bool(changes),
        "changes": [{name: plain(value.strip()) for name, value in each._asdict().items()} for each in changes],
        "msg": "nothing to do" if not changes else "; ".join(_words(each) for each in changes),
        "diff": [_diff(each) for each in changes],
    }


def _words(change: Change) -> str:
    """Return one line; the content of a file is for the diff."""
    if "\n" in change.after:
        return plain(f"{change.path}: written")
    return plain(f"{change.path}: {change.before} -> {change.after}")


def _diff(change: Change) -> Dict[str, str]:
    before, after = (text if text.endswith("\n") else text + "\n" for text in (change.before, change.after))
    header = plain(change.path)
    return {"before": before, "after": after, "before_header": header, "after_header": header}
