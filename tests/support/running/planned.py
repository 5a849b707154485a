# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run of chosen groups of tests: `--plan FILE`, written by scripts/suites. It records the groups that pass.

No test begins after the time of the plan. The outcome names the groups of which a test failed or did not end. Each
group is written to the ledger as soon as its last test has passed, so that a run that is killed can go on.
tests/conftest.py imports the hooks by name; `--write-names FILE` only writes the names of the collected tests.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pytest

from ..check import ledger
from ..check.ledger import Passed

PROCESSOR = "processor_seconds"
"""The attribute of a report: the processor seconds of the test's process and of the children that it waited for."""
_NAME = "planned_run"


@dataclass(frozen=True)
class Plan:
    """tests: by group. seconds: the expected time of each group. outcome: the file for it.

    until: no test begins later, in seconds of the epoch. records: the path of the ledger, empty if nothing is recorded.
    second: whether this is a second try. in_order: whether the groups begin in the
    order of the plan instead of the longest first.
    """

    tests: dict[str, list[str]]
    seconds: dict[str, float]
    outcome: str
    until: float = 0.0
    records: str = ""
    form: str = ledger.SHORT
    landing: int = 0
    commit: str = ledger.NEVER
    second: bool = False
    in_order: bool = False

    def write(self, path: Path) -> None:
        """Write the plan for a run."""
        path.write_text(json.dumps(asdict(self)))


@dataclass
class Outcome:
    """What became of a plan. late: whether a process or a fixture of all tests failed after a test had passed."""

    failed: list[str] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)
    late: bool = False


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--plan", metavar="FILE", help="run the groups of a plan of scripts/suites")
    parser.addoption("--write-names", metavar="FILE", help="write the names of the collected tests")


def pytest_configure(config: pytest.Config) -> None:
    """Read the plan."""
    path = config.getoption("--plan")
    if path is not None:
        plan = Plan(**json.loads(Path(path).read_text()))
        config.pluginmanager.register(_Run(plan, shares_out=not hasattr(config, "workerinput")), _NAME)


def plan_of(config: pytest.Config) -> Plan | None:
    """Return the plan of this run."""
    run = config.pluginmanager.get_plugin(_NAME)
    return run.plan if run else None


def pytest_collection_finish(session: pytest.Session) -> None:
    """Write the names of the collected tests."""
    path = session.config.getoption("--write-names")
    if path is not None:
        Path(path).write_text(json.dumps([item.nodeid for item in session.items]))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    """Add the processor seconds since the last report: the fixtures before a test count as part of it."""
    report = yield
    now = sum(os.times()[:4])
    setattr(report, PROCESSOR, now - _before[0])
    _before[0] = now
    return report


_before = [sum(os.times()[:4])]


class _Run:
    """shares_out: whether this process hands the tests out, or runs alone; it gets the reports of all tests."""

    def __init__(self, plan: Plan, *, shares_out: bool) -> None:
        self.plan = plan
        self._shares_out = shares_out
        self._wanted = {test: group for group, tests in plan.tests.items() for test in tests}
        self._open = {group: set(tests) for group, tests in plan.tests.items()}
        self._seconds = dict.fromkeys(plan.tests, 0.0)
        self._processor = dict.fromkeys(plan.tests, 0.0)
        self._bad: set[str] = set()
        self._late = False

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        others = [item for item in items if item.nodeid not in self._wanted]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item.nodeid in self._wanted]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self) -> bool | None:
        """Leave a test out if the time is over."""
        return True if self.plan.until and time.time() >= self.plan.until else None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add up the times of a group, and record it after its last test."""
        group = self._wanted.get(report.nodeid)
        if group is None or not self._shares_out:
            return
        self._seconds[group] += report.duration
        self._processor[group] += getattr(report, PROCESSOR, 0.0)
        if not report.passed:
            self._bad.add(group)
            self._late = self._late or report.when == "teardown"
        # A process that died reports its test once, without a phase of its own.
        if report.when == "teardown" or (report.failed and report.when == "???"):
            self._open[group].discard(report.nodeid)
            if not self._open[group] and group not in self._bad:
                self._record(group)

    def _record(self, group: str) -> None:
        plan = self.plan
        if plan.records:
            path = Path(plan.records)
            known, tries = ledger.read(path), (plan.landing,) if plan.second else ()
            passed = Passed(plan.landing, plan.commit, self._seconds[group], self._processor[group], tries)
            known.record(group, plan.form, passed)
            ledger.write(path, known)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Write the outcome, which fails a run that did not end all of its tests."""
        if self._shares_out:
            unfinished = sorted(group for group, tests in self._open.items() if tests and group not in self._bad)
            outcome = Outcome(sorted(self._bad), unfinished, self._late)
            Path(self.plan.outcome).write_text(json.dumps(asdict(outcome)))
