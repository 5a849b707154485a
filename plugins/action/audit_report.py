# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the module of this name, and examines its answer. Facts of hosts in scope must not stand for their answers:
with a cached fact, Ansible has a value for a host that it did not contact."""

from __future__ import annotations

__all__ = ["ActionModule"]

from collections.abc import Iterator, Mapping
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ..module_utils._edge.audit import audit_report as edge
from ..module_utils._edge.sync.results import failure
from ..plugin_utils.answer_action import AnswerAction
from ..plugin_utils.fact_guard import FactsRefused, require_no_own_names


class ActionModule(AnswerAction):
    """Values about a host whose facts have the names of options are replaced by the refusal."""

    def _answer(self, tmp: Any, task_vars: Mapping[str, Any]) -> dict[str, Any]:
        given = self._task.args
        scope, observed = _options(given)
        refused = dict(_refused(scope, task_vars.get("hostvars") or {}))
        self._task.args = {**given, "observed": {**observed, **refused}} if refused else given
        try:
            return super()._answer(tmp, task_vars)
        finally:
            self._task.args = given


def _options(given: Mapping[str, Any]) -> tuple[list[str], Mapping[str, Any]]:
    """Return the hosts in scope and the observations. The module itself refuses invalid values."""
    spec = {name: edge.spec()["argument_spec"][name] for name in ("scope", "observed")}
    valid = ArgumentSpecValidator(spec).validate({name: given[name] for name in spec if name in given})
    if valid.error_messages:
        return [], {}
    found = valid.validated_parameters
    return [name for names in found["scope"].values() for name in names], found["observed"]


def _refused(scope: list[str], hostvars: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name in dict.fromkeys(scope):
        try:
            require_no_own_names(name, hostvars[name].get("ansible_facts") or {} if name in hostvars else ())
        except FactsRefused as error:
            yield name, failure(error)
