# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last lines of a run, from a program in the place of journalctl: tests have no journal of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.ping import last_lines

RUN = "8f3ad915dac5f1694e2298139028d7dd"


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a program first in the path that shows its arguments."""
    program = tmp_path / "journalctl"
    program.write_text("#!/bin/sh\nprintf '%s\\n' \"$@\"\nprintf '\\377'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return program


@pytest.mark.usefixtures("journal")
def test_lines_of_the_run_and_of_systemd_about_it() -> None:
    found = last_lines(RUN).splitlines()
    assert found[-4:] == [f"_SYSTEMD_INVOCATION_ID={RUN}", "+", f"INVOCATION_ID={RUN}", "\ufffd"]
    assert "--lines=20" in found


@pytest.mark.usefixtures("journal")
@pytest.mark.parametrize("run", ["", "x", RUN + "\n", "--file=/x"])
def test_an_id_that_is_not_systemds_asks_nothing(run: str) -> None:
    assert last_lines(run) == ""


def test_without_a_journal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert last_lines(RUN) == ""
