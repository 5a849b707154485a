# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signals, and a reader that goes away, end the work in order; every exception becomes a result."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.interrupt import (
    SIGNALS,
    Interrupted,
    interruptible,
    outcome,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import NoSpace
from support.running.patience import HANG_SECONDS

COLLECTIONS = str(Path(__file__).parents[5] / ".cache" / "collections")
WORK = """
import sys, time
sys.path.insert(0, sys.argv[1])
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.interrupt import Interrupted, interruptible
try:
    with interruptible():
        print("ready", flush=True)
        time.sleep(30)
except Interrupted as error:
    open(sys.argv[2], "w").write(str(error))
"""


@pytest.fixture(autouse=True)
def _handlers_stay() -> Iterator[None]:
    before = [signal.getsignal(number) for number in SIGNALS]
    hook = sys.unraisablehook
    yield
    assert sys.unraisablehook is hook
    assert [signal.getsignal(number) for number in SIGNALS] == before
    assert [thread.name for thread in threading.enumerate() if thread.name in ("reader", "interrupt")] == []


def work(first: signal.Signals, cleaned: list[bool], *more: signal.Signals) -> None:
    """Sleep, receive `first`, and clean up while `more` signals come."""
    with interruptible():
        try:
            os.kill(os.getpid(), first)
            time.sleep(10)
        except Exception:
            pytest.fail("caught as an ordinary exception")
        finally:
            for number in more:
                os.kill(os.getpid(), number)
            cleaned.append(True)


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_a_signal_ends_the_work(number: signal.Signals) -> None:
    cleaned: list[bool] = []
    with pytest.raises(Interrupted, match=f"it received {number.name}"):
        work(number, cleaned)
    assert cleaned == [True]


def test_a_second_signal_does_not_break_the_cleaning_up() -> None:
    cleaned: list[bool] = []
    with pytest.raises(Interrupted, match="SIGTERM"):
        work(signal.SIGTERM, cleaned, signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    assert cleaned == [True]


class Finalized:
    """A signal arrives while the garbage collector finalizes it."""

    def __init__(self, number: signal.Signals) -> None:
        self.number = number

    def __del__(self) -> None:
        os.kill(os.getpid(), self.number)
        time.sleep(0.001)


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_a_signal_in_a_finalizer_is_not_lost(number: signal.Signals) -> None:
    def work() -> None:
        Finalized(number)
        time.sleep(10)

    with pytest.raises(Interrupted, match=f"it received {number.name}"), interruptible():
        work()


def test_a_signal_in_the_last_finalizer_comes_too_late() -> None:
    """The work is done, and its result is written."""
    with interruptible():
        Finalized(signal.SIGTERM)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_another_exception_of_a_finalizer_ends_nothing() -> None:
    class Broken:
        def __del__(self) -> None:
            raise KeyError("broken")

    with interruptible():
        Broken()
        time.sleep(0.1)


def test_an_ignored_signal_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interruptible():
            os.kill(os.getpid(), signal.SIGHUP)
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_work_that_ends_by_itself() -> None:
    with interruptible():
        pass


def start(marker: Path) -> subprocess.Popen[str]:
    """Start work of 30 seconds in a process of its own and wait until it is at work."""
    process = subprocess.Popen(
        [sys.executable, "-c", WORK, COLLECTIONS, str(marker)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def test_a_reader_that_goes_away_ends_the_work(tmp_path: Path) -> None:
    process = start(tmp_path / "cause")
    process.stdout.close()
    process.wait(timeout=HANG_SECONDS)
    assert (tmp_path / "cause").read_text() == "the reader of its result is gone"


def test_a_reader_that_stays_ends_nothing(tmp_path: Path) -> None:
    process = start(tmp_path / "cause")
    try:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=0.2)
        process.terminate()
        process.wait(timeout=HANG_SECONDS)
    finally:
        process.kill()
        process.stdout.close()
    assert (tmp_path / "cause").read_text() == "it received SIGTERM"


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
