# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The time limit of a run on a machine that is much slower than usual: `--until TIME`.

TIME is in seconds of the epoch. From then on no further test begins, the end of the run names the remaining tests, and
the run fails. Without the option everything runs. tests/conftest.py imports the hooks by name."""

from __future__ import annotations

__all__ = [
    "note",
    "pytest_addoption",
    "pytest_runtest_protocol",
    "pytest_xdist_node_collection_finished",
    "report_left_out",
    "without_time",
]

import time
from typing import Any

import pytest

_ALL = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--until", type=float, help="seconds of the epoch; from then on no further test begins")


def note(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take note of the tests of a run."""
    config.stash[_ALL] = [item.nodeid for item in items]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(node: Any, ids: list[str]) -> None:
    """Take note of the tests where several processes share them: only those processes collect."""
    node.config.stash[_ALL] = ids


def pytest_runtest_protocol(item: pytest.Item) -> bool | None:
    """Leave the test out where the time is over."""
    return True if _is_over(item.config) else None


def report_left_out(reporter: pytest.TerminalReporter) -> None:
    """Report the tests that did not run, at the end of the run."""
    left_out = without_time(reporter)
    if not left_out:
        return
    files = sorted({name.partition("::")[0] for name in left_out})
    reporter.section("out of time")
    reporter.write_line(f"{len(left_out)} of {len(reporter.config.stash[_ALL])} tests did not begin in time:")
    reporter.write_line(", ".join(files))


def without_time(reporter: pytest.TerminalReporter) -> list[str]:
    """Return the tests that did not begin in time."""
    if not _is_over(reporter.config):
        return []
    begun = {getattr(report, "nodeid", None) for reports in reporter.stats.values() for report in reports}
    return [name for name in reporter.config.stash.get(_ALL, []) if name not in begun]


def _is_over(config: pytest.Config) -> bool:
    until = config.getoption("--until")
    return until is not None and time.time() >= until
