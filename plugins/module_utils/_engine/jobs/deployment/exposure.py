# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The exposure of a unit, as systemd-analyze measures it: 0 is closed, 10 is open."""

from __future__ import annotations

import re

from ...errors import ExposureTooHigh, OperationFailed
from ...system.program import ask_program

_LEVEL = re.compile(r"exposure level for \S+: ([0-9]+\.[0-9])")


def require_exposure(file: str, most: float) -> float:
    """Return the exposure of a unit's file. Raises ExposureTooHigh, OperationFailed."""
    level = exposure("--offline=true", file)
    if level > most:
        raise ExposureTooHigh(
            f"the exposure of the unit is {level}, more than {most}",
            cure="Raise sync_job_exposure_max, or remove from the job the options that open the unit.",
        )
    return level


def exposure(*words: str) -> float:
    """Return the exposure of a unit. Raises OperationFailed. words: its name, or an option and its file."""
    completed = ask_program("systemd-analyze", "security", "--no-pager", *words)
    found = _LEVEL.search(completed.out)
    if found is None:
        raise OperationFailed(
            f"systemd-analyze did not measure the unit: {' '.join(completed.err.split()) or 'no reason given'}",
            cure="Use a host with systemd 250 or newer.",
        )
    return float(found.group(1))
