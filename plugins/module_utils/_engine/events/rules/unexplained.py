# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes of a tree that no event explains.

    files of the first manifest -> apply the events in their order -> compare with the second manifest

The events are applied to names and sizes: an upload makes a file, a rename moves a file or a directory with its known
content, a deletion removes. A file that then differs was changed by something else than a transfer. A file that was
uploaded and is gone without a deletion is `vanished`: the program that takes uploads away removes files too.

Manifests are files of mtree(5) with sizes, times and SHA-256, from this collection, bsdtar or mtree.
"""

from __future__ import annotations

import posixpath
from typing import Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ...integrity.manifest import Recorded
from ...model.relpath import RelPath, display
from ..event import DELETE, FAILURE, RENAME, SETSTAT, UNKNOWN, UPLOAD, Alert, Event
from .limits import UNEXPLAINED_CHANGE
from .peaks import Peaks

__all__ = ["CHANGED", "CREATED", "REMOVED", "TOUCHED", "VANISHED", "Unexplained", "unexplained", "unexplained_alert"]

CREATED, CHANGED, TOUCHED, REMOVED, VANISHED = "created", "changed", "touched", "removed", "vanished"
"""TOUCHED: only the time of the file differs."""
_NAMED = 3

Files = Mapping[RelPath, Recorded]


class Unexplained(NamedTuple):
    """One change. path: below the tree."""

    kind: str
    path: RelPath


class _Held(NamedTuple):
    """The expected content of one path.

    known: the file of the first manifest whose content it is; None after an upload
    least, most: its size
    is_touched: its time may differ
    """

    known: Optional[Recorded]
    least: int
    most: int
    is_touched: bool = False


def unexplained(before: Files, after: Files, events: Iterable[Event], views: Mapping[str, bytes]) -> List[Unexplained]:
    """Return the changes between two manifests that the events between them do not explain, by path.

    events: in the order of their time
    views: account -> the path under which it sees the root of the tree, as b"/in"
    """
    held = {path: _Held(known, known.size, known.size) for path, known in before.items()}
    for event in events:
        if event.alert is None and event.outcome != FAILURE and event.account in views:
            _apply(held, event, views[event.account])
    return sorted(_differences(held, after), key=lambda change: change.path)


def _differences(held: Mapping[RelPath, _Held], after: Files) -> Iterator[Unexplained]:
    for path, found in after.items():
        expected = held.get(path)
        kind = CREATED if expected is None else _judge(expected, found)
        if kind:
            yield Unexplained(kind, path)
    for path, expected in held.items():
        if path not in after:
            yield Unexplained(VANISHED if expected.known is None else REMOVED, path)


def _judge(expected: _Held, found: Recorded) -> str:
    """Return the kind of the difference, or "" for none."""
    known = expected.known
    if known is None:
        return "" if expected.least <= found.size <= expected.most else CHANGED
    if known.digest != found.digest:
        return CHANGED
    return TOUCHED if known.mtime != found.mtime and not expected.is_touched else ""


def _apply(held: Dict[RelPath, _Held], event: Event, view: bytes) -> None:
    path, old = _below(event.path, view), _below(event.old_path, view)
    if event.action == UPLOAD:
        _upload(held, path, event.received)
    elif event.action == DELETE and path is not None:
        held.pop(path, None)
    elif event.action == SETSTAT and path in held:
        held[path] = held[path]._replace(is_touched=True)
    elif event.action == RENAME:
        for source, target in _meanings(event, view) if event.ambiguous else ((old, path),):
            if _rename(held, source, target):
                return


def _upload(held: Dict[RelPath, _Held], path: Optional[RelPath], size: int) -> None:
    """Let a file have its new content. It may have been continued, so that its old bytes are still there."""
    if path is not None:
        earlier = held.get(path)
        held[path] = _Held(None, size, size + (earlier.most if earlier else 0))


def _rename(held: Dict[RelPath, _Held], source: Optional[RelPath], target: Optional[RelPath]) -> bool:
    """Move a file or a directory; return False if it is not there. A move out of the tree removes."""
    if source is None:
        return False
    # A file is found at once; only the rename of a directory walks over all paths.
    moved = [source] if source in held else [path for path in held if path.startswith(source + b"/")]
    contents = {path: held.pop(path) for path in moved}
    if target is not None:
        held.update((RelPath(target + path[len(source) :]), content) for path, content in contents.items())
    return bool(moved)


def _meanings(event: Event, view: bytes) -> Iterator[Tuple[Optional[RelPath], Optional[RelPath]]]:
    """Yield the two names of a line "OLD NEW" for each blank that may be between them."""
    line = event.old_path + b" " + event.path
    for place, letter in enumerate(line):
        if letter == 0x20:
            yield _below(line[:place], view), _below(line[place + 1 :], view)


def _below(path: bytes, view: bytes) -> Optional[RelPath]:
    """Return the path in the tree that a client's path names; None for another place, and for the root itself."""
    if not path:
        return None
    plain, root = posixpath.normpath(b"/" + path), posixpath.normpath(b"/" + view).rstrip(b"/")
    plain = plain.replace(b"//", b"/") if plain.startswith(b"//") else plain
    root = root[1:] if root.startswith(b"//") else root
    return RelPath(plain[len(root) + 1 :]) if plain.startswith(root + b"/") and len(plain) > len(root) + 1 else None


def unexplained_alert(tree: str, changes: Sequence[Unexplained], now: float, peaks: Peaks) -> Optional[Event]:
    """Return the alert about a tree, and record the comparison; None without a change. Vanished files are no alert."""
    severe = [change for change in changes if change.kind != VANISHED]
    peaks.start(now)
    if not severe:
        return None
    fired, days = peaks.at_least(1, now), peaks.history_days(now)
    peaks.add(now, len(severe))
    words = ", ".join("%s %s" % (display(change.path), change.kind) for change in severe[:_NAMED])
    more = " and %d more" % (len(severe) - _NAMED) if len(severe) > _NAMED else ""
    observed = "%s: %s%s" % (tree, words, more)
    alert = Alert(UNEXPLAINED_CHANGE, observed, "only changes by transfers", days, fired)
    return Event(now, UNEXPLAINED_CHANGE, UNKNOWN, alert=alert)
