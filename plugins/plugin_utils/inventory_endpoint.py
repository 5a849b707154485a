# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The endpoint of a task without `host`: taken from the variables by which Ansible itself reaches the inventory host.

No password is taken, and nothing that a fact has chosen: `endpoint_variables` reads these variables.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ansible import constants

from ..module_utils._edge import argspec
from ..module_utils._engine.errors import InvalidRequest
from ..module_utils._engine.model.display import plain
from ..module_utils._engine.model.endpoint import FTPS
from .ssh_arguments import ARGUMENTS, options_of

RESULT = "from_inventory"
"""The key of the result that shows the options and their variables."""
VARIABLES = {
    "host": ("ansible_ssh_host", "ansible_host"),
    "port": ("ansible_ssh_port", "ansible_port"),
    "username": ("ansible_ssh_user", "ansible_user"),
    "private_key_file": ("ansible_ssh_private_key_file", "ansible_private_key_file"),
}
"""The variables of an option. If several have a value, the first applies, as in Ansible's own connection."""
NAMES = (*(name for names in VARIABLES.values() for name in names), *ARGUMENTS)
"""All variables that are read."""
INVENTORY_NAME = "inventory_hostname"


class Taken(NamedTuple):
    """The value of an option, and the variable that holds it."""

    value: Any
    variable: str


def applies(args: Mapping[str, Any], *, host: str, transport: str) -> bool:
    """Return whether a task takes its endpoint from its inventory host.

    args: the options of the task. host: the inventory host. transport: the connection of the task after delegation.
    """
    return transport == "local" and host not in constants.LOCALHOST and not _given(args, "host")


def endpoint(args: Mapping[str, Any], *, host: str, values: Mapping[str, Any]) -> dict[str, Taken]:
    """Return the options that the inventory adds to a task. Options of the task win.

    values: the evaluated variables of `NAMES` that are defined
    """
    taken = {"host": Taken(host, INVENTORY_NAME)}
    over_tls = args.get("protocol") == FTPS
    for option in ("host",) if over_tls else VARIABLES:
        taken.update(_first(option, values))
    for name in () if over_tls else ARGUMENTS:
        _add(taken, name, options_of(name, values.get(name)))
    return {option: each for option, each in taken.items() if not _replaced(args, option)}


def shown(taken: Mapping[str, Taken]) -> dict[str, dict[str, Any]]:
    """Return the part of the result about the endpoint."""
    return {option: each._asdict() for option, each in taken.items()}


def words_about(taken: Mapping[str, Taken]) -> str:
    """Return one line for people: "host files.example.com (ansible_host), port 2222 (ansible_port)"."""
    return plain(", ".join(f"{option} {_word(each.value)} ({each.variable})" for option, each in taken.items()))


def _first(option: str, values: Mapping[str, Any]) -> dict[str, Taken]:
    for name in VARIABLES[option]:
        if values.get(name) not in (None, ""):
            return {option: Taken(values[name], name)}
    return {}


def _add(taken: dict[str, Taken], name: str, options: Mapping[str, Any]) -> None:
    for option, value in options.items():
        if option in taken and taken[option].value != value:
            raise InvalidRequest(
                "%s: %s has another value in %s" % (name, option, taken[option].variable),
                cure="Set it in one of the two variables.",
            )
        taken[option] = Taken(value, name)


def _replaced(args: Mapping[str, Any], option: str) -> bool:
    """Return whether the task has an option, under any name, or another that rules it out."""
    rivals = [name for group in argspec.EXCLUSIVE if option in group for name in group]
    return any(_given(args, name) for name in (option, *rivals))


def _given(args: Mapping[str, Any], option: str) -> bool:
    names = (option, *argspec.endpoint()[option].get("aliases", ()))
    return any(args.get(name) is not None for name in names)


def _word(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
