# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of the tests that `make check` runs: `--direct N`.

The first N files of the command line run as in a short run. Of the others, each parametrized test runs a part of its
cases, unless tests share a host or a server and depend on each other. Files run in the order of the command line, in
each file the short groups first. The end of the run reports the number of omitted cases and the tests that did not
begin in time."""

from __future__ import annotations

__all__ = ["choose", "put_in_order", "pytest_addoption"]

from collections import Counter
from collections.abc import Sequence

import pytest

from ..running.durations import known_durations
from ..running.left_out import leave_out
from ..running.pool import group_of, seconds_of
from ..running.slices import is_of_part

ONE_IN = 5


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--direct", type=int, help="how many of the files are near to a change; a part of the others runs")


def choose(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out cases of tests in files that are further away."""
    if config.getoption("--direct") is None:
        return
    near = config.args[: config.getoption("--direct")]
    left_out = set(_other_cases([item for item in items if _file_of(item) not in near]))
    leave_out(config, items, left_out, f"cases of tests further from the change: 1 in {ONE_IN} runs")


def put_in_order(config: pytest.Config, items: list[pytest.Item]) -> bool:
    """Sort the tests if this is such a run, and return whether it is."""
    if config.getoption("--direct") is None:
        return False
    seconds = seconds_of([item.nodeid for item in items], known_durations())
    places = {file: place for place, file in enumerate(config.args)}
    items.sort(key=lambda item: (places.get(_file_of(item), len(places)), seconds[group_of(item.nodeid)]))
    return True


def _other_cases(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    seen: Counter[str] = Counter()
    others = []
    for item in items:
        function, has_parameters, _rest = item.nodeid.partition("[")
        if has_parameters and group_of(item.nodeid) == item.nodeid:
            others += [] if is_of_part(seen[function], ONE_IN) else [item]
            seen[function] += 1
    return others


def _file_of(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]
