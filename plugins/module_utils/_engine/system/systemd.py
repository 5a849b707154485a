# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The system's manager, by its own program."""

from __future__ import annotations

from .program import run_program

__all__ = ["UNITS", "systemctl"]

UNITS = "/etc/systemd/system"


def systemctl(*words: str) -> None:
    """Run systemctl. Raises OperationFailed with its output."""
    run_program("systemctl", "--no-ask-password", *words)
