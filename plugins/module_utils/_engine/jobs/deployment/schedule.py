# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calendar event of a timer, read by systemd itself before anything is changed."""

from __future__ import annotations

from ...errors import InvalidRequest
from ...system.program import ask_program


def require_schedule(schedule: str) -> None:
    """Raise InvalidRequest if systemd cannot read it."""
    completed = ask_program("systemd-analyze", "calendar", "--", schedule)
    if completed.status:
        raise InvalidRequest(
            "schedule: %s is not a calendar event for systemd" % schedule,
            cure="Write it as in systemd.time(7), and test it with: systemd-analyze calendar",
        )
