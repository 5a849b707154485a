# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes of a user id are ended, however they were started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access import host
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access.host import (
    end_processes,
    processes_of,
    started_by,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import OperationFailed
from support.running.processes import end

USER = 2_000_000_000 + os.getpid()
"""No account and no other run of this test has it. Only root may start its processes."""
PYTHON = os.path.realpath(sys.executable)
"""Without the links of the virtual environment: others may not be able to enter the directory of the clone."""
DETACHED = "import os, time; os.fork() and os._exit(0); os.setsid(); os.fork() and os._exit(0); time.sleep(600)"


def alive(pid: int) -> bool:
    return os.path.exists(f"/proc/{pid}/exe")


def test_who_started_a_process() -> None:
    assert started_by(os.getpid()) == os.getuid()
    assert os.getpid() in processes_of(os.getuid())
    assert started_by(1 << 23) is None
    assert processes_of(USER) == []


def test_detached_processes_are_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without root there is only one user id: the processes are found by their argument instead."""
    mark = f"mark-{os.getpid()}"
    user = {"user": USER, "group": USER, "extra_groups": []} if os.geteuid() == 0 else {}
    if not user:
        monkeypatch.setattr(host, "_is_of", lambda _user, pid: mark in _argument(pid))
        monkeypatch.setattr(host, "_kill_all", _kill_each)
    subprocess.run([PYTHON, "-c", DETACHED, mark], check=True, **user)
    direct = subprocess.Popen([PYTHON, "-c", "import time; time.sleep(600)", mark], **user)
    try:
        while len(processes_of(USER)) < 2:
            time.sleep(0.05)
        assert end_processes(USER) == 2
        assert (processes_of(USER), end_processes(USER)) == ([], 0)
    finally:
        end(direct)


def _kill_each(user: int) -> bool:
    for pid in processes_of(user):
        os.kill(pid, signal.SIGKILL)
    return True


def _argument(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/cmdline") as stream:
            return stream.read()
    except OSError:
        return ""


def test_processes_that_do_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "_PATIENCE", 0.0)
    monkeypatch.setattr(host, "processes_of", lambda _user: [os.getpid()])
    monkeypatch.setattr(host, "_kill_all", lambda _user: True)
    with pytest.raises(OperationFailed, match=r"processes of the user id 5 do not end.*: 1$"):
        end_processes(5)


def test_root_ends_nobody_in_its_own_name() -> None:
    """Neither the user id of root nor, without root, one of another account."""
    assert not host._kill_all(0)
    assert os.geteuid() == 0 or not host._kill_all(USER)
