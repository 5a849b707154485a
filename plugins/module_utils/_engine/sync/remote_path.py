# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look at one path at a server, wait for it, and change it: `remote_path_info` and `remote_path`.

The root of the session is the login directory, or "/" for an absolute path. So the path of the task is a RelPath
without "..", and errors name it as the task does. The last part is never followed as a link. Names come from the server
only in a listing, whose root is the path itself.

A change: look, make the plan (check mode ends here), make the changes, look again. Each change can be repeated, so the
run after a killed run continues. After a lost session, `Retrying` finds out whether the change was made.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from itertools import chain, repeat
from types import MappingProxyType
from typing import Any, Callable, Iterable, List, Mapping, NamedTuple, Optional, Tuple, Type

from ..errors import (
    AlreadyExists,
    ItemError,
    KindConflict,
    Locked,
    NotFound,
    NotSupported,
    OperationFailed,
    Refused,
    SyncError,
    TooManyDeletions,
    WaitTimeout,
    failure_of,
)
from ..model.display import display
from ..model.endpoint import PeerIdentity
from ..model.human import counted
from ..model.relpath import ROOT, RelPath
from ..model.request import SyncRequest
from ..model.tree import DIRECTORY, FILE, LINK, Attributes, Entry, Tree
from ..transport.base import Done, PeerTransport
from ..transport.connect import open_local, open_peer
from .backoff import Backoff
from .progress import Progress
from .retry import Retrying
from .scan import SideScan, scan_both
from .selection import EnteredOnly
from .sessions import Openers, Sessions

ABSENT, PRESENT, STABLE = "absent", "present", "stable"
STATES = (DIRECTORY, FILE, ABSENT)
WAITS = (PRESENT, ABSENT, STABLE)
PAUSES = (0.5, 1.0, 2.0, 4.0)
LONGEST_PAUSE = 5.0
LOGIN_DIRECTORY = b"."
LOCK_CURE = "Wait for that run to end. The lock of a killed run is removed by the next run of secure_sync there."


class PathChange(NamedTuple):
    """A wanted state.

    request: how to reach the server; its remote_root is the login directory or "/"
    state: a value of STATES
    source: the present path of a file that gets another path
    mode: permission bits; None keeps them
    create_parents: whether missing directories above are made
    max_delete: files that may go with a directory
    """

    request: SyncRequest
    path: RelPath
    state: str
    source: Optional[RelPath] = None
    mode: Optional[int] = None
    create_parents: bool = False
    max_delete: int = 0


class PathLook(NamedTuple):
    """A question about a path. The request is as in PathChange.

    recurse: whether directories below the path are listed too
    wait_for: a value of WAITS; None to look once
    stable_for, wait_timeout: seconds
    """

    request: SyncRequest
    path: RelPath
    recurse: bool = False
    wait_for: Optional[str] = None
    stable_for: float = 10.0
    wait_timeout: float = 300.0


class PathPlan(NamedTuple):
    """The changes, in this order.

    present: the entry at the path
    make: missing directories, parents first
    source: present path of a file that moves
    modes: the paths that get the wanted mode
    remove: all entries that go
    """

    present: Optional[Entry] = None
    make: Tuple[RelPath, ...] = ()
    source: Optional[RelPath] = None
    modes: Tuple[RelPath, ...] = ()
    remove: Mapping[RelPath, Entry] = MappingProxyType({})

    @property
    def changes(self) -> bool:
        return bool(self.make or self.source or self.modes or self.remove)


class PathReport(NamedTuple):
    """The end of a run.

    entry: at the path in the end; in check mode, at its begin
    changed: whether anything was changed or, in check mode, would be
    removed: the number of files and of directories that are gone, or would be
    entries: the listing of a directory; None without
    waited: seconds
    """

    plan: PathPlan = PathPlan()
    entry: Optional[Entry] = None
    changed: bool = False
    removed: Tuple[int, int] = (0, 0)
    entries: Optional[Tree] = None
    waited: float = 0.0
    peer: Optional[PeerIdentity] = None
    notes: Tuple[str, ...] = ()
    error: Optional[SyncError] = None


def change_path(wanted: PathChange, **seams: Any) -> PathReport:
    """Bring the path into its state. A SyncError or a KeyboardInterrupt becomes part of the report."""
    return _reported(_Change, wanted, **seams)


def look_at_path(wanted: PathLook, **seams: Any) -> PathReport:
    """Wait for the path, and look at it. Errors are as in `change_path`."""
    return _reported(_Look, wanted, **seams)


def _reported(
    kind: Type[_Run],
    wanted: Any,
    *,
    opener: Callable[[SyncRequest], PeerTransport] = open_peer,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> PathReport:
    with ExitStack() as stack:
        backoff = Backoff(wanted.request.retries, sleep=sleep)
        sessions = Sessions(wanted.request, Openers(open_local, opener), backoff, stack, Progress())
        run = kind(wanted, sessions, clock)
        return run.report(failure_of(run.run))


class _Run:
    """One run on a path. looked: whether the server has answered."""

    def __init__(self, wanted: Any, sessions: Sessions, clock: Callable[[], float]) -> None:
        self._wanted, self._sessions, self._clock = wanted, sessions, clock
        self._path, self._root = wanted.path, wanted.request.remote_root
        self._report, self._looked = PathReport(), False
        self._locks: List[RelPath] = []

    def run(self) -> None:
        """Do the work. Raises SyncError."""

    def report(self, error: Optional[SyncError]) -> PathReport:
        if error is not None and error.path and self._root == b"/":
            error = error.at(b"/" + error.path)
        peer = self._sessions.peer
        if peer is None or not self._looked:
            return self._report._replace(error=error)
        changed = self._report.changed or peer.uncertain
        return self._report._replace(changed=changed, peer=peer.identity, notes=tuple(peer.notes), error=error)

    def _entry(self) -> Optional[Entry]:
        peer, path = self._peer, self._path
        entry = peer.entry_at(path) if path else peer.root_entry()
        self._looked = True
        return entry

    @property
    def _peer(self) -> Retrying:
        """Return the peer, at the root."""
        return self._sessions.open_peer(self._root)

    def _full(self, path: RelPath) -> bytes:
        return (self._root if self._root == b"/" else b"") + path or self._root

    def _listed(self, *, recurse: bool) -> Tree:
        """Return the entries below the path, by paths below the root. Raises the first problem of the listing: a part
        of it is no answer."""
        side = self._sessions.open_peer(self._full(self._path))
        try:
            there = side.root_entry()
        except ItemError as error:
            raise error.at(self._path) from error
        if there is None:
            raise NotFound("it vanished", path=self._path)
        scan = SideScan(side, EnteredOnly(lambda _path: recurse), is_stage=lambda _path: False, read_links=False)
        scan_both(scan, None, Progress())
        found, above = scan.result, self._path + b"/" if self._path else b""
        for problem in found.problems:
            raise problem.at(RelPath(above + (problem.path or b"")).rstrip(b"/"))
        self._locks = [RelPath(above + path) for path in found.locks]
        return {RelPath(above + path): entry for path, entry in found.tree.items()}


class _Change(_Run):
    """One change of a path."""

    def run(self) -> None:
        present = self._entry()
        plans = {DIRECTORY: self._directory, FILE: self._file, ABSENT: self._absent}
        plan = plans[self._wanted.state](present)
        self._report = PathReport(plan, present)
        if plan.modes and not self._peer.capabilities.stores_mode:
            raise NotSupported("mode: the server does not set modes", cure="Leave mode out.")
        if self._wanted.request.check_mode:
            files = _count_files(plan.remove)
            self._report = self._report._replace(changed=plan.changes, removed=(files, len(plan.remove) - files))
        elif plan.changes:
            self._carry_out(plan)
            self._look_again()

    # the plan

    def _directory(self, present: Optional[Entry]) -> PathPlan:
        if present is None:
            make = (*self._missing(), self._path)
            return PathPlan(None, make, modes=() if self._wanted.mode is None else make)
        self._require(present, DIRECTORY, self._path)
        return PathPlan(present, modes=self._mode_of(present))

    def _file(self, present: Optional[Entry]) -> PathPlan:
        source = self._wanted.source
        moving = None if source is None else self._peer.entry_at(source)
        if source is None or moving is None:
            if present is None:
                fact = "nothing is there" + ("" if source is None else f", and nothing at src '{display(source)}'")
                raise NotFound(fact, path=self._path, cure="Correct path. To move a file there, set src to its path.")
            self._require(present, FILE, self._path)
            return PathPlan(present, modes=self._mode_of(present))
        self._require(moving, FILE, source)
        if present is not None:
            fact = f"a {present.kind} is there, and src '{display(source)}' exists too"
            raise AlreadyExists(fact, path=self._path, cure="Move or remove one of them first, or correct path.")
        return PathPlan(None, self._missing(), source, self._mode_of(moving))

    def _absent(self, present: Optional[Entry]) -> PathPlan:
        if present is None or present.kind != DIRECTORY:
            return PathPlan(present, remove={} if present is None else {self._path: present})
        below = self._listed(recurse=True)
        remove = {**below, self._path: present}
        # After the listing: a link may have taken the place of a directory.
        for path, entry, error in self._peer.look([path for path in remove if remove[path].kind == DIRECTORY]):
            if error is not None:
                raise error
            self._require(entry or present, DIRECTORY, path)
        places = (LOGIN_DIRECTORY, self._full(self._path.parent), self._full(self._path))
        home, above, real = (self._sessions.open_peer(place).real_root() for place in places)
        if (home + b"/").startswith(real.rstrip(b"/") + b"/"):
            raise Refused("the login directory is there", path=self._path, cure="Set path to a directory below it.")
        if real != above.rstrip(b"/") + b"/" + self._path.name:
            fact = f"it leads to '{display(real)}', so it may be a link"
            raise KindConflict(fact, path=self._path, cure="Set path to the real path of the directory.")
        for lock in self._locks:
            raise Locked("a run of secure_sync works there, or was killed there", path=lock, cure=LOCK_CURE)
        files, most = _count_files(below), self._wanted.max_delete
        if files > most:
            fact = f"{counted(files, 'file')} would be deleted with the directory, and the limit is"
            raise TooManyDeletions(
                f"max_delete: {fact} {most}", path=self._path, cure="Check that path is right, then raise max_delete."
            )
        return PathPlan(present, remove=remove)

    def _missing(self) -> Tuple[RelPath, ...]:
        """Return the missing directories above the path, topmost first."""
        missing: Tuple[RelPath, ...] = ()
        above = self._path.parent
        while above != ROOT:
            entry = self._peer.entry_at(above)
            if entry is not None:
                if entry.kind != LINK:
                    self._require(entry, DIRECTORY, above)
                break
            missing, above = (above, *missing), above.parent
        if missing and not self._wanted.create_parents:
            raise NotFound(
                f"path: its parent directory '{display(self._path.parent)}' does not exist",
                cure="Set create_parents to true, or correct path.",
            )
        return missing

    def _require(self, entry: Entry, kind: str, path: RelPath) -> None:
        if entry.kind != kind:
            fact = f"it is a {entry.kind}, and not a {kind}"
            raise KindConflict(fact, path=path, cure="Move it away, or correct the path.")

    def _mode_of(self, entry: Entry) -> Tuple[RelPath, ...]:
        return () if self._wanted.mode in (None, entry.mode) else (self._path,)

    # the changes

    def _carry_out(self, plan: PathPlan) -> None:
        peer, mode = self._peer, self._wanted.mode
        self._note(peer.make_directories(plan.make) if plan.make else ())
        if plan.source is not None:
            peer.rename_new(plan.source, self._path)
            self._report = self._report._replace(changed=True)
        if plan.modes:
            self._note(peer.set_attributes([(path, Attributes(mode=mode)) for path in plan.modes]))
        directories = [path for path, entry in plan.remove.items() if entry.kind == DIRECTORY]
        files = [path for path, entry in plan.remove.items() if entry.kind != DIRECTORY]
        self._note(peer.remove_files(files) if files else (), files=1)
        directories.sort(key=lambda path: path.depth, reverse=True)
        self._note(peer.remove_directories(directories) if directories else (), directories=1)

    def _note(self, results: Iterable[Done], *, files: int = 0, directories: int = 0) -> None:
        """Count the changes that were made. Raises the first error, after all of them."""
        first: Optional[SyncError] = None
        for done in results:
            first = first or done.error
            if done.error is None:
                gone = self._report.removed
                removed = (gone[0] + files, gone[1] + directories)
                self._report = self._report._replace(changed=True, removed=removed)
        if first is not None:
            raise first

    def _look_again(self) -> None:
        """Hold the answers of the server against the entry that it shows."""
        entry, wanted = self._entry(), self._wanted
        self._report = self._report._replace(entry=entry)
        kind = ABSENT if entry is None else entry.kind
        if kind != wanted.state or (entry is not None and wanted.mode not in (None, entry.mode)):
            shown = kind if entry is None else f"{kind} of mode {entry.mode:04o}"
            fact = f"the server acknowledged the change, and shows another state: {shown}"
            raise OperationFailed(fact, path=self._path, cure="Run again, and check who else changes this path.")


class _Look(_Run):
    """One look at a path."""

    def run(self) -> None:
        started = since = self._clock()
        before: object = None
        for pause in chain(PAUSES, repeat(LONGEST_PAUSE)):
            entry, entries = seen = self._see()
            now = self._clock()
            if seen != before:
                before, since = seen, now
            self._report = PathReport(entry=entry, entries=entries, waited=now - started)
            left = self._left(entry, now - since)
            if not left:
                return
            remains = started + self._wanted.wait_timeout - now
            if remains <= 0:
                raise self._too_late(entry)
            self._sessions.wait(min(pause, left, remains))

    def _see(self) -> Tuple[Optional[Entry], Optional[Tree]]:
        """Return the entry and its listing, None without. A directory may vanish before it is listed."""
        entry = self._entry()
        if entry is None or entry.kind != DIRECTORY or self._wanted.wait_for == ABSENT:
            return entry, None
        try:
            return entry, self._listed(recurse=self._wanted.recurse)
        except NotFound:
            return None, None

    def _left(self, entry: Optional[Entry], unchanged: float) -> float:
        """Return how many seconds are missing at least; 0 if the wait is over."""
        wanted: PathLook = self._wanted
        if wanted.wait_for == STABLE and entry is not None:
            return max(0.0, wanted.stable_for - unchanged)
        wait_for = wanted.wait_for
        return 0.0 if wait_for is None or (entry is None) == (wait_for == ABSENT) else LONGEST_PAUSE

    def _too_late(self, entry: Optional[Entry]) -> WaitTimeout:
        waits, wanted = {PRESENT: "nothing is there", ABSENT: "it is still there"}, self._wanted
        seen = waits[PRESENT] if entry is None else waits.get(wanted.wait_for, "it still changes")
        fact = f"wait_for: {wanted.wait_for}: {seen} after {wanted.wait_timeout:g} s"
        return WaitTimeout(fact, path=self._path, cure="Find out why, or raise wait_timeout.")


def _count_files(tree: Mapping[RelPath, Entry]) -> int:
    return sum(entry.kind != DIRECTORY for entry in tree.values())
