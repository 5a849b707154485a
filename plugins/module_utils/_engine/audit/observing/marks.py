# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The events of marked logins of ssh_probe and tls_policy, and of marked files of jail_probe. Their names imitate a
login from a forged address."""

from __future__ import annotations

import os
import time
from typing import Any, Dict, List, Sequence, Tuple

from ...events.event import Event
from ...events.event_log import EventLog, Period
from ...events.settings import parse_settings
from ...model.marked_login import FORGED_ADDRESS
from .monitoring import SETTINGS
from .observed import Unobservable

_PERIOD = 86400.0
_PATIENCE, _PAUSE = 150.0, 3.0
"""Seconds. The collector runs each minute."""
_MOST = 20


def marks(names: Sequence[str], path: str = SETTINGS, patience: float = _PATIENCE) -> List[Dict[str, Any]]:
    """Return the events of each mark; wait for them. Raises InvalidRequest and Unobservable."""
    if not names:
        return []
    try:
        with open(path, "rb") as file:
            output = parse_settings(file.read()).output
    except FileNotFoundError:
        raise Unobservable("events are not collected: %s is missing" % path) from None
    deadline = time.monotonic() + patience
    while True:
        found = [_events(output, name) for name in names]
        if all(each["events"] for each in found) or time.monotonic() > deadline:
            return found
        time.sleep(_PAUSE)


def _events(path: str, mark: str) -> Dict[str, Any]:
    seen, forged = _read(path, mark)
    return {"mark": mark, "events": seen[:_MOST], "forged": forged[:_MOST]}


def _read(path: str, mark: str) -> Tuple[List[Dict[str, str]], List[Dict[str, str]]]:
    """Return the events whose account or file has the mark, and those that seem to come from the forged address."""
    seen, forged = [], []
    now = time.time()
    for event in EventLog(os.fsencode(path)).events(Period(now - _PERIOD, now + _PERIOD)):
        if event.address == FORGED_ADDRESS:
            forged.append(_shown(event))
        elif mark in event.account or mark in event.reason or mark.encode("ascii") in event.path:
            seen.append(_shown(event))
    return seen, forged


def _shown(event: Event) -> Dict[str, str]:
    return {"action": event.action, "account": event.account, "address": event.address}
