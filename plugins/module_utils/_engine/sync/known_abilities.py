# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""KnownAbilities: capabilities of a peer that show only once something was written there, recorded between runs.

Check mode writes nothing. It takes them from the last run that did, so that it predicts the next run.
"""

from __future__ import annotations

from typing import Any, Dict, Optional

from ..transport.base import Capabilities
from .record import PEER, Record

UNKNOWN_DIRECTORY_TIMES = (
    "whether the server keeps the mtimes of directories shows once a run writes there: this check does not compare them"
)
_SIDE = PEER + "-abilities"
_NAMES = ("stores_mtime", "stores_mode", "directory_mtime")
_FILES = {
    b"%s.%s" % (name.encode(), words): (name, able)
    for name in _NAMES
    for words, able in ((b"yes", True), (b"no", False))
}
"""How each is recorded."""


class KnownAbilities:
    """Those that were found out by earlier runs on one pair of trees."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._known = dict(_FILES[path] for path in record.load(_SIDE) if path in _FILES)

    def foreseen(self, announced: Capabilities) -> Capabilities:
        """Return the capabilities that a run would find; `announced`: as they are before anything is written."""
        known: Dict[str, Any] = {
            name: able for name, able in self._known.items() if getattr(announced, name) is not False
        }
        return announced._replace(**known)

    def learn(self, announced: Capabilities, found: Capabilities) -> Capabilities:
        """Record the differences between the two, and return `found`."""
        values: Dict[str, Optional[bool]] = {name: getattr(found, name) for name in _NAMES}
        learned = {name: able for name, able in values.items() if able is not None and able != getattr(announced, name)}
        if learned != self._known:
            self._record.save(_SIDE, [path for path, (name, able) in _FILES.items() if learned.get(name) is able])
        return found
