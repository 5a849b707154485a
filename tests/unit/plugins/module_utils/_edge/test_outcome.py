# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The outcome of work: a result in every case."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.outcome import outcome
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import NoSpace


def test_a_result_is_passed_on() -> None:
    assert outcome(lambda: {"changed": True}) == {"changed": True}


@pytest.mark.parametrize(("error", "code"), [(NoSpace("no space left"), "no_space"), (KeyError("a"), "internal")])
def test_an_exception_is_a_failure(error: Exception, code: str) -> None:
    def work() -> dict[str, Any]:
        raise error

    result = outcome(work)
    assert (result["failed"], result["error"]["code"]) == (True, code)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_is_a_failure(number: signal.Signals) -> None:
    def work() -> dict[str, Any]:
        os.kill(os.getpid(), number)
        time.sleep(10)
        return {}

    result = outcome(work)
    assert (result["failed"], result["error"]["code"]) == (True, "interrupted")
    assert number.name in result["msg"]
