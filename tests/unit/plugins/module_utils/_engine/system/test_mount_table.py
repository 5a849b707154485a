# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel's table of mounts."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.mount_table import (
    Mount,
    mounted_on,
    mounts,
    mounts_below,
)

TEXT = (
    "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
    "40 22 8:1 /srv/jail /srv/jail rw,nosuid,nodev,noexec - ext4 /dev/sda1 rw\n"
    "41 22 0:5 / /mnt/a\\040b rw - tmpfs tmpfs rw\n"
)


def test_points_and_options() -> None:
    found = mounts(TEXT)
    assert found[1] == Mount("/srv/jail", frozenset({"rw", "nosuid", "nodev", "noexec"}))
    assert found[2].point == "/mnt/a b"


def test_the_mounts_of_this_machine() -> None:
    assert mounted_on("/proc") is not None
    assert mounted_on("/proc/self") is None
    assert "/proc" in mounts_below("/")
    assert mounts_below("/pro") == []
