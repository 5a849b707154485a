# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Imports point down the layers only. The arrows are the table below; the test reads every import of every plugin."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

PLUGINS = Path(__file__).parents[2] / "plugins"

ARROWS = {
    # layer: the layers that it may import, besides itself
    "errors": "",
    "model": "errors",
    "integrity": "model errors",
    "planning": "model errors",
    "trust": "model errors",
    "tls": "model errors",
    "program": "errors",
    "jail": "trust program model errors",
    "sshd": "trust program errors",
    "sftp": "trust model errors",
    "ftps": "tls model errors",
    "transport": "sftp ftps trust tls integrity model errors",
    "service": "transport sftp ftps tls jail program model errors",
    "ban": "service sshd program errors",
    "rotation": "jail sshd sftp trust program model errors",
    "sync": "transport planning integrity model errors",
    "_edge": "ban rotation service sshd sync jail transport sftp ftps trust tls integrity planning model errors",
    "modules": "_edge",
    "plugin_utils": "_edge rotation jail trust errors",
    "action": "plugin_utils _edge errors",
    "doc_fragments": "",
}
KNOWS_ANSIBLE = {"_edge", "modules", "plugin_utils", "action"}
DYNAMIC = {"importlib", "runpy", "pkgutil", "imp"}


class Import(NamedTuple):
    """One imported name. `module` is absolute and dotted, within the collection from `plugins` on."""

    line: int
    module: str
    name: str
    relative: bool
    guarded: bool


def imports_of(path: Path, plugins: Path) -> Iterator[Import]:
    """Give every import of a file, wherever it stands, with relative ones made absolute."""
    tree = ast.parse(path.read_bytes(), str(path))
    package = path.relative_to(plugins.parent).parent.parts
    guarded = {id(inner) for node in ast.walk(tree) if isinstance(node, ast.Try) and _catches_import_error(node)
               for statement in node.body for inner in ast.walk(statement)}  # fmt: skip
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(node.lineno, alias.name, "", False, id(node) in guarded)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*base, *filter(None, [node.module])))
            for alias in node.names:
                yield Import(node.lineno, module, alias.name, bool(node.level), id(node) in guarded)


def _catches_import_error(node: ast.Try) -> bool:
    caught = [name for handler in node.handlers if handler.type for name in ast.walk(handler.type)]
    return any(isinstance(name, ast.Name) and name.id == "ImportError" for name in caught)


def layer_of(module: str) -> str:
    """Give the layer of a dotted path below `plugins`: plugins.module_utils._engine.sync.lock -> sync."""
    parts = module.split(".")[1:]
    for outer in ("module_utils", "_engine"):
        if parts and parts[0] == outer:
            parts = parts[1:]
    return parts[0] if parts else ""


def violations(plugins: Path) -> list[str]:
    """Give every breach of the rules below a directory `plugins`, as file:line: what."""
    found = []
    for path in sorted(plugins.rglob("*.py")):
        place = path.relative_to(plugins.parent)
        layer = layer_of(".".join(place.with_suffix("").parts))
        found += [f"{place}:{line}: {what}" for line, what in _of_file(path, layer, plugins)]
    return found


def _of_file(path: Path, layer: str, plugins: Path) -> Iterator[tuple[int, str]]:
    if path.name == "__init__.py":
        yield 1, "no __init__.py below plugins: packages are namespaces"
        return
    if layer not in ARROWS:
        yield 1, f"layer {layer!r} is not in the table of arrows"
        return
    tree = ast.parse(path.read_bytes(), str(path))
    if path.is_relative_to(plugins / "module_utils"):
        if not any(isinstance(node, ast.Name) and node.id == "__all__" for node in ast.walk(tree)):
            yield 1, "no __all__"
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "__import__":
                yield node.lineno, "imports by __import__, which the packaging of modules does not see"
    for entry in imports_of(path, plugins):
        what = _judge(entry, layer, plugins)
        if what:
            yield entry.line, what


def _judge(entry: Import, layer: str, plugins: Path) -> str | None:
    top = entry.module.split(".")[0]
    if entry.relative:
        return _judge_own(entry, layer, plugins)
    if top == "ansible_collections":
        return f"imports {entry.module}: relative imports only, inside the collection"
    if top in DYNAMIC:
        return f"imports {top}: what is imported dynamically is not shipped with a module"
    if top in sys.stdlib_module_names:
        return None
    if top == "ansible":
        return None if layer in KNOWS_ANSIBLE else f"{layer} imports {entry.module}: it knows nothing of Ansible"
    return None if entry.guarded else f"imports {entry.module} outside try/except ImportError"


def _judge_own(entry: Import, layer: str, plugins: Path) -> str | None:
    # `from .. import model` names a layer, `from ..model import tree` a file in it: both in hand, the layer is known.
    target = layer_of(f"{entry.module}.{entry.name}")
    if target != layer and target not in ARROWS[layer].split():
        return f"{layer} imports {target} ({entry.module}): it may import {ARROWS[layer] or 'nothing of ours'}"
    if layer == "modules" and _is_passed_on(entry, plugins):
        return f"imports {entry.name} from {entry.module}, which has it from _engine: only what _edge itself defines"
    return None


def _is_passed_on(entry: Import, plugins: Path) -> bool:
    source = (plugins.parent / entry.module.replace(".", "/")).with_suffix(".py")
    if not source.is_file():
        return False
    passed_on = {inner.name for inner in imports_of(source, plugins) if "._engine" in inner.module}
    return entry.name in passed_on


def test_imports_point_down() -> None:
    files = list(PLUGINS.rglob("*.py"))
    assert len(files) > 10, "the plugins were not found"
    assert violations(PLUGINS) == []


ALL = "__all__ = []\n"

ENGINE = "module_utils/_engine/"

BAD = {
    # what is wrong: the file, its text, the complaint
    "upwards": (ENGINE + "model/a.py", ALL + "from ..sync.engine import run_sync", "a.py:2: model imports sync"),
    "sideways": (
        ENGINE + "planning/a.py",
        ALL + "from ..integrity import digest",
        "a.py:2: planning imports integrity",
    ),
    "errors import": (ENGINE + "errors.py", ALL + "from .model.tree import Tree", "errors.py:2: errors imports model"),
    "in a function": (ENGINE + "sftp/a.py", ALL + "def f():\n    from ..sync import lock", "a.py:3: sftp imports sync"),
    "engine to edge": (ENGINE + "sync/a.py", ALL + "from ..._edge.sync.params import x", "a.py:2: sync imports _edge"),
    "engine to ansible": (ENGINE + "sync/a.py", ALL + "import ansible.errors", "a.py:2: sync imports ansible.errors"),
    "module to engine": (
        "modules/a.py",
        "from ..module_utils._engine.sync.engine import run_sync",
        "a.py:1: modules imports sync",
    ),
    "passed on": (
        "modules/a.py",
        "from ..module_utils._edge.b import Tree",
        "a.py:1: imports Tree from plugins.module_utils._edge.b",
    ),
    "absolute": (
        "modules/a.py",
        "import ansible_collections.secure.ftp_synchronize.plugins.x",
        "a.py:1: imports ansible_collections",
    ),
    "third party": (ENGINE + "sftp/a.py", ALL + "import paramiko", "a.py:2: imports paramiko outside try"),
    "wrong guard": (
        ENGINE + "sftp/a.py",
        ALL + "try:\n    import paramiko\nexcept OSError:\n    pass",
        "a.py:3: imports paramiko outside try",
    ),
    "dynamic": (ENGINE + "sftp/a.py", ALL + "import importlib", "a.py:2: imports importlib"),
    "__import__": (ENGINE + "sftp/a.py", ALL + "__import__('x')", "a.py:2: imports by __import__"),
    "no __all__": (ENGINE + "sftp/a.py", "import os", "a.py:1: no __all__"),
    "__init__": (ENGINE + "sftp/__init__.py", "", "__init__.py:1: no __init__.py"),
    "new layer": (ENGINE + "utils/a.py", ALL, "a.py:1: layer 'utils' is not in the table"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_breach_is_found(case: str, tmp_path: Path) -> None:
    name, text, complaint = BAD[case]
    _write(tmp_path / "plugins/module_utils/_edge/b.py", ALL + "from .._engine.model.tree import Tree")
    _write(tmp_path / "plugins" / name, text)
    found = violations(tmp_path / "plugins")
    assert len(found) == 1
    assert complaint in found[0]


def test_what_is_allowed_passes(tmp_path: Path) -> None:
    guarded = "try:\n    import paramiko\nexcept ImportError:\n    paramiko = None\n"
    _write(
        tmp_path / "plugins/module_utils/_engine/sftp/a.py",
        ALL + "import os\nfrom ..model.tree import Tree\n" + guarded,
    )
    _write(tmp_path / "plugins/module_utils/_engine/sftp/b.py", ALL + "from . import a\nfrom .a import c\n")
    edge = "from ansible.module_utils.basic import AnsibleModule\nfrom .._engine.sync import lock\n"
    _write(tmp_path / "plugins/module_utils/_edge/b.py", ALL + edge)
    _write(tmp_path / "plugins/modules/c.py", "from ..module_utils._edge.b import run\n")
    assert violations(tmp_path / "plugins") == []


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
