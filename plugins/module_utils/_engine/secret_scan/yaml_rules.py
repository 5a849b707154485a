# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets in YAML of Ansible: playbooks, variables, inventories, and AWX as code.

The text is composed to nodes, never constructed: a tag runs nothing, and each node knows its line.
"""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, NamedTuple, Sequence

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
        raise NotYaml("not YAML" if mark is None else "not YAML: line %d" % (mark.line + 1)) from None
    except RecursionError:
        raise NotYaml("not YAML: nested too deeply") from None


def placed(documents: Sequence[Any]) -> Iterator[Placed]:
    """Yield the findings of all documents."""
    for mapping in _mappings(documents):
        yield from _secrets_of(mapping)
        yield from _task(mapping)
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
        if isinstance(node, yaml.MappingNode):
            left += [value for _key, value in reversed(node.value)]
        elif isinstance(node, yaml.SequenceNode):
            left += reversed(node.value)


class _Mapping:
    """A mapping of a document: its values by their names."""

    def __init__(self, node: Any) -> None:
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
        return _Mapping(node) if isinstance(node, yaml.MappingNode) else _Mapping(yaml.MappingNode("", []))


def _mappings(documents: Sequence[Any]) -> Iterator[_Mapping]:
    yield from (_Mapping(node) for node in _nodes(documents) if isinstance(node, yaml.MappingNode))


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
                kind = "value of %s" % name
                yield Placed(value.start_mark.line + 1, LineFinding("literal_secret", HIGH, kind, value.value))


def _task(mapping: _Mapping) -> Iterator[Placed]:
    for name in mapping.values:
        if name in _COMMANDS:
            yield from _command(mapping, name)
        elif name in _DEBUG and mapping.word("no_log") not in _TRUE:
            yield from _debug(mapping.inner(name), mapping.lines[name])
        elif name == "environment":
            yield from _environment(mapping.inner(name))
        elif name == "no_log" and mapping.word(name) in _FALSE and _uses_secrets(mapping):
            setting = LineFinding("no_log_off", MEDIUM, "no_log is off in a task with a secret", None)
            yield Placed(mapping.lines[name], setting)
        elif name == "loop" or name.startswith("with_"):
            yield from _loop(mapping, name)


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
        yield Placed(line, LineFinding("secret_in_debug", HIGH, "debug shows %s" % name, None))


def _environment(variables: _Mapping) -> Iterator[Placed]:
    for name, node in variables.values.items():
        # Values that are written out are found by their names.
        if not isinstance(node, yaml.ScalarNode) or is_literal(node.value):
            continue
        if is_secret_name(name) or any(secret_variables(node.value)):
            kind = "environment variable %s" % name
            yield Placed(variables.lines[name], LineFinding("secret_in_environment", MEDIUM, kind, None))


def _loop(mapping: _Mapping, name: str) -> Iterator[Placed]:
    """Ansible prints the whole item of a loop, unless a label replaces it."""
    if mapping.word("no_log") in _TRUE or "label" in mapping.inner("loop_control").values:
        return
    items = mapping.values[name]
    keys = {key for each in _mappings([items]) for key in each.values}
    variable = mapping.inner("loop_control").values.get("loop_var")
    item = variable.value if variable and _is_text(variable) else "item"
    used = {each for node in _nodes(list(mapping.values.values())) if isinstance(node, yaml.ScalarNode)
            for each in secret_variables(node.value)}  # fmt: skip
    shown = any(map(is_secret_name, keys)) or any(each.startswith(item + ".") for each in used)
    if isinstance(items, yaml.ScalarNode):
        shown = shown or any(secret_variables(items.value))
    if shown:
        setting = LineFinding("loop_without_label", MEDIUM, "a loop prints its items, which hold a secret", None)
        yield Placed(mapping.lines[name], setting)


def _uses_secrets(mapping: _Mapping) -> bool:
    nodes = list(_nodes(list(mapping.values.values())))
    named = any(is_secret_name(key) for each in _mappings(list(mapping.values.values())) for key in each.values)
    return named or any(any(secret_variables(node.value)) for node in nodes if isinstance(node, yaml.ScalarNode))


def _job(mapping: _Mapping) -> Iterator[Placed]:
    """A job template of AWX whose output shows the arguments of modules."""
    if "playbook" in mapping.values and mapping.word("verbosity") in ("3", "4", "5"):
        setting = LineFinding("verbose_job", MEDIUM, "verbosity of 3 or more", None)
        yield Placed(mapping.lines["verbosity"], setting)
