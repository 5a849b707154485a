# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes on a host as plain data: with their number as the message, or for keys and passwords in words."""

from __future__ import annotations

from typing import Dict, List, Sequence

from .._engine.model.display import plain
from .._engine.system.changes import Change, ChangeReport
from .._engine.system.entries import MISSING
from .contract import Result


def changes_result(report: ChangeReport, *, check_mode: bool) -> Result:
    changes = [{name: plain(value) for name, value in each._asdict().items()} for each in report.changes]
    return {
        "changed": bool(changes),
        "changes": changes,
        "msg": _summary(len(changes), check_mode=check_mode),
        "diff": _diff(report.changes),
    }


def _diff(changes: Sequence[Change]) -> List[Dict[str, str]]:
    """Return one diff with a line for each entry, and a diff for each file with several lines."""
    files = [each for each in changes if "\n" in each.before + each.after]
    entries = [each for each in changes if each not in files]
    return [*([_of_entries(entries)] if entries else []), *(_of_file(each) for each in files)]


def _of_entries(changes: Sequence[Change]) -> Dict[str, str]:
    before, after = (
        "".join(f"{plain(each.path)}: {state}\n" for each, state in zip(changes, states) if state != MISSING)
        for states in ([each.before for each in changes], [each.after for each in changes])
    )
    return {"before": before, "after": after, "before_header": "state", "after_header": "state"}


def _of_file(change: Change) -> Dict[str, str]:
    before, after = ("" if text == MISSING else text for text in (change.before, change.after))
    return {"before": before, "after": after, "before_header": plain(change.path), "after_header": plain(change.path)}


def _summary(count: int, *, check_mode: bool) -> str:
    if not count:
        return "nothing to do"
    return "%d %s %s" % (count, "change" if count == 1 else "changes", "to be made" if check_mode else "made")


def worded_result(changes: Sequence[Change]) -> Result:
    """Return the parts of a result about changes: whether, which, in words and as a diff."""
    return {
        "changed": bool(changes),
        "changes": [{name: plain(value.strip()) for name, value in each._asdict().items()} for each in changes],
        "msg": "nothing to do" if not changes else "; ".join(_words(each) for each in changes),
        "diff": [_diff_of(each) for each in changes],
    }


def _words(change: Change) -> str:
    """Return one line; the content of a file is for the diff."""
    if "\n" in change.after:
        return plain(f"{change.path}: written")
    return plain(f"{change.path}: {change.before} -> {change.after}")


def _diff_of(change: Change) -> Dict[str, str]:
    before, after = (text if text.endswith("\n") else text + "\n" for text in (change.before, change.after))
    header = plain(change.path)
    return {"before": before, "after": after, "before_header": header, "after_header": header}
