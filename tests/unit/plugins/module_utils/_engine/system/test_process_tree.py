# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes that are ended with their children."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.process_tree import (
    began,
    children,
    descendants,
    end_tree,
    is_of_this_host,
    name_of,
    user_of,
)


def parent() -> tuple[subprocess.Popen[bytes], int]:
    """Start a shell with a child; return the shell and the number of the child."""
    shell = subprocess.Popen(["/bin/sh", "-c", "sleep 600 & echo $!; wait"], stdout=subprocess.PIPE)
    assert shell.stdout is not None
    return shell, int(shell.stdout.readline())


def runs(pid: int) -> bool:
    """Return whether a process has not ended; its parent may not have waited for it yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_facts_of_a_process_and_of_a_number_that_no_process_has() -> None:
    own, free = os.getpid(), (1 << 22) + 1
    assert (name_of(own), user_of(own), is_of_this_host(own)) == (
        Path("/proc/self/comm").read_text().strip(),
        os.geteuid(),
        True,
    )
    assert (name_of(free), user_of(free), is_of_this_host(free)) == ("", None, False)


def test_a_process_and_its_children_are_killed() -> None:
    shell, child = parent()
    assert descendants(shell.pid) == [child]
    assert child in children()[shell.pid]
    end_tree(shell.pid, lambda: True)
    assert shell.wait() == -signal.SIGKILL
    assert not runs(child)
    shell.communicate()


def test_a_descendant_is_spared_with_all_its_own() -> None:
    shell = subprocess.Popen(
        ["/bin/sh", "-c", 'sh -c "sleep 600 & echo \\$!; wait" & echo $!; wait'], stdout=subprocess.PIPE
    )
    assert shell.stdout is not None
    own, child = sorted(int(shell.stdout.readline()) for _line in range(2))
    end_tree(shell.pid, lambda: True, spares=lambda pid: pid == own)
    assert shell.wait() == -signal.SIGKILL
    assert (runs(own), runs(child)) == (True, True)
    for pid in (child, own):
        os.kill(pid, signal.SIGKILL)
    shell.communicate()


def test_a_number_that_another_process_has_now_is_left_alone() -> None:
    shell, child = parent()
    end_tree(shell.pid, lambda: False)
    assert shell.poll() is None
    assert runs(child)
    for pid in (child, shell.pid):
        os.kill(pid, signal.SIGKILL)
    shell.communicate()


def test_a_process_that_is_gone() -> None:
    with subprocess.Popen(["/bin/true"]) as process:
        pass
    end_tree(process.pid, lambda: True)
    assert user_of(process.pid) is None
    with pytest.raises(OSError, match=str(process.pid)):
        began(process.pid)


def test_owner_and_start() -> None:
    assert user_of(os.getpid()) == os.geteuid()
    assert began(os.getpid()) >= began(1)
