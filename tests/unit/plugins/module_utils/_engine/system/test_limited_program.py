# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs with a time limit: their end, their output, and all that they started."""

from __future__ import annotations

import os
import time

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.limited_program import (
    LARGEST_ERROR,
    run_limited,
)


def shell(script: str, seconds: float = 10.0) -> tuple[int, bytes, bytes, str]:
    ended = run_limited(["/bin/sh", "-c", script], seconds)
    return ended.status, ended.printed, ended.said, ended.fact


def test_status_and_output() -> None:
    assert shell("echo out; echo err >&2") == (0, b"out\n", b"err\n", "")
    assert shell("exit 3")[::3] == (3, "ended with status 3")
    assert shell("kill -9 $$")[::3] == (-9, "was ended by signal 9")


def test_limits() -> None:
    assert shell("sleep 60", 0.2)[3] == "did not end within 0.2 seconds"
    assert shell("yes")[3] == "printed more than 1 MiB"
    assert len(shell("yes | head -c 3000000 >&2")[2]) > LARGEST_ERROR


def test_it_ends_with_all_that_it_started() -> None:
    begun = time.monotonic()
    printed = shell("sleep 60 & echo $!")[1]
    assert time.monotonic() - begun < 30
    while os.path.exists(f"/proc/{int(printed)}") and time.monotonic() - begun < 30:
        time.sleep(0.01)
    assert time.monotonic() - begun < 30


def test_descriptors_and_work_meanwhile() -> None:
    calls = []
    reading, writing = os.pipe()
    run_limited(
        ["/bin/sh", "-c", f"sleep 0.1; echo 1 > /dev/fd/{writing}"],
        10,
        descriptors=[writing],
        meanwhile=lambda: calls.append(1),
    )
    assert (os.read(reading, 9), bool(calls)) == (b"1\n", True)
    os.close(reading)
    os.close(writing)


def test_a_program_that_cannot_be_started() -> None:
    with pytest.raises(FileNotFoundError):
        run_limited(["/nonexistent"], 1)
