# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calendar events, read by the real systemd-analyze."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.deployment.deploy import (
    require_schedule,
)


@pytest.mark.parametrize("schedule", ["daily", "Mon..Fri *-*-* 02:00:00 Europe/Berlin"])
def test_a_calendar_event(schedule: str) -> None:
    require_schedule(schedule)


@pytest.mark.parametrize("schedule", ["", "often", "--version", "2 o'clock"])
def test_other_words(schedule: str) -> None:
    with pytest.raises(InvalidRequest, match=r"schedule: .* is not a calendar event for systemd"):
        require_schedule(schedule)
