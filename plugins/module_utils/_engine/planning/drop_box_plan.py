# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a run on a drop box: files only. Partners take files and directories away at any time, and each removal
changes the time of a directory: a directory is made when a file in it is sent, and its attributes are left alone."""

from __future__ import annotations

from typing import Set

from ..model.plan import CREATE_DIRECTORY, SET_ATTRIBUTES, Action, Plan, Remove
from ..model.tree import DIRECTORY


def files_only(plan: Plan) -> Plan:
    """Return the plan without directories that hold none of its files, and without attributes of directories."""
    needed: Set[bytes] = set()
    for action in plan.actions:
        if isinstance(action, Remove) or action.wanted.kind == DIRECTORY:
            continue
        above = action.path.parent
        while above and above not in needed:
            needed.add(above)
            above = above.parent
    return plan._replace(actions=tuple(action for action in plan.actions if _stays(action, needed)), restamp=())


def _stays(action: Action, needed: Set[bytes]) -> bool:
    if isinstance(action, Remove) or action.wanted.kind != DIRECTORY:
        return True
    return action.action != SET_ATTRIBUTES and (action.action != CREATE_DIRECTORY or action.path in needed)
