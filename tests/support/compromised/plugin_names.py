# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The variables from which plugins on the controller take options, as their documentation has them, and the variables
of our playbooks: names under which a host could return a fact."""

from __future__ import annotations

__all__ = ["playbook_names", "plugin_names"]

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ansible
import yaml

from ..running.other_collections import with_collection

_KINDS = ("lookup", "connection", "become", "shell", "callback", "inventory", "vars", "doc_fragments")
_COLLECTIONS = ("community.hashi_vault", "community.general")
_ROOT = Path(__file__).parents[3]


@functools.cache
def plugin_names() -> dict[str, str]:
    """Return the types of options by the names of their variables, of ansible-core and of two collections."""
    inside = [Path(ansible.__file__).parent / "plugins"]
    for name in _COLLECTIONS:
        inside.append(Path(with_collection(name)) / "ansible_collections" / name.replace(".", "/") / "plugins")
    files = [path for place in inside for kind in _KINDS for path in (place / kind).glob("*.py")]
    found = [each for path in files for text in _texts(path) for each in _options(text)]
    # The type of an option may be in another fragment than its variables.
    types = {option: of_type for option, of_type, _names in found if of_type}
    return {name: types.get(option, "str") for option, _type, names in found for name in names}


@functools.cache
def playbook_names() -> frozenset[str]:
    """Return every word of the playbooks that may be a variable."""
    files = [*(_ROOT / "playbooks").rglob("*.yml")]
    return frozenset(re.findall(r"(?<![\w.])[a-z][a-z0-9]*_[a-z0-9_]+\b(?!\.)", "\n".join(map(Path.read_text, files))))


def _texts(path: Path) -> Iterator[str]:
    """Yield the texts that a Python file assigns to a name, as documentation is."""
    for node in ast.walk(ast.parse(path.read_text())):
        value = node.value if isinstance(node, ast.Assign) else None
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield value.value


def _options(text: str) -> list[tuple[str, str, list[str]]]:
    """Return the name of each option of a documentation, its type, and its variables."""
    try:
        return list(_described("", yaml.safe_load(text)))
    except yaml.YAMLError:
        return []


def _described(key: str, value: Any) -> Iterator[tuple[str, str, list[str]]]:
    if not isinstance(value, dict):
        return
    variables = value.get("vars")
    names = [str(each.get("name")) for each in variables] if isinstance(variables, list) else []
    yield key, "choice" if "choices" in value else str(value.get("type") or ""), names
    for name, inner in value.items():
        yield from _described(str(name), inner)
