# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PlanPolicy: the options of a request that affect the plan."""

from __future__ import annotations

from typing import NamedTuple

from ..model.request import RECORDED, SKIP, DeleteLimit, SyncRequest

__all__ = ["PlanPolicy"]


class PlanPolicy(NamedTuple):
    """The options of a run that affect its plan."""

    compare: str = RECORDED
    delete: bool = False
    max_delete: DeleteLimit = DeleteLimit(10, True)
    allow_empty_source: bool = False
    links: str = SKIP
    preserve_mode: bool = True
    preserve_mtime: bool = True
    modes_kept: bool = True
    """False if the destination does not keep modes: they are set on stored content, and not compared."""

    @classmethod
    def of(cls, request: SyncRequest, *, mtimes_kept: bool = True, modes_kept: bool = True) -> PlanPolicy:
        """Return the policy of a request, for a destination that may not keep mtimes or modes."""
        return cls(
            compare=request.compare,
            delete=request.delete,
            max_delete=request.max_delete,
            allow_empty_source=request.allow_empty_source,
            links=request.links,
            preserve_mode=request.preserve_mode,
            preserve_mtime=request.preserve_mtime and mtimes_kept,
            modes_kept=modes_kept,
        )
