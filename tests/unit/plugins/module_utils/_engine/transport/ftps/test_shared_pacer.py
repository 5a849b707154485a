# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several threads at one pace."""

from __future__ import annotations

import threading
import time

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.lane import SharedPacer
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.pool import Stopped
from support.running.patience import HANG_SECONDS


def test_without_a_limit_nothing_waits() -> None:
    pacer, started = SharedPacer(None), time.monotonic()
    for _number in range(1000):
        pacer.pay(1 << 30, pytest.fail)
    assert time.monotonic() - started < HANG_SECONDS


def test_threads_share_one_rate() -> None:
    pacer, started = SharedPacer(1_000_000), time.monotonic()
    threads = [threading.Thread(target=lambda: [pacer.pay(50_000) for _number in range(10)]) for _thread in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(HANG_SECONDS)
    assert time.monotonic() - started > 0.4, "a million bytes, less the first burst"


def test_a_wait_ends_when_the_run_does() -> None:
    pacer, started = SharedPacer(1000), time.monotonic()

    def stop() -> None:
        raise Stopped

    pacer.pay(1_000_000)
    with pytest.raises(Stopped):
        pacer.pay(1, stop)
    assert time.monotonic() - started < HANG_SECONDS
