# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The encrypted directories of the role at_rest, and whether each is unlocked."""

from __future__ import annotations

import os
from typing import Any, Dict, List

from ...system.mount_table import mounts_below
from ...system.program import ask_program
from ...system.vault_units import UNITS, all_vaults

_GOCRYPTFS = "fuse.gocryptfs"


def vaults(units: str = UNITS) -> List[Dict[str, Any]]:
    """Return unit and mount point of each vault, and the mounts below it that are not encrypted."""
    return [_vault(each.name, os.path.realpath(each.mount)) for each in all_vaults(units)]


def _vault(unit: str, mount: str) -> Dict[str, Any]:
    """Describe a vault. mount: without symbolic links, as the table of mounts has it."""
    return {
        "unit": unit,
        "mount": mount,
        "open": _is_encrypted(mount),
        "unencrypted": [point for point in mounts_below(mount) if not _is_encrypted(point)],
    }


def _is_encrypted(mount: str) -> bool:
    """Return whether the mount is of gocryptfs, or a directory that fscrypt encrypts."""
    if not os.path.ismount(mount):
        return False
    # Of two mounts on one point, the last is on top.
    completed = ask_program("findmnt", "--noheadings", "--list", "--output", "FSTYPE", "--mountpoint", mount)
    return completed.out.split()[-1:] == [_GOCRYPTFS] or _has_attribute(mount)


def _has_attribute(directory: str) -> bool:
    """Return whether lsattr(1) shows the attribute E, of fscrypt."""
    return "E" in ask_program("lsattr", "-d", directory).out.partition(" ")[0]
