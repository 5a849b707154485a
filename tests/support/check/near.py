# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which files of tests and scenarios of Molecule a change reaches: the nearest to each changed file."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from .reach import Graph

SMOKE = (
    "tests/integration/test_module_secure_sync.py",
    "tests/integration/test_module_ftps.py",
    "tests/integration/test_sftp_probe.py",
    "tests/trust/test_honest_estate.py",
    "tests/hosts/test_unsupported_system.py",
    "tests/faults/test_bit_rot.py",
)
"""If the reach of a change is unknown: both protocols, a server, a playbook, a host, a fault."""
MOST_OF_TESTS = 0.3
"""A file to which more test files are near is as common as the Makefile."""
_FAR = 99
_MOLECULE = "tests/hosts/test_molecule.py"
_SCENARIO = re.compile(r"extensions/molecule/(\w+)/molecule\.yml")
_OF_MOLECULE = re.compile(r"extensions/molecule/(\w+)")
_MIRROR = "tests/unit/test_mirror.py"
# The proofs of other targets: make docs, make lint, make sanity, make unit.
_PROVEN_ELSEWHERE = ("changelogs/", "docs/", "extensions/eda/", "meta/", "tests/sanity/", "tests/unit/")
_NAMED_BY_TESTS = ("extensions/", "playbooks/", "plugins/", "roles/", "tests/")
_TEXTS = (".md", ".rst", "LICENSE")


class Near:
    """files: all files of the repository, relative to its root."""

    def __init__(self, root: Path, files: Iterable[str]) -> None:
        files = list(files)
        self.graph = graph = Graph(root, files)
        self._tests = [test for test in graph.tests() if not test.startswith("tests/unit/")]
        self._steps: dict[str, dict[str, int]] = {}
        for test in self._tests:
            self._add(test, graph.distances(test))
        scenarios = {match[1] for file in files if (match := _SCENARIO.fullmatch(file))}
        for file in files:
            if match := _OF_MOLECULE.match(file):
                for name in scenarios & {match[1]} or scenarios:
                    self._add(f"{_MOLECULE}::{name}", graph.distances(file))
        self._covered = _covered(root)
        self.of = functools.cache(self._of)

    def _add(self, test: str, distances: Mapping[str, int]) -> None:
        for file, steps in distances.items():
            known = self._steps.setdefault(file, {})
            known[test] = min(steps, known.get(test, steps))

    def _of(self, file: str) -> frozenset[str]:
        """Return the tests that use a file with the fewest steps or directly, and those that test_mirror names for it.

        If a file may concern every test, return a sample of all suites as well, and not its tests if they are many.
        """
        near = self._nearest(file)
        if self.is_anywhere(file):
            near = (near if self._are_few(near) else {file} & {*self._tests}) | set(SMOKE)
        return frozenset(near | self._covered.get(file, set()))

    def _nearest(self, file: str) -> set[str]:
        steps = self._steps.get(file, {})
        least = max(1, min(steps.values(), default=0))
        return {test for test, count in steps.items() if count <= least}

    def steps(self, group: str, changed: Iterable[str]) -> int:
        """Return how far a group of tests is from the changed files."""
        names, steps = (group, group.partition("::")[0]), [self._steps.get(file, {}) for file in changed]
        return min((found[name] for found in steps for name in names if name in found), default=_FAR)

    def is_anywhere(self, file: str) -> bool:
        """Return whether a file may concern every test: tests do not name it, or very many use it."""
        if file.startswith(_PROVEN_ELSEWHERE) or file.endswith(_TEXTS):
            return False
        if not file.startswith(_NAMED_BY_TESTS) or file == "tests/conftest.py":
            return True
        return not self._are_few(self._nearest(file))

    def _are_few(self, tests: set[str]) -> bool:
        return len(tests) <= len(self._tests) * MOST_OF_TESTS


def _covered(root: Path) -> Mapping[str, set[str]]:
    """Return the tests with servers that stand for the unit test of a file."""
    covered: dict[str, set[str]] = {}
    for test, names in _table(root / _MIRROR).items():
        for name in names.split():
            path = name if name.startswith("_edge/") else f"_engine/{name}"
            covered.setdefault(f"plugins/module_utils/{path}.py", set()).add(f"tests/{test}")
    return covered


def _table(path: Path) -> Mapping[str, str]:
    for node in ast.parse(path.read_text()).body if path.exists() else ():
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "COVERED":
            return ast.literal_eval(node.value)
    return {}
