# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The changes on a host for its jails, as plain data."""

from __future__ import annotations

from ..._engine.system.changes import ChangeReport
from ..task import Result
from ..words import plain

__all__ = ["changes_result"]


def changes_result(report: ChangeReport, *, check_mode: bool) -> Result:
    """Return the parts of a result about changes."""
    changes = [{name: plain(value) for name, value in each._asdict().items()} for each in report.changes]
    return {
        "changed": bool(changes),
        "changes": changes,
        "msg": _summary(len(changes), check_mode=check_mode),
        "diff": [
            {
                "before": each.before + "\n",
                "after": each.after + "\n",
                "before_header": plain(each.path),
                "after_header": plain(each.path),
            }
            for each in report.changes
        ],
    }


def _summary(count: int, *, check_mode: bool) -> str:
    if not count:
        return "nothing to do"
    return "%d %s %s" % (count, "change" if count == 1 else "changes", "to be made" if check_mode else "made")
