# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The most memory of this process. getrusage(2) would include the parent's memory at the fork, and has no reset."""

from __future__ import annotations

__all__ = ["peak_kib"]

from pathlib import Path


def peak_kib(*, reset: bool = False) -> int:
    """Return the most memory of this process since the last reset, in KiB."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])
