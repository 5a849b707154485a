# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which files of the four suites `make check` runs, the nearest to the change first."""

from __future__ import annotations

__all__ = ["Plan", "plan"]

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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
_DIRECT_STEPS = 1
# The proofs of other targets: make docs, make lint, make sanity, make molecule.
_PROVEN_ELSEWHERE = ("changelogs/", "docs/", "extensions/", "meta/", "tests/sanity/", "tests/unit/")
_NAMED_BY_TESTS = ("playbooks/", "plugins/", "roles/", "tests/")
_TEXTS = (".md", ".rst", "LICENSE")


@dataclass(frozen=True)
class Plan:
    """files: in the order in which they run, the first `direct` of them close to the change.

    of: number of files in all suites. unknown: changed files with unknown reach.
    """

    files: Sequence[str]
    direct: int
    of: int
    unknown: Sequence[str]

    def __str__(self) -> str:
        why = f", with a sample of everything because of {', '.join(self.unknown)}" if self.unknown else ""
        return f"{len(self.files)} of {self.of} files of tests besides the unit tests, {self.direct} of them near{why}."


def plan(root: Path, files: Iterable[str], changed: Iterable[str]) -> Plan:
    """Choose the files of tests."""
    graph, wanted = Graph(root, files), set(changed)
    tests = [test for test in graph.tests() if not test.startswith("tests/unit/")]
    steps = {test: _steps(graph.distances(test), wanted) for test in tests}
    reached = {test: min(found.values()) for test, found in steps.items() if found}
    users = Counter(file for found in steps.values() for file in found)
    unknown = sorted(file for file in wanted if _is_anywhere(file, users[file], len(tests)))
    near = sorted((test for test in reached if reached[test] <= _DIRECT_STEPS), key=reached.__getitem__)
    smoke = [test for test in SMOKE if unknown and test not in near]
    far = sorted((test for test in reached if test not in {*near, *smoke}), key=reached.__getitem__)
    return Plan([*near, *smoke, *far], len(near), len(tests), unknown)


def _steps(distances: dict[str, int], wanted: set[str]) -> dict[str, int]:
    return {file: distances[file] for file in wanted & distances.keys()}


def _is_anywhere(file: str, users: int, tests: int) -> bool:
    """Return whether a file may concern every test: tests do not name it, or most of them use it."""
    if file.startswith(_PROVEN_ELSEWHERE) or file.endswith(_TEXTS):
        return False
    return not file.startswith(_NAMED_BY_TESTS) or file == "tests/conftest.py" or users > tests / 2
