# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Overlap: whether source and destination lie inside each other, found by effect and not by name.

A name does not show that a loopback peer is this machine, nor a path in a jail its path outside. So a marker with the
run's own id is put in the destination's root (the lock file, if it exists), and searched for:

- the destination is the source or lies inside it: the marker is in a directory of the source, regardless of the
filters (an excluded directory is not searched: that is how the operator allows it);
- the source lies inside the destination, push: the marker is in a directory above the local source;
- the source lies inside the destination, pull: for each tail of the peer's real path that is a directory of the local
destination, a probe is put there, and the peer searches its root for it;
- the source lies inside the destination under an unrelated path (a bind mount, a jail that begins there): the same for
each directory of the destination that holds all entries of the source's root.

Only one case is not detected: the last, if filters or concurrent changes hide the likeness. In check mode nothing is
written, so nothing can be detected: equal paths, or a path inside the other, are reported as a note.
"""

from __future__ import annotations

import os
from functools import partial
from itertools import islice
from typing import Callable, Iterable, Iterator, List, Optional, Tuple

from ..errors import ItemError, NotFound, OverlappingRoots
from ..model.relpath import ROOT, RelPath
from ..model.tree import DIRECTORY, Attributes, Entry, Tree, find_by_bytes
from ..transport.base import Transport
from .lock import LOCK_NAME
from .lock_holder import LockHolder
from .roots import Opened, Sides
from .scan import Scanned
from .stage_names import StageNames

SECOND = 1_000_000_000
FIRST_LOOK = 64
"""Number of entries of the source that usually identify its root among directories: this runs over every tree."""


class Marker:
    """A file that only this run wrote, in the destination's root: the lock file if it exists, else a temporary file
    that is removed after the scan.

    path: relative to the destination
    content: text that only this run wrote there
    """

    def __init__(self, path: RelPath, content: bytes, remove: Callable[[], None] = lambda: None) -> None:
        self._path = path
        self._content = content
        self.remove = remove

    @classmethod
    def of_lock(cls, holder: LockHolder) -> Marker:
        return cls(RelPath(LOCK_NAME), holder.text())

    @classmethod
    def temporary(cls, opened: Opened, holder: LockHolder) -> Marker:
        """Make a marker that `remove` removes. If it cannot be made, nothing can be stored in the root either."""
        path, destination = opened.names.in_root(), opened.sides.destination

        def remove() -> None:
            opened.names.released(destination.remove_files([path]))

        try:
            destination.create_file(path, holder.text())
        except ItemError:
            opened.names.release(path)
            return cls(path, holder.text())
        return cls(path, holder.text(), remove)

    def _candidates(self, opened: Opened, source: Scanned) -> List[RelPath]:
        """Paths in the source that may be the marker. The scan of a local source began before the marker was made, so
        each of its directories is looked into; and the destination's root may be as new as the marker."""
        if not opened.sides.push:
            return source.ours
        directories = [ROOT, *source.directories]
        if opened.destination_missing:
            root = os.path.basename(opened.destination_root)
            directories += filter(source.enters, [directory.child(root) for directory in directories])
        looked = opened.sides.source.look([directory.child(self._path) for directory in directories])
        return [path for path, entry, error in looked if entry is not None or error is not None]

    def refuse_overlap(self, opened: Opened, source: Scanned, destination: Scanned) -> None:
        """Raise OverlappingRoots where source and destination share a directory."""
        sides = opened.sides
        candidates = self._candidates(opened, source)
        if inside_source(sides, candidates, self._path, self._content, opened.names):
            raise refusal()
        if sides.push:
            overlaps = inside_destination(opened.source_root, self._path, self._content, sides, opened.names)
        else:
            overlaps = peer_inside_local(opened.source_root, sides, destination.tree, opened.names)
        overlaps = overlaps or like_source(sides, source.tree, destination.tree, opened.names)
        self.remove()
        if overlaps:
            raise refusal()


def inside_source(
    sides: Sides, candidates: Iterable[RelPath], marker: RelPath, content: bytes, names: StageNames
) -> bool:
    """Return whether one of the `candidates`, found in the source, is the destination's marker. An unreadable
    candidate (the two sides can use different accounts) is identified by a second new name next to it."""
    for path in candidates:
        if path.name != marker.name:
            continue
        try:
            found = sides.source.read_file(path) == content
        except NotFound:
            continue
        except ItemError:
            found = _shows_up(sides, names.in_root(), partial(_stands_beside, sides.source, path), names)
        if found:
            return True
    return False


def inside_destination(local_source: bytes, marker: RelPath, content: bytes, sides: Sides, names: StageNames) -> bool:
    """Return whether the marker lies in a directory above the local source, given by its real path."""
    above = local_source
    while above != os.path.dirname(above):
        above = os.path.dirname(above)
        try:
            found = _local_content(os.path.join(above, marker), len(content) + 1) == content
        except PermissionError:
            found = _shows_up(sides, names.in_root(), partial(_stands_in, above), names)
        if found:
            return True
    return False


def _shows_up(sides: Sides, probe: RelPath, seen: Callable[[bytes], bool], names: StageNames) -> bool:
    """Return whether a file that is made at the destination can be seen in another place, under its own name."""
    try:
        sides.destination.create_file(probe, b"")
        found = seen(probe.name)
    except ItemError:
        found = False
    names.released(sides.destination.remove_files([probe]))
    return found


def _local_content(path: bytes, limit: int) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except PermissionError:
        raise
    except OSError:
        return b""
    try:
        return os.read(descriptor, limit)
    except OSError:
        return b""
    finally:
        os.close(descriptor)


def peer_inside_local(peer_source: bytes, sides: Sides, tree: Tree, names: StageNames) -> bool:
    """Return whether the peer's source, given by its real path, is a directory of the local destination, whose tree is
    given."""
    for directory in _tails(peer_source):
        if directory in tree and tree[directory].kind == DIRECTORY and _is_source(directory, sides, tree, names):
            return True
    return False


def like_source(sides: Sides, source: Tree, destination: Tree, names: StageNames) -> bool:
    """Return whether the source's root is a directory of the destination that holds the same entries."""
    some, everything = _tops(islice(source.items(), FIRST_LOOK)), None
    for directory, entry in destination.items():
        if entry[0] != DIRECTORY or not _holds(destination, directory, some):
            continue
        everything = _tops(source.items()) if everything is None else everything
        alike = everything and _holds(destination, directory, everything)
        if alike and _is_source(directory, sides, destination, names):
            return True
    return False


def _tops(entries: Iterable[Tuple[RelPath, Entry]]) -> List[Tuple[bytes, Entry]]:
    # mypy accepts bytes in bytes, but not in a subclass of bytes.
    return [(b"/" + path, entry) for path, entry in entries if b"/" not in path]  # type: ignore[comparison-overlap]


def _holds(tree: Tree, directory: RelPath, tops: List[Tuple[bytes, Entry]]) -> bool:
    find = find_by_bytes(tree)
    return all(_alike(wanted, find(directory + top)) for top, wanted in tops)


def _alike(wanted: Entry, present: Optional[Entry]) -> bool:
    """Return whether both can be the same entry, seen in two ways, either of which may have only whole seconds."""
    return present is not None and wanted[:2] == present[:2] and wanted.mtime // SECOND == present.mtime // SECOND


def _is_source(directory: RelPath, sides: Sides, destination: Tree, names: StageNames) -> bool:
    """Return whether a file made in this directory of the destination appears in the source's root. The directory's
    mtime is restored: there may be no other change in it."""
    probe = names.beside(RelPath(directory + b"/probe"))
    found = _shows_up(sides, probe, lambda name: _exists(sides.source, RelPath(name)), names)
    for _done in sides.destination.set_attributes([(directory, Attributes(None, destination[directory].mtime))]):
        pass
    return found


def looks_overlapping(one: bytes, other: bytes) -> bool:
    """Return whether two canonical paths, taken as being of one machine, are equal or one inside the other."""
    one, other = one.rstrip(b"/") + b"/", other.rstrip(b"/") + b"/"
    return one.startswith(other) or other.startswith(one)


def refusal() -> OverlappingRoots:
    return OverlappingRoots(
        "src, dest: are the same directory, or contain each other",
        cure="Set dest to a directory outside the source, or exclude it.",
    )


def _tails(path: bytes) -> Iterator[RelPath]:
    names = [name for name in path.split(b"/") if name]
    for count in range(1, len(names) + 1):
        yield RelPath(b"/".join(names[-count:]))


def _stands_beside(source: Transport, path: RelPath, name: bytes) -> bool:
    return _exists(source, path.parent.child(name))


def _stands_in(place: bytes, name: bytes) -> bool:
    return os.path.lexists(os.path.join(place, name))


def _exists(source: Transport, path: RelPath) -> bool:
    return any(entry is not None for _path, entry, _error in source.look([path]))
