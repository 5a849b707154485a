# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The names that a task gives to options: names of no option, and an option and its alias with different values, of
which Ansible would take the alias, also one of module_defaults."""

from __future__ import annotations

from typing import Any, Iterator, List, Mapping, Tuple

from .._engine.errors import InvalidRequest
from .._engine.model.display import plain

Spec = Mapping[str, Mapping[str, Any]]
OF_ANSIBLE = "_ansible_"
"""Ansible's own parameters. It refuses them in a task."""


def check_aliases(spec: Spec, given: Mapping[str, Any]) -> None:
    """Raise InvalidRequest for an option that a task gives under two names with different values.

    given: the task's own words. In the parameters of the module, the alias has replaced the option already.
    """
    for names in _contradictions(spec, given):
        raise InvalidRequest(
            "%s: %s is an alias of it, and has another value" % names,
            cure="Set one of the two, in the task or in module_defaults.",
        )


def require_known_names(module: str, spec: Spec, given: Mapping[str, Any]) -> None:
    """Raise InvalidRequest for names, also within suboptions, that are no options of a module."""
    found = [unknown(path, module, value, options) for path, value, options in _unknown(spec, given)]
    if found:
        raise InvalidRequest(
            "; ".join(found), cure=f"Correct the name. ansible-doc secure.ftp_synchronize.{module} lists the options."
        )


def unknown(path: str, owner: str, value: Any, spec: Spec, prefix: str = "") -> str:
    """Return the words about a name that is no option.

    spec: the options in its place; without the prefix that they share, by which all of them would be near
    """
    option, by_value = nearest(path.rpartition(".")[2][len(prefix) :], value, spec)
    meant = prefix + option
    hint = f"; {value} is a value of {meant}" if by_value else f"; did you mean {meant}?"
    return plain("%s: %s has no option of this name%s" % (path, owner, hint if option else ""))


def nearest(name: str, value: Any, spec: Spec) -> Tuple[str, bool]:
    """Return the option that was probably meant, if any, and whether only the value shows it."""
    from difflib import get_close_matches  # pylint: disable=import-outside-toplevel

    names = {each: option for option, rules in spec.items() for each in (option, *rules.get("aliases", ()))}
    fitting = [option for option, rules in spec.items() if value in rules.get("choices", ())]
    within = [f"{option}.{name}" for option, rules in spec.items() if name in rules.get("options", ())]
    same = get_close_matches(name, names, 1, 0.8) or get_close_matches(name, fitting, 1)
    if same or within:
        return (names[same[0]] if same else within[0]), False
    if len(fitting) == 1:
        return fitting[0], True
    near = get_close_matches(name, names, 1)
    return (names[near[0]] if near else ""), False


def _unknown(spec: Spec, given: Mapping[str, Any], prefix: str = "") -> Iterator[Tuple[str, Any, Spec]]:
    names = {each: option for option, rules in spec.items() for each in (option, *rules.get("aliases", ()))}
    for name, value in given.items():
        if name not in names:
            if not str(name).startswith(OF_ANSIBLE):
                yield f"{prefix}{name}", value, spec
        elif spec[names[name]].get("options"):
            for inner in _inner(value):
                yield from _unknown(spec[names[name]]["options"], inner, f"{prefix}{name}.")


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
