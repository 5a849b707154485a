# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the module of this name, on the controller with the secrets of the inventory, and examines its answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleError

from ..module_utils._edge.secret_scan import KNOWN_VARIABLES
from ..module_utils._edge.words import failure
from ..module_utils._engine.errors import InvalidRequest, SyncError
from ..plugin_utils.answer_action import AnswerAction
from ..plugin_utils.core_private import without_facts


class ActionModule(AnswerAction):
    """Values of the inventory stay on the controller: no host learns the secrets of the others."""

    def run(self, tmp: Any = None, task_vars: Mapping[str, Any] | None = None) -> dict[str, Any]:
        given = self._task.args
        # A value in the task has no effect.
        own = {name: value for name, value in given.items() if name != KNOWN_VARIABLES}
        try:
            values = self._values(own.get("known_from"), task_vars or {})
        except SyncError as error:
            return failure(error)
        self._task.args = {**own, **({KNOWN_VARIABLES: values} if values else {})}
        try:
            return super().run(tmp, task_vars)
        finally:
            self._task.args = given

    def _values(self, patterns: Any, task_vars: Mapping[str, Any]) -> dict[str, str | None]:
        if not patterns:
            return {}
        if self._connection.transport != "local":
            raise InvalidRequest(
                "known_from: the values of all hosts would be sent to this host",
                cure="Run the task with delegate_to: localhost.",
            )
        # A compromised host must not replace the secret that it revealed by a fact.
        hosts = without_facts(task_vars["hostvars"])
        return known_variables([patterns] if isinstance(patterns, str) else patterns, hosts)


def known_variables(patterns: Sequence[object], hosts: Mapping[str, Mapping[str, Any]]) -> dict[str, str | None]:
    """Return each value by "VARIABLE of HOST", the same value once; None for a variable that cannot be evaluated.

    patterns: regular expressions of whole names. Raises InvalidRequest.
    """
    wanted = [_compiled(each) for each in patterns]
    known: dict[str, str | None] = {}
    seen: set[str] = set()
    for host in hosts:
        for variable in sorted(name for name in hosts[host] if any(each.fullmatch(name) for each in wanted)):
            for name, value in _values_of(hosts[host], variable):
                if value is None or value not in seen:
                    known[f"{name} of {host}"] = value
                    seen.update(() if value is None else (value,))
    return known


def _compiled(pattern: object) -> re.Pattern[str]:
    try:
        return re.compile(str(pattern))
    except re.error as error:
        raise InvalidRequest(
            f"known_from: {str(pattern)!r} is not a regular expression: {error}",
            cure="Write names of variables, such as .*_password.",
        ) from None


def _values_of(variables: Mapping[str, Any], name: str) -> Iterator[tuple[str, str | None]]:
    try:
        value = variables[name]
        yield from list(_texts(name, value))
    except (AnsibleError, KeyError):
        yield name, None


def _texts(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """Yield the texts and numbers in a value, with their places."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(f"{name}.{key}", inner)
    elif isinstance(value, Iterable) and not isinstance(value, (str, bytes)):
        for number, inner in enumerate(value):
            yield from _texts(f"{name}[{number}]", inner)
    elif value is not None and not isinstance(value, bool):
        yield name, str(value)
