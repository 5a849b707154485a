# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A log without the line of a probe: its level is too low, or the journal loses lines."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional

from ...model.utc import utc
from ..event import UNKNOWN, Alert, Event
from ..probe.answer import Answer
from .limits import LOG_SILENT
from .peaks import Peaks


class LogSilence:
    """Add the last answer of the probe at each pass. A silence is reported once, until a probe is logged again."""

    def __init__(self) -> None:
        self._is_silent = False
        self._silences = Peaks()

    def add(self, answer: Optional[Answer], now: float) -> List[Event]:
        """Return the alert that an answer causes."""
        if answer is None:
            return []
        self._silences.start(now)
        was_silent, self._is_silent = self._is_silent, not answer.is_logged
        if answer.is_logged or was_silent:
            return []
        fired, days = self._silences.at_least(1, now), self._silences.history_days(now)
        self._silences.add(now, 1)
        observed = "sshd has logged no line about the connection of %s" % utc(answer.moment)
        return [
            Event(now, LOG_SILENT, UNKNOWN, alert=Alert(LOG_SILENT, observed, "a line within a minute", days, fired))
        ]

    def written(self, now: float) -> Dict[str, Any]:
        """Return the state as plain data for JSON."""
        return {"is_silent": self._is_silent, "silences": self._silences.written(now)}

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> LogSilence:
        """Return the state of `written`. Raises ValueError."""
        silence = cls()
        silence._is_silent, silence._silences = data["is_silent"], Peaks.read(data["silences"])
        return silence
