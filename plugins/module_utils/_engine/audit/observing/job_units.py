# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The exposure of the units of jobs, as systemd-analyze security computes it."""

from __future__ import annotations

import re
from typing import Any, Dict, List

from ...jobs.deployment.exposure import exposure
from ...jobs.names import UNIT
from ...system.program import ask_program

_UNIT = re.compile(r"(%s\.service)\s" % (UNIT % r"[A-Za-z0-9_-]{1,64}"), re.M)


def job_units() -> List[Dict[str, Any]]:
    """Return each unit with its exposure, 0 (sandboxed) to 10. Drop-ins of systemd count."""
    completed = ask_program("systemctl", "list-unit-files", "--no-legend", "--no-pager", "--type=service", UNIT % "*")
    return [{"unit": name, "exposure": exposure(name)} for name in _UNIT.findall(completed.out)]
