# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every module meets the contract of its edge (plugins/module_utils/_edge/contract.py), and documents its options and
results.

`produced` reads the code: the keys of dicts that `run`, `result` and `blank` return, and of dicts that they take whole
from other functions (`return f()`, `{**f()}`, `result = f()`, `result.update(f())`).
"""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.evidence import collecting
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.words import error_result
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import SyncError
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.changes import Change
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.endpoint_action import EndpointAction
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.inventory_endpoint import RESULT
from support.running.actions import COLLECTION, action_of

PACKAGE = f"ansible_collections.{COLLECTION}.plugins.modules"
FRAGMENTS = f"ansible_collections.{COLLECTION}.plugins.doc_fragments"
FOLDER = Path(__file__).parents[2] / "plugins/modules"
FUNCTIONS = ("spec", "request", "run", "result", "blank")
OF_ANSIBLE = {"changed", "failed"}
IN_EVERY_MODULE = {"msg", "error"}
ERROR = set(error_result(SyncError("any")))

NAMES = sorted(path.stem for path in FOLDER.glob("*.py") if "def main" in path.read_text())


@pytest.fixture(params=NAMES)
def module(request: pytest.FixtureRequest) -> ModuleType:
    return importlib.import_module(f"{PACKAGE}.{request.param}")


def documented(module: ModuleType) -> dict[str, dict[str, Any]]:
    return yaml.safe_load(module.RETURN)


def test_every_module_is_looked_at() -> None:
    actions = {path.stem for path in FOLDER.glob("*.py")} - set(NAMES)
    assert len(NAMES) > 10
    assert all((FOLDER.parent / "action" / f"{name}.py").exists() for name in actions)


def test_the_edge_has_the_name_of_its_module_and_all_functions(module: ModuleType) -> None:
    assert module.edge.__name__.rpartition(".")[2] == module.__name__.rpartition(".")[2]
    assert [name for name in FUNCTIONS if not inspect.isfunction(getattr(module.edge, name, None))] == []
    assert list(inspect.signature(module.edge.run).parameters) == ["task"]


def test_options_are_documented(module: ModuleType) -> None:
    assert described(written(module), "suboptions") == described(module.edge.spec()["argument_spec"], "options")


def test_options_that_an_action_alone_checks_are_documented() -> None:
    evidence = importlib.import_module(f"{PACKAGE}.evidence")
    assert described(written(evidence), "suboptions") == described(collecting.spec(), "options")


def written(module: ModuleType) -> dict[str, Any]:
    """Return the options in the documentation of a module, with those of its fragments."""
    documentation = yaml.safe_load(module.DOCUMENTATION)
    own = documentation.get("options", {})
    for name in documentation["extends_documentation_fragment"]:
        shared = yaml.safe_load(fragment(name)).get("options", {})
        own = {**own, **{option: {**text, **own.get(option, {})} for option, text in shared.items()}}
    return dict(own)


def described(options: dict[str, Any], inner: str) -> dict[str, Any]:
    """Return the properties of options that the documentation and the code both have. inner: the key of suboptions"""
    found = {}
    for name, option in options.items():
        plain = {key: option.get(key) for key in ("elements", "default")}
        choices = sorted(map(str, option.get("choices") or ()))
        known = {
            **plain,
            "type": option.get("type", "str"),
            "required": bool(option.get("required")),
            "choices": choices,
        }
        found[name] = {**known, "options": described(option.get(inner) or {}, inner)}
    return found


def fragment(name: str) -> str:
    """Give the text of a documentation fragment, NAMESPACE.COLLECTION.FILE or NAMESPACE.COLLECTION.FILE.PART."""
    _namespace, _collection, file, *part = name.split(".")
    holder = importlib.import_module(f"{FRAGMENTS}.{file}").ModuleDocFragment
    return str(getattr(holder, part[0].upper() if part else "DOCUMENTATION"))


def test_examples_use_options_that_exist(module: ModuleType) -> None:
    name = f"{COLLECTION}.{module.__name__.rpartition('.')[2]}"
    options = module.edge.spec()["argument_spec"]
    known = set(options) | {alias for option in options.values() for alias in option.get("aliases", ())}
    tasks = list(tasks_in(yaml.safe_load(module.EXAMPLES), name))
    assert tasks, "no example uses the module"
    assert [set(task) - known for task in tasks if set(task) - known] == []


def tasks_in(value: Any, name: str) -> Iterator[dict[str, Any]]:
    """Give the options of every task of the module `name`, in plays, blocks and lists."""
    if isinstance(value, dict):
        if isinstance(value.get(name), dict):
            yield value[name]
        for inner in value.values():
            yield from tasks_in(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from tasks_in(inner, name)


def test_a_failed_result_has_the_keys_that_are_always_there(module: ModuleType) -> None:
    always = {name for name, value in documented(module).items() if value["returned"].startswith("always")}
    assert set(module.edge.blank()) - IN_EVERY_MODULE == (always | {"changed"}) - IN_EVERY_MODULE
    assert module.edge.blank()["changed"] is False


def test_a_failed_result_claims_nothing(module: ModuleType) -> None:
    claims = {name for name, value in module.edge.blank().items() if any(leaves(value))}
    assert claims <= {"msg", "allowed"}


def leaves(value: Any) -> Iterator[Any]:
    """Give the values of a result that are no dictionaries."""
    for each in value.values() if isinstance(value, dict) else ():
        yield from leaves(each)
    if not isinstance(value, dict):
        yield value


def test_the_documented_keys_of_an_error_and_of_changes_are_theirs(module: ModuleType) -> None:
    """As the keys of `contains`, or of the sample."""
    error, changes = (documented(module).get(name, {}) for name in ("error", "changes"))
    assert set(error.get("contains") or error.get("sample") or ERROR) == ERROR
    if "by C(path), with" in str(changes.get("description")):
        assert set(changes["sample"][0]) == set(Change._fields)


def test_every_key_of_a_result_is_documented_and_every_documented_key_is_produced(module: ModuleType) -> None:
    found = {key for name in ("run", "result", "blank") for key in produced(module.edge, name)} | {"diff"}
    found |= added_by_the_action(module)
    assert found - OF_ANSIBLE - set(documented(module)) - IN_EVERY_MODULE - {"diff"} == set()
    assert set(documented(module)) - found - IN_EVERY_MODULE == set()


def added_by_the_action(module: ModuleType) -> set[str]:
    """Give the keys that the action plugin adds to the answer of a module."""
    action = action_of(module.__name__.rpartition(".")[2])
    return set(getattr(action, "added", ())) | ({RESULT} if issubclass(action, EndpointAction) else set())


def produced(place: ModuleType, name: str, seen: frozenset[tuple[str, str]] = frozenset()) -> set[str]:
    """Give the keys of the dict that a function of `place` returns."""
    function = getattr(place, name, None)
    if not inspect.isfunction(function) or (place.__name__, name) in seen:
        return set()
    home = inspect.getmodule(function)
    assert home is not None
    tree = ast.parse(inspect.getsource(function)).body[0]
    keys: set[str] = set()
    for node in ast.walk(tree):
        value = node.value if isinstance(node, (ast.Return, ast.Assign, ast.AnnAssign)) else None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "update":
            value = node.args[0]
        if isinstance(node, ast.Assign):
            keys |= {target.slice.value for target in node.targets if _is_key_of_result(target)}
            if not any(isinstance(target, ast.Name) and target.id in ("result", "parts") for target in node.targets):
                continue
        keys |= _keys(value, home, seen | {(place.__name__, name)})
    return keys


def _is_key_of_result(target: ast.expr) -> bool:
    return isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name) and target.value.id == "result"


def _keys(value: ast.expr | None, home: ModuleType, seen: frozenset[tuple[str, str]]) -> set[str]:
    if isinstance(value, ast.IfExp):
        return _keys(value.body, home, seen) | _keys(value.orelse, home, seen)
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        return produced(home, value.func.id, seen)
    if not isinstance(value, ast.Dict):
        return set()
    keys = {key.value for key in value.keys if isinstance(key, ast.Constant)}
    for key, inner in zip(value.keys, value.values, strict=True):
        if key is None:
            keys |= _keys(inner, home, seen)
    return keys
