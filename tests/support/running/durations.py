# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long tests took: the minutes of each file at the end of a run, and tests/durations.json, by which the pool puts
the longest group first. Only the order of the tests depends on that file; `--write-durations` renews it."""

from __future__ import annotations

__all__ = ["known_durations", "pytest_addoption", "report_minutes", "write_durations"]

import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

_KNOWN = Path(__file__).parents[2] / "durations.json"
_SHORTEST_SECONDS = 2.0
_SHORTEST_MINUTES = 0.1


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-durations", action="store_true", help="renew tests/durations.json")


def known_durations() -> dict[str, float]:
    """Return the seconds of each group that took long when the file was written."""
    return json.loads(_KNOWN.read_text()) if _KNOWN.exists() else {}


def report_minutes(reporter: pytest.TerminalReporter) -> None:
    """Print the minutes of each file of a run that was shared out."""
    if not reporter.config.getoption("--pool"):
        return
    seconds = _sums(reporter, lambda nodeid: nodeid.partition("::")[0])
    reporter.section("minutes")
    for name, each in sorted(seconds.items(), key=lambda item: -item[1]):
        if each >= _SHORTEST_MINUTES * 60:
            reporter.write_line(f"{each / 60:6.1f}  {name}")
    reporter.write_line(f"{sum(seconds.values()) / 60:6.1f}  all")


def write_durations(reporter: pytest.TerminalReporter, group_of: Callable[[str], str]) -> None:
    """Write the times of groups, and keep the known times of groups that did not run."""
    if not reporter.config.getoption("--write-durations"):
        return
    seconds = {**known_durations(), **_sums(reporter, group_of)}
    long = {name: round(each, 1) for name, each in sorted(seconds.items()) if each >= _SHORTEST_SECONDS}
    _KNOWN.write_text(json.dumps(long, indent=1) + "\n")


def _sums(reporter: pytest.TerminalReporter, key: Callable[[str], str]) -> dict[str, float]:
    sums: dict[str, float] = defaultdict(float)
    for reports in reporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                sums[key(report.nodeid)] += report.duration
    return sums
