# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all fault tests share: a seed that is printed, how long the run may be, and the figures at its end.

`make faults` is the short run with a fixed seed; `make faults-long ARGS='--seed=7'` looks further.
"""

from __future__ import annotations

import random
import secrets

import pytest
from support import time_budget
from support.reporting import nothing_stays_behind, pytest_terminal_summary
from support.time_budget import (
    pytest_collection_modifyitems,
    pytest_runtest_protocol,
    pytest_xdist_node_collection_finished,
)

__all__ = [
    "nothing_stays_behind",
    "pytest_collection_modifyitems",
    "pytest_runtest_protocol",
    "pytest_terminal_summary",
    "pytest_xdist_node_collection_finished",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    time_budget.pytest_addoption(parser)
    parser.addoption(
        "--seed", type=int, help="seed of all that is chosen at random; default 1, of a long run a new one"
    )
    parser.addoption("--long", action="store_true", help="the long run: more points, rounds and examples")


def pytest_report_header(config: pytest.Config) -> str:
    return f"faults: {'long' if config.getoption('--long') else 'short'} run, --seed={_seed(config)}"


def _seed(config: pytest.Config) -> int:
    if config.getoption("--seed") is None:
        config.option.seed = secrets.randbelow(1_000_000) if config.getoption("--long") else 1
    return config.getoption("--seed")


@pytest.fixture(scope="session")
def long_run(request: pytest.FixtureRequest) -> bool:
    """Say whether this is the long run."""
    return request.config.getoption("--long")


@pytest.fixture(scope="session")
def seed(request: pytest.FixtureRequest) -> int:
    """Give the seed of the run; its header tells it."""
    return _seed(request.config)


@pytest.fixture
def chance(request: pytest.FixtureRequest, seed: int) -> random.Random:
    """Give a source of chance of the test's own: the same for one seed whichever other tests run."""
    return random.Random(f"{seed} {request.node.name}")
