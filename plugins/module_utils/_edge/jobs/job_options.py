# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a job, read by the argument specification of secure_sync itself: a strict, narrow reader of JSON.

Everything that it takes, Ansible's validator takes with the same values. It converts nothing: "yes" is no boolean, "22"
is no number. Aliases, nulls and secrets are refused. The role passes the options through Ansible's validator first.
"""

from __future__ import annotations

import math
import os
from typing import Any, Callable, Dict, Iterator, List, Mapping, Tuple

from ..._engine.errors import InvalidRequest
from ..argspec import SECRETS_FROM, nearest
from ..sync import secure_sync

Spec = Mapping[str, Mapping[str, Any]]
Values = Mapping[str, Any]

_ELSEWHERE = {
    "start_spread": "Set a random delay in the timer, or sleep before the program.",
}
"""Options of a task that the action plugin carries out."""


def specification() -> Dict[str, Any]:
    """Return the specification of a job: the specification of secure_sync without the options of its action plugin."""
    spec = secure_sync.spec()
    options = {name: option for name, option in spec["argument_spec"].items() if name not in _ELSEWHERE}
    return {**spec, "argument_spec": options}


def job_params(options: Values, secrets: Mapping[str, str]) -> Dict[str, Any]:
    """Return the parameters of a task from the options of a job file and the secrets. Raises InvalidRequest."""
    spec = specification()
    require_no_secrets(spec["argument_spec"], options)
    for name, cure in _ELSEWHERE.items():
        if name in options:
            raise InvalidRequest(f"options.{name}: has no effect in a job", cure=cure)
    given = with_secrets(spec["argument_spec"], options, secrets)
    params = read_options(spec["argument_spec"], given)
    _check_rules(spec, given, "options")
    if params[SECRETS_FROM]:
        from ..secret_sources import sources  # pylint: disable=import-outside-toplevel

        sources(spec, params)
    return {**params, "start_spread": 0.0}


def secret_names(spec: Spec, prefix: str = "") -> Iterator[str]:
    """Yield the names of all options that Ansible hides, such as password and sign.private_key."""
    for name, option in spec.items():
        if option.get("no_log"):
            yield prefix + name
        yield from secret_names(option.get("options", {}), f"{prefix}{name}.")


def require_no_secrets(spec: Spec, options: Values) -> None:
    """Raise InvalidRequest for a secret among the options."""
    for name in secret_names(spec):
        if _holds(options, name.split(".")):
            raise InvalidRequest(
                f"options.{name}: a job file holds no secrets",
                cure=f"Remove it, and store it as the credential {name}.",
            )


def with_secrets(spec: Spec, options: Values, secrets: Mapping[str, str]) -> Dict[str, Any]:
    """Return the options with the secrets in their places. Raises InvalidRequest."""
    merged = dict(options)
    for name, text in secrets.items():
        outer, _dot, inner = name.partition(".")
        if not inner:
            merged[name] = text
            continue
        if not isinstance(merged.get(outer), dict):
            raise InvalidRequest(
                f"credentials: {name} belongs to {outer}, which is not set",
                cure=f"Set {outer} in options, or remove the credential.",
            )
        is_list = spec[outer]["options"][inner]["type"] == "list"
        merged[outer] = {**merged[outer], inner: [text] if is_list else text}
    return merged


def read_options(spec: Spec, given: Values, prefix: str = "options") -> Dict[str, Any]:
    """Return the values of all options of a specification, with defaults. Raises InvalidRequest."""
    for name in given:
        if name not in spec:
            raise InvalidRequest(
                f"{prefix}.{ascii(str(name))[1:-1][:80]}: is not an option",
                cure=_suggestion(str(name), given[name], spec),
            )
    return {name: _value(option, given, name, f"{prefix}.{name}") for name, option in spec.items()}


def _value(option: Mapping[str, Any], given: Values, name: str, shown: str) -> Any:
    if name in given:
        return _checked(option, given[name], shown)
    if option.get("required"):
        raise InvalidRequest(f"{shown}: is required", cure="Set it.")
    return option.get("default")


def _checked(option: Mapping[str, Any], value: Any, shown: str) -> Any:
    read = _read(option.get("type", "str"), value, shown)
    if isinstance(read, list):
        element = {"type": option.get("elements", "str")}
        return [_checked(element, each, f"{shown}[{index}]") for index, each in enumerate(read)]
    if isinstance(read, dict) and "options" in option:
        suboptions = read_options(option["options"], read, shown)
        _check_rules(option, read, shown)
        return suboptions
    if "choices" in option and read not in option["choices"]:
        raise InvalidRequest(
            f"{shown}: {ascii(read)[:80]} is not a choice", cure=f"Use {', '.join(option['choices'])}."
        )
    return read


def _read(kind: str, value: Any, shown: str) -> Any:
    words, fits, convert = _KINDS[kind]
    if not fits(value):
        raise InvalidRequest(f"{shown}: is not {words}", cure=f"Write {words}, as JSON has it.")
    return convert(value)


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def _path(text: str) -> str:
    return os.path.expanduser(os.path.expandvars(text))


def _same(value: Any) -> Any:
    return value


_KINDS: Dict[str, Tuple[str, Callable[[Any], bool], Callable[[Any], Any]]] = {
    "str": ("a string", lambda value: isinstance(value, str), _same),
    "path": ("a string", lambda value: isinstance(value, str), _path),
    "bool": ("true or false", lambda value: isinstance(value, bool), _same),
    "int": ("a whole number", lambda value: isinstance(value, int) and not isinstance(value, bool), _same),
    "float": ("a number", _is_number, float),
    "list": ("a list", lambda value: isinstance(value, list), _same),
    "dict": ("an object", lambda value: isinstance(value, dict), _same),
}


def _check_rules(rules: Mapping[str, Any], given: Values, shown: str) -> None:
    for names in rules.get("mutually_exclusive", ()):
        found = [name for name in names if name in given]
        if len(found) > 1:
            raise InvalidRequest(f"{shown}: has {' and '.join(found)}, which exclude each other", cure="Keep one.")
    for names in rules.get("required_one_of", ()):
        if not any(name in given for name in names):
            raise InvalidRequest(f"{shown}: has none of {', '.join(names)}", cure="Set one of them.")


def _suggestion(name: str, value: Any, spec: Spec) -> str:
    for option, details in spec.items():
        if name in details.get("aliases", ()):
            return f"Write {option}: a job file has no aliases."
    option, by_value = nearest(name, value, spec)
    near = "Write %s%s." % (option, f", which has the value {value}" if by_value else "")
    return near if option else "Remove it; the documentation of secure_sync lists the options."


def _holds(options: Any, names: List[str]) -> bool:
    for name in names:
        if not isinstance(options, dict) or name not in options:
            return False
        options = options[name]
    return True
