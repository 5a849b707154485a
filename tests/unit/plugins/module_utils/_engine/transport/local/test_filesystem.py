# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which file systems keep change times, by a table of mounts: one with FAT or FUSE cannot be mounted everywhere."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.local.transport import (
    LocalTransport,
    no_stamps,
)


def told(tmp_path: Path, kind: str) -> str:
    device = os.stat(tmp_path).st_dev
    table = tmp_path / "mountinfo"
    table.write_text(
        "22 27 0:999 / /proc rw - proc proc rw\n"
        f"30 27 {os.major(device)}:{os.minor(device)} / /mnt/a\\040b rw,relatime shared:1 master:2 - {kind} /dev/x rw\n"
    )
    return no_stamps(os.fsencode(tmp_path), mounts=str(table))


@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs", "tmpfs", "overlay", "zfs", "nfs4", "fusectl"])
def test_they_count(tmp_path: Path, kind: str) -> None:
    assert told(tmp_path, kind) == ""


@pytest.mark.parametrize("kind", ["vfat", "exfat", "cifs", "fuse", "fuseblk", "fuse.sshfs", "9p"])
def test_they_do_not_count(tmp_path: Path, kind: str) -> None:
    assert kind in told(tmp_path, kind)


def test_without_a_table_or_a_root_they_count(tmp_path: Path) -> None:
    assert no_stamps(os.fsencode(tmp_path), mounts=str(tmp_path / "none")) == ""
    assert no_stamps(os.fsencode(tmp_path / "none")) == ""


def test_this_machine_s_own(tmp_path: Path) -> None:
    side = LocalTransport(os.fsencode(tmp_path))
    assert side.stamped
    assert list(side.notes) == []
    side.close()
