# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs of a host: output without end, silence without end, and programs that are not there."""

from __future__ import annotations

import io
import os

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.evidence.cutting import Ends
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.evidence.host_files import run_into


def test_output_and_status() -> None:
    file = io.BytesIO()
    ran = run_into(file, ["sh", "-c", "echo out; echo err >&2; exit 3"])
    assert (file.getvalue(), ran) == (b"out\n", (3, 4, True, "err\n"))


def test_a_program_that_is_not_installed() -> None:
    assert run_into(io.BytesIO(), ["no-such-program"]).status is None


def test_output_without_end() -> None:
    file = io.BytesIO()
    ran = run_into(Ends(file, 1 << 10), ["yes"], seconds=0.2)
    assert not ran.whole
    assert ran.size > len(file.getvalue()) == 1 << 10


def test_a_program_that_does_not_end() -> None:
    assert not run_into(io.BytesIO(), ["sleep", "3000"], seconds=0.2).whole


def test_the_environment_of_the_task_is_not_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "SECRET", "canary")
    file = io.BytesIO()
    run_into(file, ["env"])
    assert b"canary" not in file.getvalue()
