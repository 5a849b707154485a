# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An option and its alias with different values: Ansible would take the alias, also one of module_defaults."""

from __future__ import annotations

from typing import Any, List, Mapping, Tuple

from ansible.module_utils import basic

from .._engine.errors import InvalidRequest

Spec = Mapping[str, Mapping[str, Any]]


def check_aliases(module: basic.AnsibleModule) -> None:
    """Raises InvalidRequest for an option that the task gives under two names with different values."""
    # Only the task's own words show it: in module.params the alias has replaced the option already.
    for names in _contradictions(module.argument_spec, basic._load_params()):
        raise InvalidRequest(
            "%s: %s is an alias of it, and has another value" % names,
            cure="Set one of the two, in the task or in module_defaults.",
        )


def _contradictions(spec: Spec, given: Mapping[str, Any]) -> List[Tuple[str, str]]:
    """Pairs of an option and its alias, also within suboptions."""
    found = []
    for name, option in spec.items():
        names = [each for each in (name, *option.get("aliases", ())) if each in given]
        found += [(names[0], each) for each in names[1:] if given[each] != given[names[0]]]
        for inner in _inner(given[names[0]]) if names and option.get("options") else ():
            found += _contradictions(option["options"], inner)
    return found


def _inner(value: Any) -> List[Mapping[str, Any]]:
    values = value if isinstance(value, list) else [value]
    return [each for each in values if isinstance(each, dict)]
