# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the module of this name, and examines its answer. Accounts, people and encrypted directories of the hosts in
scope come from the inventory, without facts. Facts must not stand for answers either: with a cached fact, Ansible has a
value for a host that it did not contact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ..module_utils._edge.audit import audit_report as edge
from ..module_utils._edge.words import failure
from ..module_utils._engine.errors import InvalidRequest
from ..module_utils._engine.model.display import plain
from ..plugin_utils.answer_action import AnswerAction
from ..plugin_utils.core_private import without_facts
from ..plugin_utils.fact_guard import FactsRefused, require_no_own_names

NAMED = {
    "accounts": ("audit_accounts", "chroot_jail_accounts", "name"),
    "people": ("audit_people", "mfa_people", "name"),
    "encrypted": ("audit_encrypted", "at_rest_vaults", "mount"),
}
"""Options with names by host: the variable that has them, or the variable of a role and the key that has them there."""


class ActionModule(AnswerAction):
    """Values about a host whose facts have the names of options are replaced by the refusal."""

    def _answer(self, tmp: Any, task_vars: Mapping[str, Any]) -> dict[str, Any]:
        given = self._task.args
        scope, observed = _options(given)
        refused = dict(_refused(scope, task_vars["hostvars"]))
        own = without_facts(task_vars["hostvars"])
        known = [name for name in scope if name in own]
        named = {option: {name: _names(option, name, own[name]) for name in known} for option in NAMED}
        self._task.args = {**named, **given, **({"observed": {**observed, **refused}} if refused else {})}
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


def _names(option: str, host: str, variables: Mapping[str, Any]) -> list[Any]:
    """Return the names for an option that the inventory has for a host. Raises InvalidRequest."""
    direct, of_role, key = NAMED[option]
    try:
        if direct in variables:
            return list(variables[direct])
        return [each[key] for each in variables[of_role]] if of_role in variables else []
    except (AnsibleError, KeyError, TypeError) as error:
        raise InvalidRequest(
            f"{option}: the variables {direct} and {of_role} of {plain(host)} have no list of names: {error}",
            cure=f"Correct the variable, or set {option}.",
        ) from error


def _refused(scope: list[str], hostvars: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name in dict.fromkeys(scope):
        try:
            require_no_own_names(name, hostvars[name].get("ansible_facts") or {} if name in hostvars else ())
        except FactsRefused as error:
            yield name, failure(error)
