# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of tls_policy: parameters in, a server checked or set up, the result out."""

from __future__ import annotations

import time
from typing import Any, Dict, Mapping

from ..._engine.tls.checks import judge
from ..._engine.tls_probe.probe import survey_server
from .apply import apply
from .params import check_request
from .results import check_result

__all__ = ["carry_out", "check"]


def carry_out(params: Mapping[str, Any], *, check_mode: bool, diff: bool) -> Dict[str, Any]:
    """The whole result of tls_policy with the module's `params`. Raises SyncError."""
    if params["service"] is not None:
        return apply(params, check_mode=check_mode, diff=diff)
    return check(params)


def check(params: Mapping[str, Any]) -> Dict[str, Any]:
    """A live server looked at and judged. Raises SyncError."""
    request = check_request(params)
    survey = survey_server(request.target)
    findings = judge(survey, request.policy, time.time())
    return check_result(survey, findings, policy=request.policy, fail_on=request.fail_on)
