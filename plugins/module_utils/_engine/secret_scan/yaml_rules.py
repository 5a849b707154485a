# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets in YAML of Ansible: playbooks, variables, inventories, and AWX as code.

The text is composed to nodes, never constructed: a tag runs nothing, and each node knows its line.
"""

from __future__ import annotations

from typing import Any, Dict, FrozenSet, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Set

from ..model.findings import HIGH, MEDIUM
from .line_rules import LineFinding, command_secrets
from .wording import is_literal, is_secret_name, secret_variables

try:
    import yaml  # type: ignore[import-untyped]
except ImportError:
    HAS_YAML = False
else:
    HAS_YAML = True

_BUILTIN = ("ansible.builtin.", "ansible.legacy.", "")
_COMMANDS = frozenset(prefix + name for prefix in _BUILTIN for name in ("command", "shell", "raw", "script", "expect"))
_DEBUG = frozenset(prefix + "debug" for prefix in _BUILTIN)
_TRUE = frozenset(("true", "yes", "on", "1"))
_FALSE = frozenset(("false", "no", "off", "0"))
_STRING = "tag:yaml.org,2002:str"
_MOST_NAMES = 100


class NotYaml(ValueError):
    """The text is no YAML; the message names the line, never the text."""


class Placed(NamedTuple):
    """A finding and its line, from 1."""

    line: int
    found: LineFinding


def compose(text: str) -> List[Any]:
    """Return the documents of a text as nodes. Raises NotYaml."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return [node for node in yaml.compose_all(text, Loader=loader) if node is not None]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise NotYaml("not YAML" if mark is None else f"not YAML: line {mark.line + 1}") from None
    except RecursionError:
        raise NotYaml("not YAML: nested too deeply") from None


def placed(documents: Sequence[Any]) -> Iterator[Placed]:
    below = _below(documents)
    known: Dict[int, _Mapping] = {}
    shown: Set[int] = set()
    for node in _nodes(documents):
        if isinstance(node, yaml.MappingNode):
            mapping = _Mapping.of(node, known)
            yield from _secrets_of(mapping)
            yield from _task(mapping, below, shown)
            yield from _job(mapping)


def literals(documents: Sequence[Any]) -> Iterator[str]:
    """Yield every text that is written out: no template, and no tag such as !vault."""
    for node in _nodes(documents):
        if isinstance(node, yaml.MappingNode):
            yield from (value.value for _key, value in node.value if _is_text(value) and is_literal(value.value))


def _nodes(roots: Sequence[Any]) -> Iterator[Any]:
    """Yield all nodes once, also those that an alias repeats."""
    left, seen = list(reversed(roots)), set()
    while left:
        node = left.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        left += reversed(_children(node))


def _children(node: Any) -> List[Any]:
    if isinstance(node, yaml.MappingNode):
        return [value for _key, value in node.value]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


class _Below(NamedTuple):
    """A node and all nodes below it.

    named: whether a key is the name of a secret
    secret: whether a text uses a secret
    parts_of: variables of which a text uses a part that is a secret; None if these are too many to list
    """

    named: bool
    secret: bool
    parts_of: Optional[FrozenSet[str]]


_NOTHING = _Below(False, False, frozenset())


def _below(roots: Sequence[Any]) -> Dict[int, _Below]:
    """Return the properties of all nodes, by their id, each from its own children. A node that contains itself has
    none of them from itself."""
    found: Dict[int, _Below] = {}
    left = [(node, False) for node in roots]
    while left:
        node, children_done = left.pop()
        if children_done:
            found[id(node)] = _joined(node, [found[id(each)] for each in _children(node)])
        elif id(node) not in found:
            found[id(node)] = _NOTHING
            left.append((node, True))
            left += [(each, False) for each in _children(node)]
    return found


def _joined(node: Any, children: Sequence[_Below]) -> _Below:
    names = tuple(secret_variables(node.value)) if isinstance(node, yaml.ScalarNode) else ()
    of_this = frozenset(name.partition(".")[0] for name in names if "." in name)
    parts = {of_this, *(each.parts_of for each in children)}
    whole = None if None in parts else frozenset(name for part in parts for name in part or ())
    named = isinstance(node, yaml.MappingNode) and any(
        is_secret_name(key.value) for key, _value in node.value if isinstance(key, yaml.ScalarNode)
    )
    return _Below(
        named or any(each.named for each in children),
        bool(names) or any(each.secret for each in children),
        whole if whole is None or len(whole) <= _MOST_NAMES else None,
    )


class _Mapping:
    """A mapping of a document: its values by their names. known: all mappings so far, by the id of their nodes."""

    @classmethod
    def of(cls, node: Any, known: Dict[int, _Mapping]) -> _Mapping:
        if id(node) not in known:
            known[id(node)] = cls(node, known)
        return known[id(node)]

    def __init__(self, node: Any, known: Dict[int, _Mapping]) -> None:
        self.node = node
        self._known = known
        self.values: Dict[str, Any] = {
            key.value: value for key, value in node.value if isinstance(key, yaml.ScalarNode)
        }
        self.lines = {
            key.value: key.start_mark.line + 1 for key, _value in node.value if isinstance(key, yaml.ScalarNode)
        }

    def word(self, name: str) -> str:
        """Return the text of a scalar, in lower case; empty if there is none."""
        node = self.values.get(name)
        return node.value.lower() if isinstance(node, yaml.ScalarNode) else ""

    def inner(self, name: str) -> _Mapping:
        """Return the mapping of that name; an empty mapping if there is none."""
        node = self.values.get(name)
        if isinstance(node, yaml.MappingNode):
            return self.of(node, self._known)
        return _Mapping(yaml.MappingNode("", []), self._known)


def _is_text(node: Any) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == _STRING


def _secrets_of(mapping: _Mapping) -> Iterator[Placed]:
    """Yield values that are written out under the name of a secret."""
    for name, node in mapping.values.items():
        if not is_secret_name(name):
            continue
        for value in node.value if isinstance(node, yaml.SequenceNode) else [node]:
            # A private key shows itself by its form.
            if _is_text(value) and is_literal(value.value) and "PRIVATE KEY-----" not in value.value:
                kind = f"value of {name}"
                yield Placed(value.start_mark.line + 1, LineFinding("literal_secret", HIGH, kind, value.value))


def _task(mapping: _Mapping, below: Mapping[int, _Below], shown: Set[int]) -> Iterator[Placed]:
    """shown: ids of the environments so far, which many tasks may share by an alias."""
    for name, node in mapping.values.items():
        if name in _COMMANDS:
            yield from _command(mapping, name)
        elif name in _DEBUG and mapping.word("no_log") not in _TRUE:
            yield from _debug(mapping.inner(name), mapping.lines[name])
        elif name == "environment":
            if id(node) not in shown:
                shown.add(id(node))
                yield from _environment(mapping.inner(name))
        elif name == "no_log" and mapping.word(name) in _FALSE and _uses_secrets(mapping, below):
            setting = LineFinding("no_log_off", MEDIUM, "no_log is off in a task with a secret", None)
            yield Placed(mapping.lines[name], setting)
        elif name == "loop" or name.startswith("with_"):
            yield from _loop(mapping, name, below)


def _command(mapping: _Mapping, name: str) -> Iterator[Placed]:
    node, line = mapping.values[name], mapping.lines[name]
    texts = [node.value] if isinstance(node, yaml.ScalarNode) else []
    inner = mapping.inner(name)
    for option in ("cmd", "_raw_params", "argv"):
        value = inner.values.get(option)
        if isinstance(value, yaml.ScalarNode):
            texts.append(value.value)
        elif isinstance(value, yaml.SequenceNode):
            texts.append(" ".join(each.value for each in value.value if isinstance(each, yaml.ScalarNode)))
    for text in texts:
        yield from (Placed(line, found) for found in command_secrets(text))


def _debug(options: _Mapping, line: int) -> Iterator[Placed]:
    variable = options.values.get("var")
    names = [variable.value] if variable and _is_text(variable) and is_secret_name(variable.value.strip()) else []
    message = options.values.get("msg")
    names += secret_variables(message.value) if isinstance(message, yaml.ScalarNode) else []
    for name in names:
        yield Placed(line, LineFinding("secret_in_debug", HIGH, f"debug shows {name}", None))


def _environment(variables: _Mapping) -> Iterator[Placed]:
    for name, node in variables.values.items():
        # Values that are written out are found by their names.
        if not isinstance(node, yaml.ScalarNode) or is_literal(node.value):
            continue
        if is_secret_name(name) or any(secret_variables(node.value)):
            kind = f"environment variable {name}"
            yield Placed(variables.lines[name], LineFinding("secret_in_environment", MEDIUM, kind, None))


def _loop(mapping: _Mapping, name: str, below: Mapping[int, _Below]) -> Iterator[Placed]:
    """Ansible prints the whole item of a loop, unless a label replaces it."""
    if mapping.word("no_log") in _TRUE or "label" in mapping.inner("loop_control").values:
        return
    items = mapping.values[name]
    variable = mapping.inner("loop_control").values.get("loop_var")
    item = variable.value if variable and _is_text(variable) else "item"
    parts_of = below[id(mapping.node)].parts_of
    shown = below[id(items)].named or parts_of is None or item in parts_of
    if isinstance(items, yaml.ScalarNode):
        shown = shown or any(secret_variables(items.value))
    if shown:
        setting = LineFinding("loop_without_label", MEDIUM, "a loop prints its items, which hold a secret", None)
        yield Placed(mapping.lines[name], setting)


def _uses_secrets(mapping: _Mapping, below: Mapping[int, _Below]) -> bool:
    return any(below[id(node)].named or below[id(node)].secret for node in mapping.values.values())


def _job(mapping: _Mapping) -> Iterator[Placed]:
    """A job template of AWX whose output shows the arguments of modules."""
    if "playbook" in mapping.values and mapping.word("verbosity") in ("3", "4", "5"):
        setting = LineFinding("verbose_job", MEDIUM, "verbosity of 3 or more", None)
        yield Placed(mapping.lines["verbosity"], setting)
