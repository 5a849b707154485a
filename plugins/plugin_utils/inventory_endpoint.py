# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The endpoint of a task without `host`: taken from the variables by which Ansible itself reaches the inventory host.

No password is taken, and nothing that a fact has chosen: `endpoint_variables` reads these variables.

Of the arguments of ssh in these variables, a jump host and a configuration file have options here. Everything else is
refused by name, because without it the connection could lead to another server. Values are not shown: a ProxyCommand
may hold a password.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ansible import constants

from ..module_utils._edge import argspec
from ..module_utils._engine.errors import InvalidRequest, NotSupported
from ..module_utils._engine.model.display import plain
from ..module_utils._engine.model.endpoint import FTPS

REUSE = "ansible_ssh_args"
"""The variable that replaces Ansible's own arguments, which only compress and share the connection."""
ARGUMENTS = (REUSE, "ansible_ssh_common_args", "ansible_ssh_extra_args")
WITHOUT_EFFECT = frozenset({"-C", "-o controlmaster", "-o controlpersist", "-o controlpath"})
"""Arguments of `REUSE` that have no effect on the endpoint."""
JUMP, CONFIG = "-J", "-F"
OPTION = "-o"
LONGEST_WORD = 40
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


def options_of(variable: str, text: Any) -> dict[str, Any]:
    """Return `proxy_jump` and `ssh_config_file` as the variable has them. Raises NotSupported, InvalidRequest."""
    options: dict[str, Any] = {}
    for word, value in _arguments(variable, "" if text is None else str(text)):
        if word == JUMP and value.lower() != "none":
            options.setdefault("proxy_jump", value.split(","))
        elif word == CONFIG:
            options["ssh_config_file"] = value
        elif variable != REUSE or _comparable(word) not in WITHOUT_EFFECT:
            raise NotSupported(
                f"{variable}: {plain(word)} cannot be taken from the inventory",
                cure="Set host in the task, and with it all options of the endpoint; or write the setting into a file "
                "in the form of ssh_config, and name it by -F FILE.",
            )
    return options


def _arguments(variable: str, text: str) -> Iterator[tuple[str, str]]:
    """Yield each argument as a word that can be shown, and its value."""
    words = iter(_words(variable, text))
    for word in words:
        flag, value = word[:2], word[2:]
        if flag not in (JUMP, CONFIG, OPTION):
            yield (flag if word.startswith("-") else repr(word[:LONGEST_WORD])), ""
            continue
        value = value or next(words, "")
        if not value.strip():
            raise InvalidRequest(f"{variable}: {flag} has no value", cure="Add the value, or remove the argument.")
        yield _named(value) if flag == OPTION else (flag, value)


def _named(setting: str) -> tuple[str, str]:
    """Return an argument of -o; `-o ProxyJump=host` is the same as `-J host`."""
    name, value = (*re.split(r"\s*=\s*|\s+", setting.strip(), maxsplit=1), "")[:2]
    return (JUMP, value) if name.lower() == "proxyjump" and value else (f"{OPTION} {name}", value)


def _words(variable: str, text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise InvalidRequest(
            f"{variable}: cannot be split into arguments: {error}", cure="Close the quotation marks."
        ) from None


def _comparable(word: str) -> str:
    """Names of options are the same in capitals, flags are not: -C compresses, -c chooses a cipher."""
    return word.lower() if word.startswith(OPTION) else word


class Taken(NamedTuple):
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
                f"{name}: {option} has another value in {taken[option].variable}",
                cure="Set it in one of the two variables.",
            )
        taken[option] = Taken(value, name)


def _replaced(args: Mapping[str, Any], option: str) -> bool:
    """Return whether the task has an option, under any name, or another that rules it out."""
    rivals = [name for group in argspec.EXCLUSIVE if option in group for name in group]
    return any(_given(args, name) for name in (option, *rivals))


def _given(args: Mapping[str, Any], option: str) -> bool:
    names, sources = (option, *argspec.endpoint()[option].get("aliases", ())), args.get(argspec.SECRETS_FROM)
    return any(args.get(name) is not None for name in names) or (isinstance(sources, Mapping) and option in sources)


def _word(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
