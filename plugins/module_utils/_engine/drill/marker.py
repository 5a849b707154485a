# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Marker: the file in the scratch directory of a drill under way. Pure.

It is there from before the first contact until after the record is written. So a drill that was killed shows by its
marker, and the next drill writes the missing record. Its random value is also next to the records (`scratch`): the
marker of another directory, or of another host, does not count. It has no other secret and no names of files.
"""

from __future__ import annotations

import json
from typing import Any, Dict, NamedTuple, Optional

FORMAT = 2
LARGEST = 1 << 20
"""Bytes of a marker."""


class Waiting(NamedTuple):
    """A restored tree that waits for the checks of the operator.

    host: boot of a machine
    at: seconds on its monotonic clock
    since: seconds since 1970
    """

    host: str
    at: float
    since: int


class Marker(NamedTuple):
    """A drill under way.

    fields: the values of its record so far
    phase: the last phase that began
    made: whether the drill made the scratch directory
    """

    fields: Dict[str, Any]
    phase: str
    made: bool
    waiting: Optional[Waiting] = None


def format_marker(marker: Marker, secret: str) -> bytes:
    """Return the content of the file. secret: the random value"""
    waiting = None if marker.waiting is None else marker.waiting._asdict()
    return json.dumps({"format": FORMAT, "secret": secret, **marker._asdict(), "waiting": waiting}).encode("ascii")


def parse_marker(content: bytes, secret: str) -> Optional[Marker]:
    """Return a marker; None if the content is none, or has another random value."""
    try:
        found = json.loads(content)
        if (found.pop("format"), found.pop("secret")) != (FORMAT, secret):
            return None
        if not isinstance(found["fields"]["job"], str):
            return None
        waiting = found.pop("waiting")
        return Marker(**found, waiting=None if waiting is None else Waiting(**waiting))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
