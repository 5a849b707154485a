# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The test files that a change reaches: a graph of uses, from imports and from names in texts.

    graph = Graph(root, files)
    graph.distances("tests/hosts/test_ftps_server.py")["roles/ftps_server/tasks/main.yml"]      # 2, by way of a scene

A test uses its imports, and the names in its strings and in its helpers' strings: a helper that is started as a process
(`support.x`), a module, a role, a variable of a role, a playbook, a page. A role or playbook uses the modules and roles
that its text names, a plugin its imports.
"""

from __future__ import annotations

__all__ = ["Graph"]

import ast
import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

import yaml

_COLLECTION = "ansible_collections.secure.ftp_synchronize."
_WORD = re.compile(r"[\w./-]+")
_NAMED_AS_A_WHOLE = ("docs", "playbooks", "roles")
_KEY = re.compile(rf"\b({'|'.join(_NAMED_AS_A_WHOLE)}):")
_PLUGINS_OF_PLAYS = (("plugins", "modules"), ("plugins", "action"))
_RUNTIME = "meta/runtime.yml"


class Graph:
    """files: all files of the repository, relative to its root."""

    def __init__(self, root: Path, files: Iterable[str]) -> None:
        self._root = root
        self._files = frozenset(files)
        self._modules = {_module_of(file): file for file in self._files if file.endswith(".py")}
        self._names = self._named()
        self._used = functools.cache(self._find_used)

    def tests(self) -> list[str]:
        """Return the files of tests."""
        return sorted(file for file in self._files if re.fullmatch(r"tests/.*/test_\w+\.py", file))

    def uses(self, file: str) -> frozenset[str]:
        """Return the files that a file uses itself."""
        return self._used(file)

    def distances(self, file: str) -> dict[str, int]:
        """Return all that a file reaches, with the number of steps to it; itself with none."""
        found, edge = {file: 0}, [file]
        while edge:
            further = {used for each in edge for used in self._used(each)} - found.keys()
            found |= dict.fromkeys(further, found[edge[0]] + 1)
            edge = sorted(further)
        return found

    def _find_used(self, file: str) -> frozenset[str]:
        text = (self._root / file).read_text(errors="replace")
        if file.endswith(".py"):
            nodes = list(ast.walk(ast.parse(text)))
            named = self._named_in(*_texts_of(nodes)) if file.startswith("tests/") else frozenset()
            return frozenset(self._imported(file, nodes)) | named
        return self._named_in(_KEY.sub("", text)) if file.endswith((".yml", ".j2")) else frozenset()

    def _imported(self, file: str, nodes: Iterable[ast.AST]) -> Iterator[str]:
        for node in nodes:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                for name in _names_imported(node, file):
                    yield from self._resolved(name)

    def _resolved(self, name: str) -> Iterator[str]:
        short = name.removeprefix(_COLLECTION)
        found = self._modules.get(short) or self._modules.get(f"tests.{short}")
        if found:
            yield found

    def _named_in(self, *texts: str) -> frozenset[str]:
        """Return the files that the words of texts name."""
        words = {word for text in texts for word in _WORD.findall(text)}
        return frozenset(file for word in words for file in self._of_word(word))

    def _of_word(self, word: str) -> Iterator[str]:
        if word in self._files:
            yield word
        yield from self._names.get(word.removeprefix("secure.ftp_synchronize."), ())
        if word.startswith("support."):
            yield from self._resolved(word)

    def _named(self) -> dict[str, set[str]]:
        """Return the files behind each name: of a module, an action, a role, a playbook, and of a directory."""
        names: dict[str, set[str]] = {}
        for file in self._files:
            for name in (*_names_of(PurePosixPath(file)), *self._variables_of(file)):
                names.setdefault(name, set()).add(file)
        for module, action in self._routes().items():
            names.setdefault(module, set()).add(f"plugins/action/{action.rpartition('.')[2]}.py")
        return names

    def _routes(self) -> dict[str, str]:
        """Return the modules without an action of their name, and the action of each."""
        if _RUNTIME not in self._files:
            return {}
        routing = yaml.safe_load((self._root / _RUNTIME).read_text())["plugin_routing"]["modules"]
        return {name: route["action_plugin"] for name, route in routing.items()}

    def _variables_of(self, file: str) -> list[str]:
        """Return the variables of a role, of the file with their defaults."""
        is_defaults = file.startswith("roles/") and file.endswith("/defaults/main.yml")
        return re.findall(r"^(\w+):", (self._root / file).read_text(), re.MULTILINE) if is_defaults else []


def _names_of(path: PurePosixPath) -> Iterator[str]:
    """Yield the names by which texts speak of a file, apart from its path."""
    top, second = (*path.parts, "")[:2]
    if top in _NAMED_AS_A_WHOLE:
        yield top
    if top == "playbooks" or (top, second) in _PLUGINS_OF_PLAYS:
        yield path.stem
    if top == "playbooks":
        yield ".".join(path.with_suffix("").parts[1:])
    if top == "roles":
        yield from (second, f"{top}/{second}")


def _texts_of(nodes: Sequence[ast.AST]) -> Iterator[str]:
    """Yield the strings of a file, and the names of its arguments: they may be variables of a role."""
    keys = {id(key) for node in nodes if isinstance(node, ast.Dict) for key in node.keys}
    for node in nodes:
        name = node.value if isinstance(node, ast.Constant) else node.arg if isinstance(node, ast.keyword) else None
        # The key `roles` of a play is not the directory.
        if isinstance(name, str) and not (id(node) in keys and name in _NAMED_AS_A_WHOLE):
            yield name


def _module_of(file: str) -> str:
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _names_imported(node: ast.Import | ast.ImportFrom, file: str) -> Iterator[str]:
    """Return the possible imports of a statement: a module, or a name in a module that is itself a module."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    else:
        package = file.split("/")[: -node.level] if node.level else []
        base = ".".join([*package, *filter(None, [node.module])])
        yield base
        yield from (f"{base}.{alias.name}" for alias in node.names)
