# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of a lock file, and whether its process is there."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync import lock_holder
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.lock_holder import LockHolder
from hypothesis import given
from hypothesis import strategies as st


def test_text_and_back() -> None:
    holder = LockHolder.here("0123456789abcdef")
    assert LockHolder.parse(holder.text()) == holder
    assert holder.pid == os.getpid()
    assert holder.is_running()
    assert holder.same_host(LockHolder.here("1"))


@given(st.binary(max_size=200))
def test_anything_else_is_nobody(content: bytes) -> None:
    assert LockHolder.parse(content) is None


@pytest.mark.parametrize("cut", range(1, 20))
def test_a_cut_text_is_nobody(cut: int) -> None:
    assert LockHolder.parse(LockHolder.here("ab").text()[:-cut]) is None


@pytest.mark.parametrize(
    ("pid", "start", "running"),
    [(os.getpid(), "", True), (os.getpid(), "1", False), (0, "", False), (2**40, "", None)],
    ids=["here", "an earlier one", "none", "of another system"],
)
def test_running(pid: int, start: str, running: bool | None) -> None:
    """A pid that this system cannot have had is someone else's: not called dead."""
    assert LockHolder("ab", "", "h", pid, start).is_running() is running


def test_a_process_whose_end_nobody_took_note_of_does_not_run() -> None:
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        stat = Path(f"/proc/{process.pid}/stat")
        holder = LockHolder("ab", "", "h", process.pid, stat.read_text().rpartition(")")[2].split()[19])
        assert holder.is_running()
        process.stdin.close()
        assert process.stdout.read() == b""
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert not holder.is_running()
        assert stat.exists()


def test_an_unknown_host_is_never_the_same() -> None:
    nowhere = LockHolder("ab", "", "h", 1, "")
    assert not nowhere.same_host(nowhere)


def test_a_host_that_hides_its_boot_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock_holder, "boot_id", lambda: b"")
    assert LockHolder.here("ab").host == ""
