# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The groups of tests that failed: `--write-failed FILE` writes their names, `--only FILE` runs nothing else.

scripts/suites runs a few of them a second time. Four processes on two processors, with systems that boot at the same
time, sometimes starve a real server or client for longer than a test can wait; a defect fails twice. tests/faults
provokes rare events, so a failure there counts at once. tests/conftest.py imports the hooks by name.
"""

from __future__ import annotations

__all__ = ["MOST_GROUPS", "choose", "may_run_again", "pytest_addoption", "write_failed"]

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from .left_out import leave_out

MOST_GROUPS = 2
_ONCE = "tests/faults/"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-failed", metavar="FILE", help="write the names of the groups with failures")
    parser.addoption("--only", metavar="FILE", help="run the groups that such a file names")


def may_run_again(groups: Sequence[str]) -> bool:
    """Return whether these groups get a second try."""
    return 0 < len(groups) <= MOST_GROUPS and not any(group.startswith(_ONCE) for group in groups)


def choose(config: pytest.Config, items: list[pytest.Item], group_of: Callable[[str], str]) -> None:
    """Leave out all other groups."""
    only = config.getoption("--only")
    if only is not None:
        groups = json.loads(Path(only).read_text())
        leave_out(config, items, {item for item in items if group_of(item.nodeid) not in groups}, "of other groups")


def write_failed(reporter: pytest.TerminalReporter, group_of: Callable[[str], str]) -> None:
    """Write the groups in the order of their names, from the process that prints.

    After an error of a teardown there is no file: the processes that `nothing_stays_behind` finds are of any test.
    """
    path = reporter.config.getoption("--write-failed")
    if path is not None and not any(each.when == "teardown" for each in reporter.stats.get("error", ())):
        failed = [report.nodeid for kind in ("failed", "error") for report in reporter.stats.get(kind, ())]
        Path(path).write_text(json.dumps(sorted({group_of(nodeid) for nodeid in failed})))
