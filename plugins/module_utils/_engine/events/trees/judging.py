# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge a manifest against the last manifest and the events.

- Events of the time in which a manifest was made may be in it or not: their paths are left out of the comparison.
- If the clock was set back, no event has a certain place in time: the paths of all are left out.
- A file that was changed a moment ago, or that an open session has not finished, is under suspicion until the next
  manifest: the event of its upload comes at its end.
- A refused or broken transfer may leave a part of a file: its path is left out too. So is a name that vsftpd writes
  with `?`, a name that a path left out is renamed to, and a file that could not be read.

- vsftpd writes `?` for each byte beyond ASCII: such a name stands for several paths. A rename may be of a directory,
  so it names all below it too.
"""

from __future__ import annotations

import re
from typing import Dict, Iterable, Iterator, List, Mapping, NamedTuple, Sequence, Set, Tuple

from ...model.relpath import RelPath
from ..event import FTP, RENAME, SUCCESS, UPLOAD, Event
from .kept_tree import KeptTree, Suspect
from .scanning import Scan
from .unexplained import VANISHED, Unexplained, is_covered, paths_below, unexplained

_SLACK = 2.0
"""Seconds by which times of logs are rounded."""

Views = Mapping[str, bytes]
_LOST = re.compile(rb"[^ -~]")


class Judged(NamedTuple):
    """changes: no event explains them
    suspects: to be judged after the next manifest
    """

    changes: List[Unexplained]
    suspects: List[Suspect]


def judge(
    kept: KeptTree, scan: Scan, events: Sequence[Event], working: Set[RelPath], views: Views, *, is_set_back: bool
) -> Judged:
    """Return the changes between two manifests that no event explains.

    events: since the last manifest and up to now, in the order of their time
    working: paths that open sessions have not finished
    is_set_back: the clock was set back since the last manifest
    """
    ours = [event for event in events if event.alert is None and event.account in views]
    before = [event for event in ours if kept.began < event.moment <= scan.began]
    doubtful = Touched(ours, views) if is_set_back else _doubtful(ours, kept, scan, views)
    changes: List[Unexplained] = []
    suspects: List[Suspect] = []
    for each in unexplained(kept.files, scan.files, before, views):
        if each.kind == VANISHED or each.path in scan.unread or each.path in kept.unread or doubtful.has(each.path):
            continue
        if each.path in working or each.path in scan.recent:
            suspects.append(Suspect(scan.began - _SLACK, each))
        else:
            changes.append(each)
    guilty, waiting = _old_suspects(kept.suspects, ours, working, views, is_set_back=is_set_back)
    return Judged(sorted(changes + guilty, key=lambda change: change.path), suspects + waiting)


def _old_suspects(
    suspects: Iterable[Suspect], events: Sequence[Event], working: Set[RelPath], views: Views, *, is_set_back: bool
) -> Tuple[List[Unexplained], List[Suspect]]:
    """Return the suspects that no event explains, and those that are judged later."""
    guilty: List[Unexplained] = []
    waiting: List[Suspect] = []
    later: Dict[float, Touched] = {}
    for suspect in suspects:
        since = suspect.since
        if since not in later:
            later[since] = Touched(events if is_set_back else _later(events, since), views)
        if suspect.change.path in working:
            waiting.append(suspect)
        elif not later[since].has(suspect.change.path):
            guilty.append(suspect.change)
    return guilty, waiting


def _doubtful(events: Iterable[Event], kept: KeptTree, scan: Scan, views: Views) -> Touched:
    touched = Touched((), views)
    for event in events:
        if _is_doubtful(event, kept, scan) or (event.action == RENAME and touched.has_any(event)):
            touched.add(event)
    return touched


def _is_doubtful(event: Event, kept: KeptTree, scan: Scan) -> bool:
    if event.moment < kept.began - _SLACK:
        return False
    is_vague = event.protocol == FTP and b"?" in event.path + event.old_path
    is_broken = event.action == UPLOAD and event.outcome != SUCCESS
    is_during = event.moment <= kept.ended + _SLACK or event.moment >= scan.began - _SLACK
    return is_vague or is_broken or is_during


def _later(events: Iterable[Event], since: float) -> Iterator[Event]:
    """Yield the events that were not known at a time. An upload that keeps its temporary name is known at the end of
    its session only."""
    return (event for event in events if event.moment > since or event.temporary)


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
        for path in paths_below(event, self._views[event.account]):
            is_vague = event.protocol == FTP and path.count(b"?") > 0
            self._paths[is_vague, event.action == RENAME].add(path)

    def has(self, path: RelPath) -> bool:
        forms = ((False, path), (True, _LOST.sub(b"?", path)))
        return any(
            form in self._paths[is_vague, False] or is_covered(form, self._paths[is_vague, True])
            for is_vague, form in forms
        )

    def has_any(self, event: Event) -> bool:
        return any(self.has(path) for path in paths_below(event, self._views[event.account]))
