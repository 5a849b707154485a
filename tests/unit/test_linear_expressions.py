# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every regular expression of the collection takes linear time: of plugins, of roles and of playbooks.

A host, a peer, a log or a project can send any line. Python's `re` goes back, so a gap without a limit costs the square
of a line. The expressions are found, not listed: compiled values of the modules, literals in calls of `re`, and filters
and tests of Jinja.
"""

from __future__ import annotations

import ast
import fnmatch
import importlib
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from support.fuzz.hostile_lines import Line, slow_line

ROOT = Path(__file__).parents[2]
PACKAGE = "ansible_collections.secure.ftp_synchronize."
METHODS = frozenset(("match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"))
FILES = sorted(path for path in (ROOT / "plugins").rglob("*.py"))
Use = tuple[re.Pattern[Any], str]


def module_of(path: Path) -> ModuleType:
    """Import a file of plugins/."""
    return importlib.import_module(PACKAGE + ".".join(path.relative_to(ROOT).with_suffix("").parts))


def compiled_in(value: object, seen: set[int]) -> Iterator[re.Pattern[Any]]:
    """Yield the compiled expressions of a value of a module, also inside tuples, mappings and classes."""
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from compiled_in(each, seen)
    elif isinstance(value, (tuple, list, set, frozenset)):
        for each in value:
            yield from compiled_in(each, seen)
    elif hasattr(value, "__dict__") and getattr(value, "__module__", "").startswith(PACKAGE):
        for each in vars(value).values():
            yield from compiled_in(each, seen)


def assigned_in(tree: ast.Module) -> set[str]:
    """Return the names that a file defines, and does not import."""
    targets = [target for node in tree.body for target in getattr(node, "targets", [getattr(node, "target", None)])]
    names = {each.id for target in targets if target for each in ast.walk(target) if isinstance(each, ast.Name)}
    return names | {node.name for node in tree.body if isinstance(node, ast.ClassDef)}


@cache
def methods_in(path: Path) -> dict[str, set[str]]:
    """Return the methods that a file calls on each name."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Attribute) and node.attr in METHODS and isinstance(node.value, ast.Name):
            found.setdefault(node.value.id, set()).add(node.attr)
    return found


def methods_on(name: str, path: Path) -> set[str]:
    """Return the methods that are called on a constant: by its file, and if it is public, by all."""
    return {each for file in ([path] if name.startswith("_") else FILES) for each in methods_in(file).get(name, ())}


def methods_of_others(tree: ast.AST) -> set[str]:
    """Return the methods that a file calls on variables: a loop over a table of expressions, a field of a rule."""
    nodes = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in METHODS)
    return {node.attr for node in nodes if not (isinstance(node.value, ast.Name) and node.value.id.isupper())} - {
        "sub",
        "split",
    }


def uses_in(path: Path) -> Iterator[Use | str]:
    """Yield the expressions of a file with the methods that use them, and the calls whose expression is unknown."""
    module, tree = module_of(path), ast.parse(path.read_bytes())
    for name in sorted(assigned_in(tree)):
        value = getattr(module, name, None)
        for expression in compiled_in(value, set()):
            direct = methods_on(name, path) if isinstance(value, re.Pattern) else None
            yield from ((expression, method) for method in direct or methods_of_others(tree) or {"search"})
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and is_re(node.func.value):
            # The value of a name has its methods above.
            named = node.func.attr == "compile" and node in [getattr(each, "value", None) for each in tree.body]
            if node.func.attr in METHODS | {"compile"} and not named:
                yield use_of(node, module)


def is_re(node: ast.AST) -> bool:
    """Return whether a node is the module re."""
    return isinstance(node, ast.Name) and node.id == "re"


def use_of(node: ast.Call, module: ModuleType) -> Use | str:
    """Return the expression of a call of re, if values of its module decide it; otherwise the text of the call."""
    method = getattr(node.func, "attr", "")
    flags = next((each.value for each in node.keywords if each.arg == "flags"), None)
    flags = node.args[1] if method == "compile" and len(node.args) > 1 else flags
    try:
        pattern, flag = (evaluated(each, module) if each else 0 for each in (node.args[0], flags))
    except NameError:
        return ast.unparse(node.args[0])
    expression = pattern if isinstance(pattern, re.Pattern) else re.compile(pattern, flag)
    return expression, "search" if method == "compile" else method


def evaluated(node: ast.expr, module: ModuleType) -> Any:
    """Return the value of a node in a module."""
    return eval(compile(ast.Expression(node), "expression", "eval"), dict(vars(module)))  # noqa: S307 - our own code


def others(path: str, source: str, values: Callable[[ModuleType], list[Use]]) -> tuple[tuple[str, str], Any]:
    """Return an entry of the table: a file of module_utils/_engine, the text of a call, examples of its expressions."""
    return (f"plugins/module_utils/_engine/{path}.py", source), values


def anywhere(*patterns: str | bytes) -> Callable[[ModuleType], list[Use]]:
    """Return examples that a search uses."""
    return lambda _module: [(re.compile(each, re.IGNORECASE | re.DOTALL), "search") for each in patterns]


def at_the_start(*patterns: str | bytes) -> Callable[[ModuleType], list[Use]]:
    """Return examples that a match uses."""
    return lambda _module: [(re.compile(each, re.IGNORECASE | re.DOTALL), "match") for each in patterns]


OTHERS = dict(
    (
        others(
            "bundle/making",
            r"re.escape(_prefix(name)) + b'[0-9a-f]{16}' + re.escape(LEFT_BEHIND.encode()) + b'\\Z'",
            at_the_start(rb"\.a\.b\.[0-9a-f]{16}\.left\Z"),
        ),
        # The compiled expressions are values of the module.
        others("events/sftp_requests", "pattern", anywhere()),
        others("events/sshd_lines", "pattern", anywhere()),
        others("secret_scan/line_rules", "pattern", anywhere()),
        others(
            "events/probe/main",
            "f'Connection (?:from|closed by|reset by) {re.escape(address)} port {port}(?: .*)?'",
            at_the_start(r"Connection (?:from|closed by|reset by) 192\.0\.2\.1 port 22(?: .*)?\Z"),
        ),
        others(
            "ftps_service/proftpd",
            r'''f"\\s*(?:{'|'.join(names.split())})\\s"''',
            at_the_start(r"\s*(?:Trace.*|Auth[A-Z].*|Port|GeoIP.*)\s"),
        ),
        # test_pattern.py has the patterns of users.
        others("planning/pattern", "expression", anywhere()),
        others("planning/pattern", "self._path(parts)", anywhere()),
        others(
            "rotation/server_keys/key_lines",
            r"f'restrict \\S+ \\S+ {re.escape(mark)}\\n\\Z'",
            at_the_start(r"restrict \S+ \S+ mark\n\Z"),
        ),
        others(
            "rotation/server_keys/key_lines",
            r"f'(?P<options>.*?){re.escape(key_type)}\\s+{re.escape(encoded)}(?:\\s|\\Z)'",
            at_the_start(r"(?P<options>.*?)ssh\-ed25519\s+AAAAC3\+/(?:\s|\Z)"),
        ),
        others(
            "ssh/openssh_failures",
            "rule.pattern",
            lambda module: [(re.compile(each.pattern), "search") for each in module._RULES],
        ),
        others(
            "ssh/openssh_config",
            "weak",
            lambda module: [(re.compile(each), "fullmatch") for each in module._WEAK.values()],
        ),
        others(
            "jail/removal",
            "_MOVED_NAME % re.escape(name)",
            at_the_start(r"\.partner-[0-9]{8}T[0-9]{6}Z\.removed\Z"),
        ),
        others(
            "ssh/openssh_messages",
            "pattern",
            lambda module: [(re.compile(each), "match") for each in module._FACTS.values()],
        ),
        others(
            "sync/stage_names",
            r"b'%s-%s-[0-9a-f]{8}-[0-9a-z]+\\.(?:tmp|part)(?:\\.order|\\.open|\\.fold-.*)?' % (re.escape(OURS), tree)",
            at_the_start(rb"(?s)\.ours-0a-[0-9a-f]{8}-[0-9a-z]+\.(?:tmp|part)(?:\.order|\.open|\.fold-.*)?\Z"),
        ),
        others(
            "trust/known_hosts",
            "fnmatch.translate(pattern.replace('[', '[[]'))",
            at_the_start(fnmatch.translate("*a*b*?c*"), fnmatch.translate("[[]*]:22")),
        ),
    )
)
"""The calls of `re` whose expression no constant decides. Values of options of the controller are their user's."""
OWN_VALUES = {("plugins/action/secret_scan.py", "str(pattern)")}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT / "plugins")))
def test_of_a_file(path: Path) -> None:
    uses = set()
    for use in uses_in(path):
        call = str(path.relative_to(ROOT)), use
        if not isinstance(use, str):
            uses.add(use)
        elif call not in OWN_VALUES:
            assert call in OTHERS, "give an example of this expression in OTHERS"
            uses.update(OTHERS[call](module_of(path)))
    assert slow_of(uses) == {}


def slow_of(uses: set[Use]) -> dict[tuple[Any, str], Line]:
    """Return the slow expressions, each with a line."""
    lines = {(expression.pattern, method): slow_line(expression, method) for expression, method in uses}
    return {use: line for use, line in lines.items() if line}


def test_the_table_has_no_other_calls() -> None:
    calls = {(str(path.relative_to(ROOT)), use) for path in FILES for use in uses_in(path) if isinstance(use, str)}
    assert calls == {*OTHERS, *OWN_VALUES}


IN_JINJA = re.compile(
    r"\b(regex_search|regex_replace|regex_findall|match|search|regex)(?:'\s*,|\()\s*('(?:[^'\\]|\\.)*'|[a-z_]+\b)"
)
VARIABLES = {
    name: value
    for path in ROOT.glob("roles/*/vars/main.yml")
    for name, value in yaml.safe_load(path.read_text()).items()
    if isinstance(value, str)
}


def in_jinja() -> Iterator[tuple[str, str, str]]:
    """Yield the expressions of filters and tests: file, method and pattern."""
    for path in sorted([*ROOT.glob("roles/**/*.*"), *ROOT.glob("playbooks/**/*.*")]):
        if path.suffix in (".yml", ".j2"):
            for kind, pattern in IN_JINJA.findall(path.read_text()):
                text = pattern[1:-1].replace("\\\\", "\\") if pattern.startswith("'") else VARIABLES[pattern]
                yield str(path.relative_to(ROOT)), "match" if kind == "match" else "search", text


def test_filters_and_tests_of_jinja() -> None:
    found = list(in_jinja())
    assert len(found) > 15
    assert slow_of({(re.compile(text), method) for _path, method, text in found}) == {}


@pytest.mark.parametrize(
    ("pattern", "method"),
    [
        (r"\b(?:curl|wget)\b.*?\s(?:-u|--user)", "search"),
        (r"\s+$", "search"),
        (r"[a-z]+@", "search"),
        (r"\[(.*)\] .*x", "fullmatch"),
        (r"(a|aa)+b", "match"),
        (r"(\w*)*!", "match"),
        (r"\{\{(.*?)\}\}", "search"),
        (rb'"(?:[^"\\]|\\")*"', "search"),
        (r"(?m)^\s*Match", "search"),
        (r"a*a*b", "match"),
    ],
)
def test_slow_expressions_are_found(pattern: str | bytes, method: str) -> None:
    assert slow_line(re.compile(pattern), method) is not None


@pytest.mark.parametrize(
    ("pattern", "method"), [(r"[a-z]+@", "match"), (r"a.{0,200}?b", "search"), (r"(?m)^a.*b", "search")]
)
def test_linear_expressions_are_not(pattern: str, method: str) -> None:
    assert slow_line(re.compile(pattern), method) is None
