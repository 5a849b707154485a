# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Imports only point down. The table below has the arrows between rooms; the test reads every import."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

PLUGINS = Path(__file__).parents[2] / "plugins"

ARROWS = {
    # room: the rooms that it may import, besides itself. A room is a folder of _engine or a file with its own arrows.
    "errors": "",
    "model": "errors",
    "system": "model errors",
    # client: one sync, from two trees to two equal trees
    "integrity": "model errors",
    "signing": "integrity ssh trust system model errors",
    "krl": "signing integrity trust system model errors",
    "sealing": "integrity system model errors",
    "planning": "model errors",
    "ssh": "trust system model errors",
    "sftp": "ssh system model errors",
    "ftps": "tls system model errors",
    "transport.base": "model errors",
    "transport.trash_names": "transport.base model errors",
    "transport.local": "transport.base transport.trash_names integrity system model errors",
    "transport.sftp": "transport.base transport.trash_names sftp ssh system model errors",
    "transport.ftps": "transport.base transport.trash_names ftps tls system model errors",
    "transport.sealed": "transport.base sealing integrity system model errors",
    "transport.connect": "transport.ftps transport.sftp transport.local transport.base ssh model",
    "content": "transport.local transport.base integrity system model errors",
    "sync": "content transport.connect transport.sealed transport.base planning signing sealing integrity system model "
    "errors",
    "bundle": "transport.local transport.base planning signing integrity system model errors",
    "drill": "sync planning signing system model errors",
    "incident": "drill login_probe transport.sftp sync signing ssh trust integrity system model errors",
    "jobs": "system model errors",
    "issuing": "jobs tls system model errors",
    "jobs.deployment": "jobs system errors",
    # identity: who the peer is
    "trust": "model errors",
    "tls": "system model errors",
    "pins": "sftp ftps ssh tls trust system model errors",
    "tls_probe": "ftps tls model errors",
    "ssh_probe": "jail.probe sshd ssh trust system model errors",
    "login_probe": "transport.sftp ftps ssh tls model errors",
    # host: the parts of a server
    "sshd": "system errors",
    "jail": "trust system model errors",
    "jail.probe": "sftp ssh system model errors",
    "mfa": "sshd system errors",
    "ftps_service": "login_probe tls_probe ftps tls system model errors",
    "ban": "sshd system errors",
    "events": "integrity system model errors",
    "events.volumes": "",
    "events.trees": "transport.local transport.base events integrity system model errors",
    "events.probe": "events system model errors",
    "events.rules": "events.probe events.trees events.volumes events integrity model errors",
    "events.main": "events.rules events.probe events.trees events system model errors",
    "vaults": "system errors",
    "rotation": "system errors",
    "rotation.client_keys": "ssh trust system model errors",
    "rotation.server_keys": "krl signing rotation sshd trust system errors",
    "rotation.passwords": "rotation system errors",
    "access": "rotation.server_keys rotation.passwords rotation jobs sshd trust system errors",
    "rotation.host_keys": "sshd trust system model errors",
    "rotation.certificates": "ftps_service tls system model errors",
    # evidence: answers for auditors
    "secret_scan": "model",
    "evidence": "sealing signing integrity trust system model errors",
    "report_page": "model",
    "transfer_report": "report_page events system model",
    "audit": "report_page jobs sshd signing system model errors",
    "audit.observing": "secret_scan events jobs.deployment jobs ssh krl mfa sshd trust system model errors",
    # edge: the interface to Ansible
    "_edge": "*",
    "modules": "_edge",
    "plugin_utils": "_edge access jobs jobs.deployment rotation.client_keys rotation.passwords jail mfa trust system "
    "model errors",
    "action": "plugin_utils _edge modules model errors",
    "doc_fragments": "",
}
KNOWS_ANSIBLE = {"_edge", "modules", "plugin_utils", "action"}
DYNAMIC = {"importlib", "runpy", "pkgutil", "imp"}
FINDERS = {"_edge/zip_imports.py"}
"""Files that may import those: they take part in imports, and import nothing themselves."""


class Import(NamedTuple):
    """One imported name. `module` is absolute and dotted, within the collection from `plugins` on."""

    line: int
    module: str
    name: str
    relative: bool
    guarded: bool


def imports_of(path: Path, plugins: Path) -> Iterator[Import]:
    """Yield every import of a file, at any level, with relative imports made absolute."""
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


def room_of(module: str) -> str:
    """Return the room of a dotted path below `plugins`: plugins.module_utils._engine.sync.lock -> sync."""
    parts = module.split(".")[1:]
    for outer in ("module_utils", "_engine"):
        if parts and parts[0] == outer:
            parts = parts[1:]
    return next((room for room in (".".join(parts[:2]), *parts[:1]) if room in ARROWS), ".".join(parts[:1]))


def violations(plugins: Path) -> list[str]:
    """Return every breach of the rules below a directory `plugins`, as file:line: text."""
    found = []
    for path in sorted(plugins.rglob("*.py")):
        place = path.relative_to(plugins.parent)
        layer = room_of(".".join(place.with_suffix("").parts))
        found += [f"{place}:{line}: {what}" for line, what in _of_file(path, layer, plugins)]
    return found


def used_arrows(plugins: Path) -> Iterator[tuple[str, str]]:
    """Yield the two rooms of every import between files of the collection."""
    for path in plugins.rglob("*.py"):
        room = room_of(".".join(path.relative_to(plugins.parent).with_suffix("").parts))
        yield from (
            (room, room_of(f"{entry.module}.{entry.name}")) for entry in imports_of(path, plugins) if entry.relative
        )


def _of_file(path: Path, layer: str, plugins: Path) -> Iterator[tuple[int, str]]:
    if path.name == "__init__.py":
        yield 1, "no __init__.py below plugins: packages are namespaces"
        return
    if layer not in ARROWS:
        yield 1, f"room {layer!r} is not in the table of arrows"
        return
    tree = ast.parse(path.read_bytes(), str(path))
    if path.is_relative_to(plugins / "module_utils"):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "__import__":
                yield node.lineno, "imports by __import__, which the packaging of modules does not see"
    is_finder = any(path == plugins / "module_utils" / name for name in FINDERS)
    for entry in imports_of(path, plugins):
        what = _judge(entry, layer, plugins)
        if what and not (is_finder and entry.module.split(".")[0] in DYNAMIC):
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


def _may(room: str, target: str) -> bool:
    """The edge joins all rooms of the engine (`*`); no room of the engine knows the edge."""
    arrows = ARROWS[room].split()
    return target in arrows or ("*" in arrows and target not in {"_edge", *KNOWS_ANSIBLE, "doc_fragments"})


def _judge_own(entry: Import, layer: str, plugins: Path) -> str | None:
    # `from .. import model` names a layer, `from ..model import tree` a file in it: both in hand, the layer is known.
    target = room_of(f"{entry.module}.{entry.name}")
    if target != layer and not _may(layer, target):
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


def test_the_table_has_no_circle() -> None:
    order = list(
        TopologicalSorter({room: set(arrows.split()) - {"*"} for room, arrows in ARROWS.items()}).static_order()
    )
    assert set(ARROWS) <= set(order)


def test_imports_point_down() -> None:
    files = list(PLUGINS.rglob("*.py"))
    assert len(files) > 10, "the plugins were not found"
    assert violations(PLUGINS) == []


ENGINE = "module_utils/_engine/"

BAD = {
    # the breach: the file, its text, the complaint
    "upwards": (ENGINE + "model/a.py", "from ..sync.engine import run_sync", "a.py:1: model imports sync"),
    "sideways": (
        ENGINE + "planning/a.py",
        "from ..integrity import digest",
        "a.py:1: planning imports integrity",
    ),
    "errors import": (ENGINE + "errors.py", "from .model.tree import Tree", "errors.py:1: errors imports model"),
    "in a function": (ENGINE + "sftp/a.py", "def f():\n    from ..sync import lock", "a.py:2: sftp imports sync"),
    "engine to edge": (ENGINE + "sync/a.py", "from ..._edge.sync.params import x", "a.py:1: sync imports _edge"),
    "engine to ansible": (ENGINE + "sync/a.py", "import ansible.errors", "a.py:1: sync imports ansible.errors"),
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
    "third party": (ENGINE + "sftp/a.py", "import paramiko", "a.py:1: imports paramiko outside try"),
    "wrong guard": (
        ENGINE + "sftp/a.py",
        "try:\n    import paramiko\nexcept OSError:\n    pass",
        "a.py:2: imports paramiko outside try",
    ),
    "dynamic": (ENGINE + "sftp/a.py", "import importlib", "a.py:1: imports importlib"),
    "__import__": (ENGINE + "sftp/a.py", "__import__('x')", "a.py:1: imports by __import__"),
    "__init__": (ENGINE + "sftp/__init__.py", "", "__init__.py:1: no __init__.py"),
    "new layer": (ENGINE + "utils/a.py", "", "a.py:1: room 'utils' is not in the table"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_breach_is_found(case: str, tmp_path: Path) -> None:
    name, text, complaint = BAD[case]
    _write(tmp_path / "plugins/module_utils/_edge/b.py", "from .._engine.model.tree import Tree")
    _write(tmp_path / "plugins" / name, text)
    found = violations(tmp_path / "plugins")
    assert len(found) == 1
    assert complaint in found[0]


def test_what_is_allowed_passes(tmp_path: Path) -> None:
    guarded = "try:\n    import paramiko\nexcept ImportError:\n    paramiko = None\n"
    _write(
        tmp_path / "plugins/module_utils/_engine/sftp/a.py",
        "import os\nfrom ..model.tree import Tree\n" + guarded,
    )
    _write(tmp_path / "plugins/module_utils/_engine/sftp/b.py", "from . import a\nfrom .a import c\n")
    edge = "from ansible.module_utils.basic import AnsibleModule\nfrom .._engine.sync import lock\n"
    _write(tmp_path / "plugins/module_utils/_edge/b.py", edge)
    _write(tmp_path / "plugins/modules/c.py", "from ..module_utils._edge.b import run\n")
    assert violations(tmp_path / "plugins") == []


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
