# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The end of a run: print the figures and the minutes, and look for remains of tests.

tests/conftest.py imports the hooks and `nothing_stays_behind` by name.
"""

from __future__ import annotations

__all__ = ["nothing_stays_behind", "pytest_sessionfinish", "pytest_terminal_summary"]

import os
from collections.abc import Iterator

import pytest

from .durations import report_minutes, write_durations
from .left_out import hand_over, report_left_out_by_choice
from .pool import group_of
from .processes import lingering, mark
from .second_try import write_failed
from .time_budget import report_left_out, without_time


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures that tests printed, from the captured output of passed tests."""
    failed = {report.nodeid for kind in ("failed", "error") for report in terminalreporter.stats.get(kind, ())}
    ended = [report for report in terminalreporter.stats.get("", ()) if report.when == "teardown"]
    told = [(report.nodeid, report.capstdout.strip()) for report in ended if report.nodeid not in failed]
    if any(text for _name, text in told):
        terminalreporter.section("figures")
    for name, text in told:
        if text:
            terminalreporter.write_line(f"{name.rpartition('::')[2]}: {text}")
    report_minutes(terminalreporter)
    write_durations(terminalreporter, group_of)
    write_failed(terminalreporter, group_of)
    report_left_out_by_choice(terminalreporter)
    report_left_out(terminalreporter)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail a run without a test, or without the time for all. `make check` (--direct) chooses tests for its time."""
    hand_over(session.config)
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    # Workers print nothing and have no reporter.
    if exitstatus != pytest.ExitCode.OK or session.config.option.collectonly or reporter is None:
        return
    if _ran_nothing(reporter):
        session.exitstatus = pytest.ExitCode.NO_TESTS_COLLECTED
    elif without_time(reporter) and session.config.getoption("--direct") is None:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _ran_nothing(reporter: pytest.TerminalReporter) -> bool:
    return not reporter.stats.get("passed")


@pytest.fixture(scope="session", autouse=True)
def nothing_stays_behind() -> Iterator[None]:
    """Fail the run if a process that a test started is still there when it ends."""
    marked = mark()
    os.environ.update(marked)
    yield
    left = lingering(marked)
    assert not left, f"still running: {left}"
