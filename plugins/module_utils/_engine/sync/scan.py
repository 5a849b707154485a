# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scan both sides at the same time, and sort the entries: the tree, hidden entries, and entries of the engine.

DoubtfulDirectories finds the directory at whose listing sessions end, like narrowing.py for items: after the first lost
session everything is listed again. After the next, the directories that can have been under way are held back until the
rest is listed; then they are listed singly.
"""

from __future__ import annotations

import time
from collections import deque
from typing import Callable, Deque, Dict, Iterable, Iterator, List, Optional, Protocol, Sequence, Set, Tuple

from ..errors import NotFound, OperationFailed, Stalled, SyncError
from ..model.plan import Skipped
from ..model.relpath import ROOT, RelPath
from ..model.tree import DIRECTORY, FILE, LINK, Entry, StampColumns, Stamps, Tree
from ..transport.base import LocalSide, Page, Transport
from .backoff import MOST_IN_A_ROW
from .collector import collector_at_rest
from .lock import LOCK_NAME
from .progress import Progress
from .record import is_settled
from .retry import Retrying
from .selection import SideSelection
from .stage_names import OURS

_ENDED = object()
_LOCK = RelPath(LOCK_NAME)
_LONGEST = 5.0
"""Seconds after which the peer must be looked after."""
_EXISTS = "the directory could not be listed: it was reported as missing, but it exists"
_EXISTS_CURE = "Run again. If it fails again, check that the account may list the directory."


Listed = Dict[RelPath, List[RelPath]]
"""The paths of each directory that only one side has listed so far."""
UNDER_WAY = 64
"""Largest number of directories that are listed at once, by any transport."""
MOST_RESTARTS = 32
"""How often the whole listing begins again. Each time fewer directories are left in it."""


class RecordOfSide(Protocol):
    """The record of one side, see contents.py."""

    def compare(self, directory: bytes, entries: Iterable[Tuple[RelPath, Entry]], stamps: Stamps) -> Set[bytes]:
        """Return the files that are as they were recorded."""


class SharedEntries:
    """Replaces paths and entries of one side by the objects of the other side, where both list the same.

    Most of two trees is equal. With one object for both, a run needs much less memory, and looks up each path of one
    tree faster in the other.
    """

    def __init__(self) -> None:
        self._directory = b""
        self._paths: Dict[RelPath, RelPath] = {}

    def of(self, page: Page, listed: Listed, tree: Tree) -> Sequence[Tuple[RelPath, Entry]]:
        """Return the entries of a page. listed, tree: of the other side."""
        if self._directory != page.directory:
            self._directory, self._paths = page.directory, {}
        more = listed.pop(page.directory, None)
        if more:
            self._paths.update(zip(more, more))
        if not self._paths:
            return page.entries
        path_of, entry_of = self._paths.get, tree.get
        shared = []
        for path, entry in page.entries:
            same = path_of(path, path)
            twin = entry_of(same)
            shared.append((same, entry if twin is None or twin != entry else twin))
        return shared

    @property
    def found(self) -> bool:
        """Return whether the other side had listed the directory of the last page."""
        return bool(self._paths)


class Scanned:
    """The entries of one side.

    tree: the entries of the run
    own_stamps: of its files, if the side has them, and as far as they are not in the record
    stamps: of all its files
    known: the files that are as they were recorded; their stamps are in the record
    problems: of the listings of directories
    unlisted: directories whose listing failed or is not whole
    vanished: directories that were removed during the scan
    holding: directories with entries outside the tree
    hidden: these entries, except for names of the engine
    locks: lock files, at any depth, which are never part of a tree
    stages: files and links with a name of runs on this destination
    apart: the directory of manifests, its entries, and the list of sums, in a run with a signed set
    listed: on a pull with `verify`, the listing, where `tree` is the signed set
    unsigned: the entries that are only in the listing
    Regardless of the filters: ours: all paths with a name of the engine
    directories: the entered directories
    enters: whether a directory is entered
    """

    def __init__(self, enters: Optional[Callable[[RelPath], bool]] = None) -> None:
        self.enters = enters or _always
        self.tree: Tree = {}
        self.own_stamps = StampColumns()
        self.stamps: Stamps = self.own_stamps
        self.known: Set[bytes] = set()
        self.listed_alone: Listed = {}
        self.problems: List[SyncError] = []
        self.unlisted: Set[RelPath] = set()
        self.vanished: Set[RelPath] = set()
        self.holding: Set[RelPath] = set()
        self.hidden: Set[RelPath] = set()
        self.locks: List[RelPath] = []
        self.stages: Tree = {}
        self.apart: Tree = {}
        self.in_manifests: List[RelPath] = []
        self.listed: Optional[Tree] = None
        self.unsigned: List[Skipped] = []
        self.ours: List[RelPath] = []
        self.directories: List[RelPath] = []

    @property
    def complete(self) -> bool:
        return not self.problems


class SideScan:
    """The scan of one side, page by page, as `steps` is advanced.

    is_stage: whether runs on this destination make this name
    read_links: whether targets are needed
    started: nanoseconds since 1970, our clock
    """

    def __init__(
        self, transport: Transport, selection: SideSelection, *, is_stage: Callable[[RelPath], bool], read_links: bool
    ) -> None:
        self._transport = transport
        self._selection = selection
        self._is_stage = is_stage
        self._read_links = read_links
        self.result = Scanned(selection.enter)
        self.started = time.time_ns()
        self.steps: Iterator[None] = self._steps()
        self._record: Optional[RecordOfSide] = None
        self._twin: Optional[SideScan] = None
        self._shared = SharedEntries()

    def ready(self) -> bool:
        """Return whether the next step is known to need no waiting."""
        return self._transport.advance()

    def recall_by(self, record: RecordOfSide) -> None:
        """Compare the files with their record, those that are listed already as well."""
        self._record = record
        tree = self.result.tree
        for directory, paths in self.result.listed_alone.items():
            known = self._recall(directory, [(path, tree[path]) for path in paths if path in tree], self.result.stamps)
            self.result.own_stamps.forget(directory, known)

    def share_with(self, twin: SideScan) -> None:
        """Keep one object for entries that both sides list alike."""
        self._twin = twin

    def _steps(self) -> Iterator[None]:
        """Take in one page a step."""
        doubts = DoubtfulDirectories(self._selection.enter)
        yield from self._list(ROOT, doubts)
        directory = doubts.next()
        while directory != ROOT:
            yield from self._list(directory, doubts)
            directory = doubts.next()
        self._look_again()
        self._sort_out()

    def _list(self, below: RelPath, doubts: DoubtfulDirectories) -> Iterator[None]:
        """List one directory with all entries below it. After a lost session it starts again; a directory that ends the
        sessions is a problem of the listing."""
        while True:
            doubts.begin()
            try:
                for page in self._transport.scan(enter=doubts.enter, read_links=self._read_links):
                    if doubts.takes(page.directory):
                        self._take(page)
                        yield
                if not doubts.listed():
                    self._note(below, NotFound("it vanished while the session was lost"))
                return
            except SyncError as error:
                if not isinstance(self._transport, Retrying):
                    raise
                self._transport.recover(error)
                if below == ROOT:
                    self.result = Scanned(self._selection.enter)
                if doubts.failed(error, attempts=self._transport.item_attempts):
                    self._note(below, self._transport.blamed(error, below))
                    return

    def _take(self, page: Page) -> None:
        if page.problem is not None:
            self._note(page.directory, page.problem)
        result = self.result
        entries = self._share(page)
        result.tree.update(entries)
        stamps = page.stamps or {}
        if self._record is not None:
            known = self._recall(page.directory, entries, stamps)
            stamps = {path: stamp for path, stamp in stamps.items() if path not in known} if known else stamps
        result.own_stamps.add(page.directory, stamps)
        result.ours += [path for path, _entry in entries if OURS in path]  # type: ignore[comparison-overlap]  # as in overlap.py
        if page.directory == self._selection.manifests:
            result.in_manifests += [path for path, _entry in entries]
        result.directories += [path for path, entry in entries if entry[0] is DIRECTORY]

    def _share(self, page: Page) -> Sequence[Tuple[RelPath, Entry]]:
        """Return the entries of a page, as objects of the other side where it has the same."""
        if self._twin is not None:
            other = self._twin.result
            entries = self._shared.of(page, other.listed_alone, other.tree)
            if self._shared.found:
                return entries
        self.result.listed_alone.setdefault(page.directory, []).extend([path for path, _entry in page.entries])
        return page.entries

    def _recall(self, directory: RelPath, entries: Sequence[Tuple[RelPath, Entry]], stamps: Stamps) -> Set[bytes]:
        """Note the files that are as they were recorded, and return them."""
        if self._record is None:
            return set()
        result = self.result
        last = dict(entries)  # a page may have a name twice, and the tree has its last entry
        known = self._record.compare(directory, last.items(), stamps)
        if len(known) < len(entries):  # a directory may be listed twice, and have changed since
            result.known.difference_update([path for path, _entry in entries if path not in known])
        result.known |= known
        return known

    def _note(self, directory: RelPath, problem: SyncError) -> None:
        if isinstance(problem, NotFound) and directory != ROOT:
            self.result.vanished.add(directory)
            return
        self.result.unlisted.add(directory)
        self.result.problems.append(problem if problem.path is not None else problem.at(directory))

    def _look_again(self) -> None:
        """A directory that still exists has not vanished: its entries may not be lost without an error."""
        result = self.result
        for path, entry, error in self._transport.look(sorted(result.vanished)) if result.vanished else ():
            if error is not None or (entry is not None and entry.kind == DIRECTORY):
                result.vanished.discard(path)
                self._note(path, error or OperationFailed(_EXISTS, cure=_EXISTS_CURE))

    def _sort_out(self) -> None:
        """Remove entries of the engine, vanished entries and excluded entries from the tree."""
        result, tree = self.result, self.result.tree
        result.ours = list(dict.fromkeys(result.ours))  # a directory that changes meanwhile may show a name twice
        for path in result.ours:
            if path.name == LOCK_NAME:
                result.locks.append(path)
                result.holding.add(path.parent)
                del tree[path]
            elif tree[path].kind in (FILE, LINK) and self._is_stage(path):
                result.stages[path] = tree.pop(path)
        for path in result.vanished:
            tree.pop(path, None)
        found = [path for path in dict.fromkeys(result.directories) if path in tree]
        result.directories = [path for path in found if tree[path].kind == DIRECTORY and result.enters(path)]
        result.apart = self._selection.take_apart(tree, result.in_manifests)
        result.tree, hiding, result.hidden = self._selection.select(tree)
        result.holding |= hiding
        result.hidden |= result.apart.keys()
        result.holding |= {path.parent for path in result.apart}


def _always(_path: RelPath) -> bool:
    return True


def scan_both(source: SideScan, destination: Optional[SideScan], progress: Progress) -> None:
    """Run both scans to their ends, page by page in turn; while a side has no page yet, the other continues.
    destination: None if its root is missing."""
    scans = [source] if destination is None else [source, destination]
    progress.comparing(lambda: sum(len(scan.result.tree) for scan in scans))
    for scan in scans[1:]:
        scan.share_with(source)
        source.share_with(scan)
    going = list(scans)
    while going:
        for scan in tuple(going):
            if (scan.ready() or len(going) == 1) and next(scan.steps, _ENDED) is _ENDED:
                going.remove(scan)
    for scan in scans:
        scan.result.listed_alone.clear()


class EarlyScan:
    """The scan of this host's side, begun while the login at the peer goes on.

    On a pull that is the destination's, and the run has no lock yet. So it counts only if no other run can have been at
    work there since: a run makes its lock in the root and removes it, which the root's mtime shows (where that was old
    enough to show it, on file systems that count whole seconds), and one that was at work before is known by its lock.

    scan: of `local`, continued by the caller that needs its rest. `local` has a root.
    """

    def __init__(self, local: LocalSide, scan: SideScan) -> None:
        self._local = local
        self._root = local.root_entry()
        self.scan = scan

    def advance(self, ready: Callable[[], bool]) -> None:
        """Go on until something else is ready, or until the peer must be looked after."""
        deadline = time.monotonic() + _LONGEST
        with collector_at_rest():
            while not ready() and time.monotonic() < deadline and next(self.scan.steps, _ENDED) is not _ENDED:
                pass

    def still_counts(self) -> bool:
        """Return whether no other run has changed anything here since. To be asked just before the lock is taken."""
        found, root = self.scan.result, self._root
        if root is None or _LOCK in found.tree or _LOCK in found.locks:
            return False
        return is_settled(root.mtime, self.scan.started) and self._local.root_entry() == root


class DoubtfulDirectories:
    """enters: whether to list a directory; None: list all."""

    def __init__(self, enters: Optional[Callable[[RelPath], bool]]) -> None:
        self._enters = enters
        self._below = ROOT
        self._begun: Dict[RelPath, None] = {}
        self._held: Set[RelPath] = set()
        self._waiting: Deque[RelPath] = deque()
        self._losses = 0
        self._failed_in_a_row = 0

    def next(self) -> RelPath:
        """Begin with the first directory that is held back; ROOT if there is none."""
        self._below = self._waiting.popleft() if self._waiting else ROOT
        self._losses = 0
        return self._below

    def begin(self) -> None:
        """Take note that a listing begins."""
        self._begun = {self._below: None}

    def enter(self, path: RelPath) -> bool:
        """Return whether the listing goes into `path` now; asked once it was found."""
        if path != self._below and not self._is_inside(path):
            return (self._below + b"/").startswith(path + b"/")
        if (self._enters and not self._enters(path)) or (path in self._held and path != self._below):
            return False
        self._begun[path] = None
        return True

    def takes(self, directory: RelPath) -> bool:
        """Take note that `directory` was listed; return whether it belongs to this listing, and is not above it."""
        self._begun.pop(directory, None)
        return directory == self._below or self._is_inside(directory)

    def _is_inside(self, path: RelPath) -> bool:
        return not self._below or path.startswith(self._below + b"/")

    def listed(self) -> bool:
        """Take note that the listing came to its end; return whether the directory was found."""
        self._failed_in_a_row = 0
        return self._below not in self._begun

    def failed(self, error: SyncError, *, attempts: int) -> bool:
        """Take note of a lost session; return whether the directory that was listed alone has failed with it. Raise
        `error` if the root cannot be listed, or one directory after another cannot."""
        alone = self._below != ROOT
        own = self._below in self._begun or not self._begun
        if own or not alone:
            self._losses += 1
        if not own and (alone or self._losses > 1 or isinstance(error, Stalled)):
            self._hold()
        if not alone and self._losses > MOST_RESTARTS:
            raise error
        if not own or self._losses < (1 if self._failed_in_a_row else attempts):
            return False
        self._failed_in_a_row += 1
        if not alone or self._failed_in_a_row > MOST_IN_A_ROW:
            raise error
        return True

    def _hold(self) -> None:
        doubtful: List[RelPath] = list(self._begun)[:UNDER_WAY]
        self._held.update(doubtful)
        self._waiting.extend(doubtful)
