# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel's table of mounts."""

from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.mount_table import (
    Mount,
    is_in_fstab,
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


@pytest.mark.parametrize(
    ("table", "found"),
    [
        ("UUID=1 / ext4 defaults 0 1\n/dev/sdb1 /srv/data/ ext4\n", True),
        ("  # /dev/sdb1 /srv/data ext4\n\nswap\n", False),
        ("/srv/data /srv/other none bind\n", False),
        ("/dev/sdb1 /srv/data2 ext4\n", False),
        (None, False),
    ],
)
def test_what_the_administrator_mounts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: str | None, found: bool
) -> None:
    """The table of this machine cannot be changed; another file takes its place."""
    real = builtins.open

    def opened(path: str, **options: Any) -> Any:
        return real(tmp_path / "fstab" if path == "/etc/fstab" else path, **options)

    if table is not None:
        (tmp_path / "fstab").write_text(table)
    monkeypatch.setattr(builtins, "open", opened)
    assert is_in_fstab("/srv/data") is found
