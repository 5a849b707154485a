# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The end of a run: print the figures and the minutes, and look for remains of tests.

tests/conftest.py imports the hooks and `nothing_stays_behind` by name.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator

import pytest

from .planned import PROCESSOR
from .processes import lingering, mark

_SHORTEST_MINUTES = 0.1


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
    if terminalreporter.config.getoption("--pool"):
        _report_minutes(terminalreporter)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail a run without a test."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    # Workers print nothing and have no reporter.
    if exitstatus != pytest.ExitCode.OK or session.config.option.collectonly or reporter is None:
        return
    if not reporter.stats.get("passed"):
        session.exitstatus = pytest.ExitCode.NO_TESTS_COLLECTED


def _report_minutes(reporter: pytest.TerminalReporter) -> None:
    """Print the minutes of each file and folder: of the clock, in all processes together, and of the processor."""
    clock: Counter[str] = Counter()
    processor: Counter[str] = Counter()
    for reports in reporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                file = report.nodeid.partition("::")[0]
                for name in (file, f"{os.path.dirname(file)}/", "all"):
                    clock[name] += report.duration / 60
                    processor[name] += getattr(report, PROCESSOR, 0.0) / 60
    reporter.section("minutes of the clock and of the processor")
    for name, each in sorted(clock.items(), key=lambda item: item[1], reverse=True):
        if each >= _SHORTEST_MINUTES or name == "all":
            reporter.write_line(f"{each:6.1f}{processor[name]:7.1f}  {name}")


@pytest.fixture(scope="session", autouse=True)
def nothing_stays_behind() -> Iterator[None]:
    """Fail the run if a process that a test started is still there when it ends."""
    marked = mark()
    os.environ.update(marked)
    yield
    left = lingering(marked)
    assert not left, f"still running: {left}"
