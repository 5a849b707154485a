# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of jail_tree or jail_mount: parameters in, one call of the engine, the result out."""

from __future__ import annotations

from typing import Any, Callable, Dict, Mapping

from ..._engine.jail.engine import keep_jails
from ..._engine.jail.mounts import keep_mounts
from ..._engine.system.changes import JailReport
from ..words import plain
from .params import mount_request, tree_request

__all__ = ["blank_mounts", "blank_trees", "mount", "tree"]

Result = Dict[str, Any]
Params = Mapping[str, Any]


def tree(params: Params, warn: Callable[[str], None], *, check_mode: bool, diff: bool) -> Result:
    """The whole result of jail_tree; `warn` is told each note. Raises SyncError."""
    report = keep_jails(tree_request(params, check_mode=check_mode))
    notes = [plain(note) for note in report.notes]
    for note in notes:
        warn(note)
    result = _result(report, check_mode=check_mode, diff=diff)
    return {**result, "archives": list(report.archives), "notes": notes, "unlisted": list(report.unlisted)}


def mount(params: Params, *, check_mode: bool, diff: bool) -> Result:
    """The whole result of jail_mount. Raises SyncError."""
    return _result(keep_mounts(mount_request(params, check_mode=check_mode)), check_mode=check_mode, diff=diff)


def blank_trees() -> Result:
    """The parts that a result of jail_tree has whatever happened."""
    return {"changed": False, "changes": [], "archives": [], "notes": [], "unlisted": []}


def blank_mounts() -> Result:
    """The parts that a result of jail_mount has whatever happened."""
    return {"changed": False, "changes": []}


def _result(report: JailReport, *, check_mode: bool, diff: bool) -> Result:
    changes = [{name: plain(value) for name, value in each._asdict().items()} for each in report.changes]
    result: Result = {
        "changed": bool(changes),
        "changes": changes,
        "msg": _summary(len(changes), check_mode=check_mode),
    }
    if diff:
        result["diff"] = [
            {
                "before": each.before + "\n",
                "after": each.after + "\n",
                "before_header": plain(each.path),
                "after_header": plain(each.path),
            }
            for each in report.changes
        ]
    return result


def _summary(count: int, *, check_mode: bool) -> str:
    if not count:
        return "nothing to do"
    return "%d %s %s" % (count, "change" if count == 1 else "changes", "to be made" if check_mode else "made")
