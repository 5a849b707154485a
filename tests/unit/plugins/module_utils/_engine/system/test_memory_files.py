# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Only file systems in memory count as such."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system import child_processes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.child_processes import is_in_memory


def test_this_hosts_file_systems() -> None:
    assert is_in_memory("/dev/shm")  # noqa: S108
    assert not is_in_memory("/proc")
    assert not is_in_memory("/nonexistent")


def test_without_a_list_of_mounts_nothing_is_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("/nonexistent", "/proc/self/cmdline"):
        monkeypatch.setattr(child_processes, "_MOUNTS", name)
        assert not is_in_memory("/dev/shm")  # noqa: S108
