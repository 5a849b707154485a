# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The shared parts of all tests: the import of `support` (`from support.servers.sshd import Sshd`), the settings of
Hypothesis, the default handling of signals, the options, the report at the end, and the check that no process
remains."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest
from hypothesis import settings

# The duration of an example depends more on the machine's load than on the code.
settings.register_profile("tests", deadline=None, database=None, print_blob=True)
settings.load_profile("tests")

sys.path.insert(0, str(Path(__file__).parent))
# Before any of it is imported: a contract explains differences like a test.
pytest.register_assert_rewrite("support")

from support.running import planned, pool, run_options  # noqa: E402
from support.running.case_names import pytest_make_parametrize_id  # noqa: E402
from support.running.planned import (  # noqa: E402
    pytest_collection_finish,
    pytest_configure,
    pytest_runtest_makereport,
)
from support.running.pool import pytest_xdist_make_scheduler  # noqa: E402
from support.running.reporting import nothing_stays_behind, pytest_sessionfinish, pytest_terminal_summary  # noqa: E402
from support.running.run_options import chance, long_run, pytest_report_header, seed  # noqa: E402

__all__ = [
    "chance",
    "long_run",
    "nothing_stays_behind",
    "pytest_addoption",
    "pytest_collection_finish",
    "pytest_collection_modifyitems",
    "pytest_configure",
    "pytest_make_parametrize_id",
    "pytest_report_header",
    "pytest_runtest_makereport",
    "pytest_sessionfinish",
    "pytest_terminal_summary",
    "pytest_xdist_make_scheduler",
    "seed",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    for each in (planned, pool, run_options):
        each.pytest_addoption(parser)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    run_options.leave_out_long(config, items)
    pool.put_in_order(config, items)


# A run in the background of a script, or under nohup(1), ignores signals and passes that on to the processes of the
# tests.
for _number, _handler in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGHUP, signal.SIG_DFL),
    (signal.SIGTERM, signal.SIG_DFL),
):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _handler)
