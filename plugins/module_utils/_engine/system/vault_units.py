# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the vault below whose mount point a directory is, by the systemd units of the vaults.

Below the mount point of a locked vault, root could write unencrypted files, which would also keep the vault from being
unlocked.
"""

from __future__ import annotations

import glob
import os
from typing import Iterator, NamedTuple, Optional

from ..errors import VaultLocked

UNITS = "/etc/systemd/system"
PREFIX = "secure_ftp_synchronize-vault-"
MOUNT_LINE = "X-Mount="
"""Names the mount point in a unit. systemd ignores such lines."""


class VaultUnit(NamedTuple):
    """The name of the unit, and the mount point of its vault."""

    name: str
    mount: str


def all_vaults(units: str = UNITS) -> Iterator[VaultUnit]:
    for file in sorted(glob.glob(f"{units}/{PREFIX}*.service")):
        with open(file, encoding="utf-8", errors="surrogateescape") as stream:
            for line in stream:
                mount = line[len(MOUNT_LINE) :].strip() if line.startswith(MOUNT_LINE) else ""
                if mount:
                    yield VaultUnit(os.path.basename(file), mount)


def vault_of(path: str, units: str = UNITS) -> Optional[VaultUnit]:
    """Return the vault whose mount point is `path` or above it."""
    return next((each for each in all_vaults(units) if (path + "/").startswith(each.mount + "/")), None)


def require_unlocked(path: str, units: str = UNITS) -> None:
    """Raise VaultLocked if a directory is below the mount point of a locked vault."""
    vault = vault_of(path, units)
    if vault is not None and not os.path.ismount(vault.mount):
        raise VaultLocked(
            f"path: {path} is in the vault at {vault.mount}, which is locked",
            cure="Unlock the vault with the role at_rest.",
        )
