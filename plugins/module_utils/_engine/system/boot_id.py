# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The id of this boot of the machine, see random(4)."""

from __future__ import annotations

import os

VARIABLE = "SECURE_SYNC_BOOT_ID"
"""Environment variable with the id, for a sandbox that hides the kernel's file (ProcSubset=pid)."""

_FILE = "/proc/sys/kernel/random/boot_id"


def boot_id() -> bytes:
    """Return the id without hyphens, as systemd.unit(5) writes it for %b; empty if it is hidden. Raises OSError."""
    try:
        with open(_FILE, "rb") as file:
            return file.read(256).strip().replace(b"-", b"")
    except FileNotFoundError:
        return os.environ.get(VARIABLE, "").encode()
