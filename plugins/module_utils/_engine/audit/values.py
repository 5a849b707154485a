# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts of observations as values: a text that has none decides nothing."""

from __future__ import annotations

from ..model.utc import parse_utc
from .control import NotMeasured, Subject

CLOCKS_APART = 300
"""Seconds."""


def moment(text: str) -> int:
    """Return a time in seconds since 1970. Raises NotMeasured."""
    try:
        return parse_utc(text)
    except ValueError:
        raise NotMeasured("the time %s cannot be read" % text[:40]) from None


def is_within(subject: Subject, text: str, most: float) -> bool:
    """Return whether a time is at most so many seconds ago, and not in the future. Raises NotMeasured."""
    return -CLOCKS_APART <= subject.now - moment(text) <= most


def octal(text: str) -> int:
    """Return the number of a mode. Raises NotMeasured."""
    try:
        return int(text, 8)
    except ValueError:
        raise NotMeasured("the mode %s cannot be read" % text[:40]) from None
