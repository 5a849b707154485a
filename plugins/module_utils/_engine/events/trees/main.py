# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program `trees`: a manifest of each tree, and the changes that no event explains.

    remove the manifests of trees that are no longer watched
    make the manifest                                   (scanning.py)
    wait for a pass of the collector that began later   (collector_pass.py)
    read the events since the last manifest             (../event_log.py)
    judge, and replace manifest and report              (judging.py, kept_tree.py)

The collector makes alerts of the report. Exit status: 0 if all trees were judged, 1 after an error; each error is a
line of standard error, and the other trees are judged nevertheless.
"""

from __future__ import annotations

import glob
import os
import sys
import time
from typing import Callable, Dict, List, Optional, Sequence

from ...errors import SyncError
from ...model.display import display_text
from ..event import DELETE, LINK, RENAME, SETSTAT, UPLOAD, Event
from ..event_log import EventLog, Period
from .clock import Moment, now, was_set_back
from .collector_pass import unfinished, wait_for_pass
from .judging import judge
from .kept_tree import KeptTree, read_kept_tree, write_kept_tree
from .report import SUFFIX, Report, report_path
from .scanning import scan_files
from .tree_settings import TreeSettings, WatchedTree, parse_tree_settings

_LATE = 10.0
"""Seconds after which the events of a moment are known: sshd logs the failure of a request within some seconds."""
_EARLY = 86400.0
_ROUNDED = 2.0
"""Seconds by which times of logs are rounded."""
_CHANGES = frozenset((UPLOAD, DELETE, RENAME, SETSTAT, LINK))


def main(arguments: Optional[Sequence[str]] = None, *, pause: Callable[[float], None] = time.sleep) -> int:
    """Judge all trees. arguments: the path of the settings."""
    given = sys.argv[1:] if arguments is None else arguments
    if len(given) != 1:
        return _refuse("usage: trees SETTINGS")
    try:
        with open(given[0], "rb") as file:
            settings = parse_tree_settings(file.read())
        os.makedirs(settings.state, mode=0o700, exist_ok=True)
        _remove_others(settings)
    except (SyncError, OSError) as error:
        return _refuse(_words(error))
    return max([0, *(_attempt(settings, tree, pause) for tree in settings.trees)])


def _attempt(settings: TreeSettings, tree: WatchedTree, pause: Callable[[float], None]) -> int:
    try:
        _judge(settings, tree, pause)
    except (SyncError, OSError) as error:
        return _refuse("%s: %s" % (tree.path, _words(error)))
    return 0


def _remove_others(settings: TreeSettings) -> None:
    ours = {report_path(settings.state, tree.path) for tree in settings.trees}
    for path in glob.glob(os.path.join(glob.escape(settings.state), "*" + SUFFIX)):
        if path not in ours:
            os.unlink(path)


def _judge(settings: TreeSettings, tree: WatchedTree, pause: Callable[[float], None]) -> None:
    kept = read_kept_tree(settings.state, tree.path)
    moment = now()
    scan = scan_files(tree.path, kept.files if kept else {}, time.time)
    for path, error in scan.unread.items():
        _refuse("%s/%s: %s" % (tree.path, display_text(os.fsdecode(path)), error.message))
    if kept is None:
        write_kept_tree(settings.state, Report(tree.path, scan.ended, 0, (), is_first=True), moment, scan, [])
        return
    state = wait_for_pass(settings.collector, scan.ended + _LATE, pause)
    views = {account: view.encode() for account, view in tree.views.items()}
    read = now()
    events = _events(settings.events, kept, read, views)
    is_set_back = was_set_back(kept.moment, read)
    if is_set_back:
        _refuse("%s: the clock was set back: files that transfers have changed are not judged" % tree.path)
    judged = judge(kept, scan, events, unfinished(state, views), views, is_set_back=is_set_back)
    report = Report(tree.path, scan.ended, len(judged.changes), tuple(judged.changes))
    write_kept_tree(settings.state, report, moment, scan, judged.suspects)


def _events(log: str, kept: KeptTree, read: Moment, views: Dict[str, bytes]) -> List[Event]:
    """Return the changes by these accounts in the order of their time, from the last manifest on.

    A day more is read if the clock was set back, and for uploads that keep their temporary names: the event of such an
    upload comes at the end of its session, with the time of the upload."""
    is_set_back = was_set_back(kept.moment, read)
    since = min([kept.began - _ROUNDED, *(each.since for each in kept.suspects)])
    found = EventLog(log.encode()).events(Period(min(since, read.wall) - _EARLY, float("inf")))
    wanted = (each for each in found if each.moment >= since or each.temporary or is_set_back)
    return sorted((each for each in wanted if each.action in _CHANGES and each.account in views), key=_moment)


def _moment(event: Event) -> float:
    return event.moment


def _words(error: Exception) -> str:
    if isinstance(error, SyncError):
        return "%s. %s" % (error.message, error.cure) if error.cure else error.message
    if isinstance(error, OSError):
        return "%s: %s" % (error.filename or "trees", error.strerror or error)
    return str(error)


def _refuse(words: str) -> int:
    sys.stderr.write(display_text(words) + "\n")
    return 1
