# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module tls_policy: a server checked against a policy, or the policy written into its configuration."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any, Dict

from ..._engine.errors import InvalidRequest
from ..._engine.ftps_service.apply import ApplyRequest, apply_policy
from ..._engine.tls.checks import judge
from ..._engine.tls.survey import NotChecked, Survey
from ..._engine.tls_probe.probe import MARKED, survey_server
from ..contract import Result, Task
from .apply import apply_request, apply_result
from .params import CheckRequest, check_request, tls_policy, tls_policy_rules
from .results import blank_check, check_result


def spec() -> Dict[str, Any]:
    return {"argument_spec": tls_policy(), **tls_policy_rules()}


def request(task: Task) -> CheckRequest | ApplyRequest:
    if task.params["service"] is None:
        return check_request(task.params, check_mode=task.check_mode)
    if task.params["marked_login"]:
        raise InvalidRequest("marked_login: is for a check of endpoint", cure="Leave it out with service.")
    return apply_request(task.params, check_mode=task.check_mode)


def run(task: Task) -> Result:
    asked = request(task)
    if isinstance(asked, ApplyRequest):
        return apply_result(apply_policy(asked), check_mode=task.check_mode)
    survey = survey_server(asked.target, asked.mark)
    if task.params["marked_login"] and task.check_mode:
        left_out = NotChecked(MARKED, "it is not tried in check mode")
        survey = replace(survey, not_checked=(*survey.not_checked, left_out))
    return result(survey, asked)


def result(survey: Survey, asked: CheckRequest) -> Result:
    findings = judge(survey, asked.policy, time.time())
    return check_result(survey, findings, policy=asked.policy, fail_on=asked.fail_on)


def blank() -> Result:
    return blank_check()
