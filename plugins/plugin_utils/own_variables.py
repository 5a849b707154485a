# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of hosts as the controller has them: from inventory, play, extra variables and set_fact, without
facts.

A host chooses its facts. With `inject_facts_as_vars`, the default, Ansible makes a variable of each: it replaces a
variable of the inventory, sets a variable that a template has a default for, or is an option of a plugin, such as
`ansible_hashi_vault_url`, the address to which a look-up sends the controller's token. No list of names covers this,
so options and look-ups of this collection are evaluated with these variables alone.

Ansible has no public interface for it. This file has all private names of ansible-core that are needed;
tests/trust/test_names_of_plugins.py runs on every supported version.

Values of variables whose names match a pattern are evaluated: from Ansible Vault, from look-ups.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from typing import Any, NoReturn

from ansible.errors import AnsibleError
from ansible.vars.hostvars import HostVars

from ..module_utils._engine.errors import InvalidRequest


class _NoFacts:
    """A cache of facts that has no host."""

    def get(self, host: str) -> NoReturn:
        raise KeyError(host)


def without_facts(hostvars: Any) -> Any:
    """Return `hostvars` of a task without the facts of all hosts; templates in values see no facts either."""
    manager = copy(hostvars._variable_manager)
    manager._fact_cache = _NoFacts()
    return HostVars(hostvars._inventory, manager, hostvars._loader)


def own_variables(task: Any, task_vars: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables of a task's inventory host, not evaluated, without values about its connection.

    task: the task. task_vars: its variables as an action gets them.
    """
    hosts = without_facts(task_vars["hostvars"])
    host = hosts._inventory.get_host(task_vars["inventory_hostname"])
    variables: dict[str, Any] = hosts._variable_manager.get_vars(play=task.play, host=host, task=task)
    # Ansible adds it for each task: where look-ups search for files.
    return {**variables, "ansible_search_path": task.get_search_path()}


def known_variables(patterns: Sequence[object], hosts: Mapping[str, Mapping[str, Any]]) -> dict[str, str | None]:
    """Return each value by "VARIABLE of HOST", the same value once; None for a variable that cannot be evaluated.

    patterns: regular expressions of whole names. Raises InvalidRequest.
    """
    wanted = [_compiled(each) for each in patterns]
    known: dict[str, str | None] = {}
    seen: set[str] = set()
    for host in hosts:
        for variable in sorted(name for name in hosts[host] if any(each.fullmatch(name) for each in wanted)):
            for name, value in _values(hosts[host], variable):
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


def _values(variables: Mapping[str, Any], name: str) -> Iterator[tuple[str, str | None]]:
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
