# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collector of the role transfer_monitoring: its sources, its timer, and its last run."""

from __future__ import annotations

import os
from typing import Any, Dict

from ...events.settings import parse_settings
from ...model.utc import utc
from ...system.program import ask_program
from .observed import Unobservable

SETTINGS = "/etc/secure_ftp_synchronize/events.json"
_TIMER = "secure-ftp-events.timer"
_STATE = "state"
"""File that the collector replaces at the end of each run."""


def monitoring(path: str = SETTINGS) -> Dict[str, Any]:
    """Return the state of the collector. Raises InvalidRequest and Unobservable."""
    try:
        with open(path, "rb") as file:
            settings = parse_settings(file.read())
    except FileNotFoundError:
        return {"installed": False, "timer": False, "last_run": "", "sshd": False, "ftp_logs": [], "files": ""}
    return {
        "installed": True,
        "timer": ask_program("systemctl", "is-active", "--quiet", _TIMER).status == 0,
        "last_run": _changed("%s/%s" % (settings.state, _STATE)),
        "sshd": settings.journal,
        "ftp_logs": [*settings.vsftpd, *settings.xferlog],
        "files": settings.files,
    }


def _changed(path: str) -> str:
    try:
        return utc(os.stat(path).st_mtime)
    except FileNotFoundError:
        raise Unobservable("the collector has not run yet: %s is missing" % path) from None
