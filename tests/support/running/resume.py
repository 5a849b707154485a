# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""With `--resume FILE`, a run that was interrupted goes on: tests that passed on the same commit are left out.

The first line of FILE is the hash of the commit's tree, each other line a test that passed. It is written test by test,
so that a run that is killed loses nothing. Tests of a group need each other: a group is left out if all of it passed.
Another commit, or changed files, begin from the start. tests/conftest.py imports the hook by name.
"""

from __future__ import annotations

__all__ = ["choose", "pytest_addoption", "pytest_configure"]

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .left_out import leave_out

_ROOT = Path(__file__).parents[3]
_WRITTEN = "tests/durations.json"
"""The file that the long run itself writes."""
_NAME = "passed_before"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--resume", metavar="FILE", help="leave out the groups that passed in earlier runs of this commit")


def pytest_configure(config: pytest.Config) -> None:
    """Take the file, in the process that shares out the tests."""
    path = config.getoption("--resume")
    if path is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Passed(Path(path)), _NAME)


class _Passed:
    """Adds each test that passed to a file; `before`: the tests that passed before this run."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._bad: set[str] = set()
        before = _read(path)
        if before is None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{_tree()}\n")
        self.before = sorted(before or ())

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Let all processes collect the same tests, whenever they start."""
        node.workerinput[_NAME] = self.before

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Write the test when its teardown has passed as well."""
        if not report.passed:
            self._bad.add(report.nodeid)
        elif report.when == "teardown" and report.nodeid not in self._bad:
            with self._path.open("a") as file:
                file.write(f"{report.nodeid}\n")


def choose(config: pytest.Config, items: list[pytest.Item], group_of: Callable[[str], str]) -> None:
    """Leave out the groups that passed. If all did, the last group runs again, as a run without tests is a failure."""
    own = config.pluginmanager.get_plugin(_NAME)
    passed = set(own.before if own else getattr(config, "workerinput", {}).get(_NAME, ()))
    if passed and items:
        left = {group_of(item.nodeid) for item in items if item.nodeid not in passed} or {group_of(items[-1].nodeid)}
        done = {item for item in items if group_of(item.nodeid) not in left}
        leave_out(config, items, done, "that passed in an earlier run of this commit")


def _read(path: Path) -> set[str] | None:
    """Return the tests that passed with these files; None if there is no such list."""
    if not path.exists():
        return None
    tree, *passed = path.read_text().splitlines()
    return set(passed) if tree and tree == _tree() else None


def _tree() -> str:
    """Return the hash of the commit's tree; empty if files were changed since."""
    changed = _git("status", "--porcelain", "--", ".", f":!{_WRITTEN}")
    return "" if changed else _git("rev-parse", "HEAD^{tree}")


def _git(*words: str) -> str:
    ran = subprocess.run(["git", *words], cwd=_ROOT, capture_output=True, text=True, check=True)
    return ran.stdout.strip()
