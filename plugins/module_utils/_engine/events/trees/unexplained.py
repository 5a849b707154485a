# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes of a tree that no event explains.

    files of the first manifest -> apply the events in their order -> compare with the second manifest

The events are applied to names and sizes: an upload makes a file, a rename moves a file or a directory with its known
content, a deletion removes. A file that then differs was changed by something else than a transfer. A file that was
uploaded and is gone without a deletion is `vanished`: the program that takes uploads away removes files too.

An account sees the tree under a path of its own, its view. Directories are dictionaries, so that the rename of a
directory does not depend on the number of files below it: a client can rename faster than a walk over all files.
"""

from __future__ import annotations

import posixpath
import sys
from typing import AbstractSet, Any, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Set, Tuple

from ...integrity.manifest import Recorded
from ...model.relpath import RelPath
from ..event import DELETE, FAILURE, LINK, RENAME, SETSTAT, UPLOAD, Event

CREATED, CHANGED, TOUCHED, REMOVED, VANISHED = "created", "changed", "touched", "removed", "vanished"
"""TOUCHED: only the time of the file differs."""

Files = Mapping[RelPath, Recorded]
_MOST_BLANKS = 64
"""Blanks of an ambiguous line. A line with more names no path, so that a change by it is an alert."""
_Pair = Tuple[Optional[RelPath], Optional[RelPath]]


class Unexplained(NamedTuple):
    """One change.

    path: below the tree
    before, after: the file in the manifests; None if it was not there
    """

    kind: str
    path: RelPath
    before: Optional[Recorded] = None
    after: Optional[Recorded] = None


def unexplained(before: Files, after: Files, events: Iterable[Event], views: Mapping[str, bytes]) -> List[Unexplained]:
    """Return the changes between two manifests that the events between them do not explain, by path.

    events: in the order of their time
    views: account -> the path under which it sees the root of the tree, as b"/in"
    """
    held, unclear = Expected(), set()
    for path, known in before.items():
        held.put(path, Held(known, known.size, known.size))
    for event in events:
        if event.alert is None and event.outcome != FAILURE and event.account in views:
            unclear.update(_apply(held, event, views[event.account]))
    found = sorted(each for each in _differences(held, after) if not is_covered(each[0], unclear))
    return [Unexplained(kind, path, before.get(path), after.get(path)) for path, kind in found]


def _differences(held: Expected, after: Files) -> Iterator[Tuple[RelPath, str]]:
    for path, found in after.items():
        expected = held.find(path)
        kind = _judge(expected, found) if isinstance(expected, Held) else CREATED
        if kind:
            yield path, kind
    for path, expected in held.files():
        if path not in after and expected is not ANYTHING:
            yield path, VANISHED if expected.known is None else REMOVED


def _judge(expected: Held, found: Recorded) -> str:
    """Return the kind of the difference, or "" for none."""
    known = expected.known
    if known is None:
        return "" if expected.least <= found.size <= expected.most else CHANGED
    if expected.is_touched and known.size != found.size:
        return ""  # SETSTAT can set the size
    if known.digest != found.digest:
        return CHANGED
    return TOUCHED if known.mtime != found.mtime and not expected.is_touched else ""


def _apply(held: Expected, event: Event, view: bytes) -> Set[RelPath]:
    """Apply an event; return the paths of which it leaves the content open."""
    if event.action == RENAME:
        return _rename(held, event, view)
    path, old = path_below(event.path, view), path_below(event.old_path, view)
    if event.action == UPLOAD and old is not None:
        held.remove(old)  # a part of it was there under its temporary name
    if path is None:
        return set()
    node = held.find(path)
    if event.action == UPLOAD:
        # It may have been continued, so that its old bytes are still there.
        held.put(path, Held(None, event.received, event.received + (node.most if isinstance(node, Held) else 0)))
    elif event.action == DELETE:
        held.remove(path)
    elif event.action == LINK:
        held.put(path, ANYTHING)
    elif event.action == SETSTAT and isinstance(node, Held) and node is not ANYTHING:
        held.put(path, node._replace(is_touched=True))
    return set()


def _rename(held: Expected, event: Event, view: bytes) -> Set[RelPath]:
    """Move a file or a directory. A move out of the tree removes; a move into the tree brings an unknown content."""
    possible = [pair for pair in meanings(event, view) if _is_possible(held, *pair)]
    if len(possible) > 1:
        return {path for pair in possible for path in pair if path is not None}
    for source, target in possible:
        node = ANYTHING if source is None else held.take(source)
        if target is not None:
            held.put(target, node)
    return set()


def _is_possible(held: Expected, source: Optional[RelPath], target: Optional[RelPath]) -> bool:
    return target is not None if source is None else held.find(source) is not None


class Held(NamedTuple):
    """The expected content of one path.

    known: the file of the first manifest whose content it is; None after an upload
    least, most: its size
    is_touched: its time may differ
    """

    known: Optional[Recorded]
    least: int
    most: int
    is_touched: bool = False


ANYTHING = Held(None, 0, sys.maxsize)
"""A file or a directory of unknown content."""


class Expected:
    """A tree without files at the beginning. A node is a Held, or a directory that was taken from the tree."""

    def __init__(self) -> None:
        self._root: Dict[bytes, Any] = {}

    def put(self, path: bytes, node: Any) -> None:
        """Put a node at a path, in the place of any other. Below ANYTHING, all is there already."""
        *above, name = path.split(b"/")
        directory = self._root
        for each in above:
            below = directory.get(each)
            if below is ANYTHING:
                return
            if not isinstance(below, dict):
                below = directory[each] = {}
            directory = below
        directory[name] = node

    def find(self, path: bytes) -> Any:
        """Return the node at a path; None if there is none. All below ANYTHING is ANYTHING."""
        node: Any = self._root
        for name in path.split(b"/"):
            node = node.get(name) if isinstance(node, dict) else node if node is ANYTHING else None
        return node

    def take(self, path: bytes) -> Any:
        """Remove the node at a path and return it; None if there is none."""
        above, _separator, name = path.rpartition(b"/")
        directory = self.find(above) if above else self._root
        return directory.pop(name, None) if isinstance(directory, dict) else self.find(path)

    def remove(self, path: bytes) -> None:
        """Remove the file at a path. A directory is empty when it is removed: files that it should have remain."""
        if isinstance(self.find(path), Held):
            self.take(path)

    def files(self) -> Iterator[Tuple[RelPath, Held]]:
        waiting = [(b"", self._root)]
        while waiting:
            prefix, directory = waiting.pop()
            for name, node in directory.items():
                if isinstance(node, Held):
                    yield RelPath(prefix + name), node
                else:
                    waiting.append((b"%s%s/" % (prefix, name), node))


def paths_below(event: Event, view: bytes) -> List[RelPath]:
    """Return the paths in the tree that an event names, in all its meanings."""
    return [path for pair in meanings(event, view) for path in pair if path is not None]


def meanings(event: Event, view: bytes) -> Iterator[_Pair]:
    """Yield old and new path of an event; None for a place outside the tree.

    A line "OLD NEW" that is ambiguous has a meaning for each blank that may be between the names.
    """
    if not event.ambiguous:
        yield path_below(event.old_path, view), path_below(event.path, view)
        return
    line = event.old_path + b" " + event.path
    if line.count(b" ") > _MOST_BLANKS:
        return
    for place, letter in enumerate(line):
        if letter == 0x20:
            yield path_below(line[:place], view), path_below(line[place + 1 :], view)


def path_below(path: bytes, view: bytes) -> Optional[RelPath]:
    """Return the path in the tree that a client's path names; None for another place, and for the root itself."""
    if not path:
        return None
    plain, root = posixpath.normpath(b"/" + path), posixpath.normpath(b"/" + view).rstrip(b"/")
    plain = plain.replace(b"//", b"/") if plain.startswith(b"//") else plain
    root = root[1:] if root.startswith(b"//") else root
    return RelPath(plain[len(root) + 1 :]) if plain.startswith(root + b"/") and len(plain) > len(root) + 1 else None


def is_covered(path: bytes, paths: AbstractSet[bytes]) -> bool:
    """Return whether a path, or a directory above it, is one of `paths`."""
    if not paths:
        return False
    parts = path.split(b"/")
    return any(b"/".join(parts[:length]) in paths for length in range(1, len(parts) + 1))
