# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""login_ban: parameters in, a jail of fail2ban made or removed, the result out."""

from __future__ import annotations

import ipaddress
import re
from typing import Any, Dict, List, Mapping, Tuple

from .._engine.ban.change import Jail, Report, apply
from .._engine.errors import InvalidRequest
from .argspec import Spec
from .contract import Result, Task

_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}\Z")
_OPTION = re.compile(r"[a-z][a-z._]*\Z")


def spec() -> Dict[str, Any]:
    return {"argument_spec": _options()}


def _options() -> Spec:
    return {
        "name": {"type": "str", "required": True},
        "jail": {"type": "str"},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "settings": {"type": "dict", "default": {}},
        "spared": {"type": "list", "elements": "str", "default": []},
        "packages": {"type": "list", "elements": "str", "default": []},
    }


def request(task: Task) -> Tuple[str, Jail, bool]:
    """See `task`. The name of the drop-in, its jail, and whether it is wanted."""
    given = task.params
    name = _named("name", given["name"])
    jail = Jail(
        name=_named("jail", given["jail"] or f"secure_ftp_synchronize_{name}"),
        settings=_settings(given["settings"]),
        spared=_spared(given["spared"]),
    )
    return name, jail, given["state"] == "present"


def run(task: Task) -> Result:
    name, jail, wanted = request(task)
    return result(apply(name, jail, wanted=wanted, check_mode=task.check_mode))


def result(report: Report) -> Result:
    return {
        "changed": report.changed,
        "missing": report.missing,
        "controller": report.controller or "",
        "diff": {
            "before_header": report.path,
            "after_header": report.path,
            "before": report.before or "",
            "after": report.after or "",
        },
        "msg": _summary(report),
    }


def blank() -> Result:
    return {"changed": False}


def _named(option: str, value: str) -> str:
    if not _NAME.match(value):
        raise InvalidRequest(f"{option}: {value!r} must consist of a-z, 0-9 and _", cure=f"Correct {option}.")
    return value


def _settings(given: Mapping[str, Any]) -> Dict[str, str]:
    found = {name: _value(value) for name, value in given.items()}
    for name, value in found.items():
        if not _OPTION.match(name) or "\n" in value:
            raise InvalidRequest(f"settings: {name!r} is not a single line of a jail", cure="Correct settings.")
    return found


def _value(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _spared(given: List[str]) -> List[str]:
    for each in given:
        try:
            ipaddress.ip_network(each, strict=False)
        except ValueError:
            raise InvalidRequest(
                f"spared: {each!r} is neither an address nor a network", cure="Correct spared."
            ) from None
    return given


def _summary(report: Report) -> str:
    if report.missing:
        return "fail2ban is not installed: its configuration waits for it"
    if not report.changed:
        return "nothing to do"
    return "addresses that guess are banned" if report.after is not None else "removed"
