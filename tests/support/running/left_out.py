# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many tests a run leaves out, and why: printed at its end, also where several processes share the tests.

tests/conftest.py imports the hook by name.
"""

from __future__ import annotations

__all__ = ["hand_over", "leave_out", "pytest_testnodedown", "report_left_out_by_choice"]

from collections.abc import Collection
from typing import Any

import pytest

_COUNTS = pytest.StashKey[dict[str, int]]()


def leave_out(config: pytest.Config, items: list[pytest.Item], left_out: Collection[pytest.Item], why: str) -> None:
    """Deselect tests and keep their number."""
    if left_out:
        config.stash.setdefault(_COUNTS, {})[why] = len(left_out)
        config.hook.pytest_deselected(items=[item for item in items if item in left_out])
        items[:] = [item for item in items if item not in left_out]


def hand_over(config: pytest.Config) -> None:
    """Return the numbers to the process that prints: only those that it shares the tests with collect."""
    if hasattr(config, "workeroutput"):
        config.workeroutput["left_out"] = config.stash.get(_COUNTS, {})


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Take the numbers; every process has the same."""
    node.config.stash[_COUNTS] = getattr(node, "workeroutput", {}).get("left_out", {})


def report_left_out_by_choice(reporter: pytest.TerminalReporter) -> None:
    """Print the numbers, if there are any."""
    counts = reporter.config.stash.get(_COUNTS, {})
    if counts:
        reporter.section("left out")
    for why, count in counts.items():
        reporter.write_line(f"{count:6}  {why}")
