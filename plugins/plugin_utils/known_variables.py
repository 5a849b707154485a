# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of variables whose names match a pattern, evaluated: from Ansible Vault, from look-ups."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleError

from ..module_utils._engine.errors import InvalidRequest


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
