# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Arguments of ssh in variables of the inventory, as options of this collection.

A jump host and a configuration file have options here. Everything else is refused by name, because without it the
connection could lead to another server. Values are not shown: a ProxyCommand may hold a password.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Any

from ..module_utils._engine.errors import InvalidRequest, NotSupported
from ..module_utils._engine.model.display import plain

REUSE = "ansible_ssh_args"
"""The variable that replaces Ansible's own arguments, which only compress and share the connection."""
ARGUMENTS = (REUSE, "ansible_ssh_common_args", "ansible_ssh_extra_args")
WITHOUT_EFFECT = frozenset({"-C", "-o controlmaster", "-o controlpersist", "-o controlpath"})
"""Arguments of `REUSE` that have no effect on the endpoint."""
JUMP, CONFIG = "-J", "-F"
OPTION = "-o"
LONGEST_WORD = 40


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
                "%s: %s cannot be taken from the inventory" % (variable, plain(word)),
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
            raise InvalidRequest(
                "%s: %s has no value" % (variable, flag), cure="Add the value, or remove the argument."
            )
        yield _named(value) if flag == OPTION else (flag, value)


def _named(setting: str) -> tuple[str, str]:
    """Return an argument of -o; `-o ProxyJump=host` is the same as `-J host`."""
    name, value = (*re.split(r"\s*=\s*|\s+", setting.strip(), maxsplit=1), "")[:2]
    return (JUMP, value) if name.lower() == "proxyjump" and value else ("%s %s" % (OPTION, name), value)


def _words(variable: str, text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise InvalidRequest(
            "%s: cannot be split into arguments: %s" % (variable, error), cure="Close the quotation marks."
        ) from None


def _comparable(word: str) -> str:
    """Names of options are the same in capitals, flags are not: -C compresses, -c chooses a cipher."""
    return word.lower() if word.startswith(OPTION) else word
