# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of secure_sync: parameters in, one call of the engine, the result out."""

from __future__ import annotations

from typing import Any, Dict, Mapping

from ..._engine.sync.engine import sync
from .params import max_listed, sync_request
from .results import sync_result

__all__ = ["synchronize"]


def synchronize(params: Mapping[str, Any], *, check_mode: bool, diff: bool) -> Dict[str, Any]:
    """The whole result of a run with the module's `params`. Raises SyncError."""
    listed = max_listed(params)
    report = sync(sync_request(params, check_mode=check_mode))
    return sync_result(report, check_mode=check_mode, max_listed=listed, diff=diff)
