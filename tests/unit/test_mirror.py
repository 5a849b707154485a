# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unit tests mirror the rooms: the files of plugins/a are tested by the test files of tests/unit/plugins/a.

A test file is named after its subject, which may be a part of a file. `COVERED` and `VALUES` list the files without a
test in their room, and the reason. The lists only shrink. A change of a file in `COVERED` reaches the test that is
named there (tests/support/check/near.py).
"""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

from support.check.reach import Graph

ROOT = Path(__file__).parents[2]
PLUGINS = ROOT / "plugins"
TESTS = Path(__file__).parent / "plugins"
DOCUMENTATION = ("modules", "doc_fragments")
COVERED = {
    "integration/test_ftps_contract.py": "transport/connect",
    "integration/test_sftp_contract.py": "transport/sftp/links",
    "integration/test_swapped_stages.py": "sftp/same_file",
    "integration/test_tls_policy_findings.py": "tls_probe/identity",
    "unit/plugins/module_utils/_engine/audit/controls/test_every.py": """
        audit/controls/accounts audit/controls/drills_and_attacks audit/controls/hardening
        audit/controls/login_methods audit/controls/protocols audit/controls/proven_servers
        audit/controls/proven_transfers audit/controls/secrets
    """,
}
"""Test files, and the files that they test by a real peer, a host or a whole run, without a unit test of their room."""
VALUES = "jobs/names"
"""Files of values and errors, without a branch."""


def sources() -> Iterator[Path]:
    """Give every file with code, relative to plugins. An action that only passes a module on has none of its own."""
    for path in sorted(PLUGINS.rglob("*.py")):
        place = path.relative_to(PLUGINS)
        if place.parts[0] not in DOCUMENTATION and not (place.parts[0] == "action" and _passes_on(path)):
            yield place


def _passes_on(path: Path) -> bool:
    text = path.read_text()
    return "AnswerAction" in text and "def " not in text


def short(place: Path) -> str:
    return str(place.with_suffix("")).replace("module_utils/_engine/", "").replace("module_utils/", "")


def graph() -> Graph:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return Graph(ROOT, [file for file in listed.splitlines() if (ROOT / file).exists()])


def test_only_the_listed_files_have_no_test_in_their_room() -> None:
    """A test of a file imports it, or has its name."""
    uses = graph()
    imported = {
        file
        for test in TESTS.rglob("test_*.py")
        for file in uses.uses(str(test.relative_to(ROOT)))
        if Path(file).parent == "plugins" / test.relative_to(TESTS).parent
    }
    named = {f"plugins/{source}" for source in sources() if (TESTS / source.parent / f"test_{source.name}").exists()}
    missing = [short(source) for source in sources() if f"plugins/{source}" not in imported | named]
    assert sorted(missing) == sorted([*VALUES.split(), *(name for names in COVERED.values() for name in names.split())])


def test_values_have_no_branch() -> None:
    branches = (ast.If, ast.IfExp, ast.For, ast.While, ast.Try, ast.comprehension, ast.BoolOp)
    trees = {name: ast.parse(_path_of(name).read_bytes()) for name in VALUES.split()}
    assert [name for name, tree in trees.items() if any(isinstance(node, branches) for node in ast.walk(tree))] == []


def test_each_covered_file_is_reached_by_its_test() -> None:
    uses = graph()
    for test, names in COVERED.items():
        reached = uses.distances(f"tests/{test}")
        wanted = {str(_path_of(name).relative_to(ROOT)) for name in names.split()}
        assert wanted <= reached.keys(), test


def _path_of(name: str) -> Path:
    rooms = ("module_utils/_engine", "module_utils", ".")
    return next(path for path in (PLUGINS / room / f"{name}.py" for room in rooms) if path.exists())


def test_every_test_is_in_the_folder_of_a_room() -> None:
    rooms = {source.parent for source in sources()} | {Path("modules")}
    tests = [path.relative_to(TESTS) for path in TESTS.rglob("test_*.py")]
    assert [str(place) for place in tests if place.parent not in rooms] == []
