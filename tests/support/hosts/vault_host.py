# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host on which vaults can be mounted: with /dev/fuse, and with a disk of its own, ext4 that can encrypt directories,
at /srv/disk. Root only."""

from __future__ import annotations

__all__ = ["DISK", "VaultHost"]

from pathlib import Path

from .systemd_host import SystemdHost

DISK = "/srv/disk"
_SIZE = "64M"
_DISK = rf"""
truncate --size={_SIZE} "$private/upper/disk"
mkfs.ext4 -q -O encrypt "$private/upper/disk"
mkdir -p "$root{DISK}" "$private/upper/encrypted"
mount -o loop "$private/upper/disk" "$private/upper/encrypted"
"""
_NSPAWN = f'systemd-nspawn --bind=/dev/fuse --bind="$private/upper/encrypted:{DISK}" '


class VaultHost(SystemdHost):
    """As SystemdHost."""

    boot = _DISK + SystemdHost.boot.replace("systemd-nspawn ", _NSPAWN)

    @property
    def disk(self) -> Path:
        """The raw bytes of the disk."""
        return Path(f"/proc/{self.pid}/root/{self.directory}/upper/disk")
