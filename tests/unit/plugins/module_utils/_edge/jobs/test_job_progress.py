# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines about the progress of a job."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.jobs import job_run as job_progress
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.jobs.job_run import shown
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.progress import Progress


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until `condition` is true."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_lines_are_written_while_the_job_runs() -> None:
    stream, progress = io.StringIO(), Progress()
    with shown(progress, "nightly", 0.01, stream):
        wait_for(lambda: "nightly: logging in\n" in stream.getvalue())
        progress.hashing(7)
        wait_for(lambda: "nightly: hashing 0 of 7 files\n" in stream.getvalue())
    length = len(stream.getvalue())
    time.sleep(0.1)
    assert len(stream.getvalue()) == length


def test_without_pauses_there_is_no_line() -> None:
    stream = io.StringIO()
    with shown(Progress(), "nightly", 0.0, stream):
        time.sleep(0.05)
    assert stream.getvalue() == ""


class _Gone(io.StringIO):
    """A stream without a reader."""

    tries = 0

    def write(self, _text: str) -> int:
        self.tries += 1
        raise BrokenPipeError


def test_a_reader_that_has_gone_ends_the_lines_and_not_the_job() -> None:
    stream = _Gone()
    with shown(Progress(), "nightly", 0.01, stream):
        wait_for(lambda: stream.tries > 0)
        time.sleep(0.1)
    assert stream.tries == 1


class _Stopped(io.StringIO):
    """A stream whose reader does not read."""

    def __init__(self) -> None:
        super().__init__()
        self.entered, self.released = threading.Event(), threading.Event()

    def write(self, text: str) -> int:
        self.entered.set()
        self.released.wait(60)
        return len(text)


def test_a_reader_that_does_not_read_does_not_hold_the_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_progress, "PATIENCE", 0.1)
    stream = _Stopped()
    with shown(Progress(), "nightly", 0.01, stream):
        assert stream.entered.wait(20)
    assert not stream.released.is_set()
    stream.released.set()
