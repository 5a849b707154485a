# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of the collector, as the program `trees` reads it: when its last pass began, and the work of sessions."""

from __future__ import annotations

import contextlib
import os
from typing import Any, Callable, Dict, Iterator, Mapping, Set, Tuple

from ...errors import SyncError
from ...model.relpath import RelPath
from ..event import UPLOAD, Event
from ..state import load_state
from .event_paths import paths_below

_TURN = 2.0
_TURNS = 450


class CollectorLate(SyncError):
    """The collector has not run."""

    code = "collector_late"


def wait_for_pass(directory: str, since: float, pause: Callable[[float], None]) -> Dict[str, Any]:
    """Return the state that a pass has saved which began at a time or later. Raises CollectorLate."""
    for _turn in range(_TURNS):
        values = _values(directory)
        if values.get("began", 0.0) >= since:
            return values
        pause(_TURN)
    raise CollectorLate("the collector has not run for 15 minutes", cure="Look at secure-ftp-events.service.")


def _values(directory: str) -> Dict[str, Any]:
    with contextlib.suppress(FileNotFoundError):
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            state = load_state(descriptor)
        finally:
            os.close(descriptor)
        return state.values if state and not state.pending else {}
    return {}


def unfinished(values: Mapping[str, Any], views: Mapping[str, bytes]) -> Set[RelPath]:
    """Return the paths that open sessions of these accounts have written and not named yet."""
    found: Set[RelPath] = set()
    for account, work in _works(values):
        for name in work.get("waiting", ()) if account in views else ():
            found.update(paths_below(Event(0.0, UPLOAD, path=name.encode("latin-1")), views[account]))
    return found


def _works(values: Mapping[str, Any]) -> Iterator[Tuple[str, Mapping[str, Any]]]:
    for session in values.get("ssh", {}).get("sessions", ()):
        yield session["who"][0], session["work"]
    for who, _process, _seen, _cursor, work in values.get("ftp", {}).get("sessions", ()):
        yield who[0], work
