# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How far a run goes: `--long` for more points, rounds and depths, and `--seed` for all that is chosen at random.

The seed of a short run is the number of its landing (LANDING), so that each landing takes other points.
`make faults-long ARGS='--seed=7'` looks further. tests/conftest.py imports all by name.
"""

from __future__ import annotations

import os
import random
import secrets

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--seed", type=int, help="seed of all that is chosen at random; default: the landing; of a long run a new one"
    )
    parser.addoption("--long", action="store_true", help="the long run: more points, rounds and examples")


def leave_out_long(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the tests with the marker `long` to the long run, unless the command names a test."""
    if not config.getoption("--long") and not any("::" in argument for argument in config.args):
        long = [item for item in items if item.get_closest_marker("long")]
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


def pytest_report_header(config: pytest.Config) -> str:
    return f"{'long' if config.getoption('--long') else 'short'} run, --seed={_seed(config)}"


def _seed(config: pytest.Config) -> int:
    if config.getoption("--seed") is None:
        config.option.seed = (
            secrets.randbelow(1_000_000) if config.getoption("--long") else int(os.environ.get("LANDING", "1"))
        )
    return config.getoption("--seed")


@pytest.fixture(scope="session")
def long_run(request: pytest.FixtureRequest) -> bool:
    """Return whether this is the long run."""
    return request.config.getoption("--long")


@pytest.fixture(scope="session")
def seed(request: pytest.FixtureRequest) -> int:
    """Return the seed of the run, which its header shows."""
    return _seed(request.config)


@pytest.fixture
def chance(request: pytest.FixtureRequest, seed: int) -> random.Random:
    """Return a random generator of the test's own: the same for a seed, regardless of other tests."""
    return random.Random(f"{seed} {request.node.name}")
