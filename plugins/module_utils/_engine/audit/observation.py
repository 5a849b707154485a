# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Observation: one measured value of one host, as data. A host reports observations; it never reports verdicts."""

from __future__ import annotations

import hashlib
import json
from typing import Any, NamedTuple


class Observation(NamedTuple):
    """One value.

    host: by the name of the inventory; `what`: name of the observation, such as sshd_settings
    value: plain data; None if it was not measured
    source: files or programs that it comes from
    method: command that repeats the measurement
    time: in UTC, by the clock of the measuring machine
    sha256: of the value
    reason: why there is no value
    """

    host: str
    what: str
    value: Any
    source: str
    method: str
    time: str
    sha256: str
    reason: str = ""


def digest(value: Any) -> str:
    """Return the SHA-256 of a value, written as JSON with sorted keys."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()
