# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program `trees`: a manifest of each tree, and the changes that no event explains.

    remove the manifests of trees that are no longer watched
    make the manifest                                   (scanning.py)
    wait for a pass of the collector that began later   (the state of the collector has its time)
    read the events since the last manifest             (../event_log.py)
    judge, and replace manifest and report              (judging.py, kept_tree.py)

The collector makes alerts of the report. Exit status: 0 if all trees were judged, 1 after an error; each error is a
line of standard error, and the other trees are judged nevertheless.

"""

from __future__ import annotations

import contextlib
import glob
import json
import os
import sys
import time
from typing import Any, Callable, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Set, Tuple

from ...errors import InvalidRequest, SyncError
from ...model.display import display_text
from ...model.relpath import RelPath
from ..event import DELETE, LINK, RENAME, SETSTAT, UPLOAD, Event
from ..event_log import EventLog, Period
from ..state import load_state
from .judging import judge
from .kept_tree import KeptTree, Moment, now, read_kept_tree, was_set_back, write_kept_tree
from .report import SUFFIX, Report, report_path
from .scanning import scan_files
from .unexplained import paths_below

_LATE = 10.0
"""Seconds after which the events of a moment are known: sshd logs the failure of a request within some seconds."""
_EARLY = 86400.0
_ROUNDED = 2.0
"""Seconds by which times of logs are rounded."""
_CHANGES = frozenset((UPLOAD, DELETE, RENAME, SETSTAT, LINK))
_TURN = 2.0
_TURNS = 450
_NAMES = {"events": str, "collector": str, "state": str, "trees": list}


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
        return _refuse(f"{tree.path}: {_words(error)}")
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
        _refuse(f"{tree.path}/{display_text(os.fsdecode(path))}: {error.message}")
    if kept is None:
        write_kept_tree(settings.state, Report(tree.path, scan.ended, 0, (), is_first=True), moment, scan, [])
        return
    state = wait_for_pass(settings.collector, scan.ended + _LATE, pause)
    views = {account: view.encode() for account, view in tree.views.items()}
    read = now()
    events = _events(settings.events, kept, read, views)
    is_set_back = was_set_back(kept.moment, read)
    if is_set_back:
        _refuse(f"{tree.path}: the clock was set back: files that transfers have changed are not judged")
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
        return f"{error.message}. {error.cure}" if error.cure else error.message
    if isinstance(error, OSError):
        return f"{error.filename or 'trees'}: {error.strerror or error}"
    return str(error)


def _refuse(words: str) -> int:
    sys.stderr.write(display_text(words) + "\n")
    return 1


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


class WatchedTree(NamedTuple):
    """path: absolute
    views: account -> the path under which it sees the tree, as /in
    """

    path: str
    views: Mapping[str, str]


class TreeSettings(NamedTuple):
    """events: path of events.jsonl
    collector: directory of the state of the collector
    state: directory of the manifests
    """

    events: str
    collector: str
    state: str
    trees: Tuple[WatchedTree, ...]


def parse_tree_settings(text: bytes) -> TreeSettings:
    """Return the settings of a file. Raises InvalidRequest."""
    try:
        values = json.loads(text)
    except ValueError as error:
        raise InvalidRequest(f"settings: not valid JSON: {error}") from None
    if not isinstance(values, dict) or set(values) != set(_NAMES):
        raise InvalidRequest(f"settings: not an object with {', '.join(sorted(_NAMES))}")
    for name, kind in _NAMES.items():
        if not isinstance(values[name], kind):
            raise InvalidRequest(f"settings: {name}: not of the type {kind.__name__}")
    return TreeSettings(**{**values, "trees": _trees(values["trees"])})


def _trees(values: List[Any]) -> Tuple[WatchedTree, ...]:
    trees = tuple(_tree(value) for value in values)
    paths = [tree.path for tree in trees]
    for path in paths:
        if paths.count(path) > 1:
            raise InvalidRequest(f"trees: {path} is there twice", cure="List each tree once.")
    return trees


def _tree(value: Any) -> WatchedTree:
    if not isinstance(value, dict) or set(value) - {"path", "views"} or not isinstance(value.get("path"), str):
        raise InvalidRequest(f"trees: {value!r} is not an object with path and views")
    path, views = value["path"], value.get("views")
    if not path.startswith("/") or os.path.normpath(path) != path:
        raise InvalidRequest(f"trees: path {path} is not a plain absolute path", cure="Set an absolute path.")
    return WatchedTree(path, _views(path, {} if views is None else views))


def _views(tree: str, views: Any) -> Dict[str, str]:
    if not isinstance(views, dict) or not all(isinstance(each, str) and each[:1] == "/" for each in views.values()):
        raise InvalidRequest(f"trees: views of {tree}: not a path for each account", cure="Map accounts to paths.")
    return views
