# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The paths that events name. vsftpd writes `?` for each byte beyond ASCII: such a name stands for several paths.

A rename may be of a directory, so it names all below it too.
"""

from __future__ import annotations

import re
from typing import Dict, Iterable, Mapping, Set, Tuple

from ...model.relpath import RelPath
from ..event import FTP, RENAME, Event
from .event_paths import is_covered, paths_below

_LOST = re.compile(rb"[^ -~]")


class Touched:
    """The paths that some events name. views: account -> the path under which it sees the root of the tree."""

    def __init__(self, events: Iterable[Event], views: Mapping[str, bytes]) -> None:
        self._views = views
        self._paths: Dict[Tuple[bool, bool], Set[bytes]] = {
            (is_vague, is_rename): set() for is_vague in (False, True) for is_rename in (False, True)
        }
        for event in events:
            self.add(event)

    def add(self, event: Event) -> None:
        """Add the paths of an event."""
        for path in paths_below(event, self._views[event.account]):
            is_vague = event.protocol == FTP and path.count(b"?") > 0
            self._paths[is_vague, event.action == RENAME].add(path)

    def has(self, path: RelPath) -> bool:
        """Return whether the events name a path."""
        forms = ((False, path), (True, _LOST.sub(b"?", path)))
        return any(
            form in self._paths[is_vague, False] or is_covered(form, self._paths[is_vague, True])
            for is_vague, form in forms
        )

    def has_any(self, event: Event) -> bool:
        """Return whether the events name a path of this event."""
        return any(self.has(path) for path in paths_below(event, self._views[event.account]))
