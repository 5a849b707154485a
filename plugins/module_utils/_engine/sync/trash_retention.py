# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TrashRetention: the trash of a run with `trash_max_age`.

1. Before its first change the run lists the trash. Removed and replaced files go to the directory of the day in the
   trash: see `day_name`. If the clock is in doubt, they go to the trash itself, where nothing expires: a day that is
   named too early would expire too early.
2. After a run without failures the content of expired days is listed. It becomes actions: the oldest day first, entries
   before their directories. A killed run leaves the rest to the next run.
3. Nothing is removed if the clock is in doubt: if the newest day is after today, or if the clocks of both hosts differ
   by more than a day. Entries that are not directories of a day, days with a lock of a run, and special files are never
   removed.

The trash has one directory for each day, in UTC. The name of the directory is the age of its entries: a rename changes
no time of a file, and servers do not report change times. The name has a prefix, because trees often have directories
named by dates, and a trash may hold such directories from runs without an age limit.
"""

from __future__ import annotations

import calendar
import time
from functools import cached_property
from typing import TYPE_CHECKING, Callable, Dict, Iterable, List, NamedTuple, Optional, Sequence, Set, Tuple

from ..errors import ItemError, SyncError
from ..model.display import display
from ..model.plan import EXPIRE_TRASH, EXPIRED, SPECIAL_FILE, Remove, Skipped
from ..model.relpath import RelPath
from ..model.report import REMOVING
from ..model.tree import DIRECTORY, SPECIAL, Entry, Tree
from .feature import Feature, RunParts
from .removal import LinkMoves, Removal
from .scan import Scanned, SideScan, scan_both
from .selection import EnteredOnly

if TYPE_CHECKING:
    from .claim import Claim
    from .prepare import Prepared


MOST_DAYS = 31
MOST_ENTRIES = 100_000
"""Of one run. The next run continues."""
AT_ONCE = 1000
NAMED = 3
FAILED = "trash: expired entries were left, because this run had failures"
NO_DIRECTORY = "trash: nothing has expired, because it is not a directory"
CLOCKS = "trash: expired entries were left, because the clocks of this host and of the server differ by more than a day"
AHEAD = "trash: nothing has expired, because %s is of a later day than today: check the clock, or remove that directory"
IN_USE = "trash: %s was left, because it has a lock of a run"
OTHERS = "trash: entries left outside the directories of days (%d): %s"
MORE = "trash: more entries have expired, and the next run continues"
DAY = 86400
_FORM = "secure_sync-%Y-%m-%d"


class _Seen(NamedTuple):
    """The trash before the first change of a run.

    moment: time of this host
    top: the entries of the trash
    problems: of the listing
    """

    moment: float
    top: Tree
    problems: Sequence[SyncError]


class TrashRetention(Feature):
    """max_age: days."""

    def __init__(self, parts: RunParts, max_age: int) -> None:
        super().__init__()
        self._trash, self._max_age = RelPath(parts.request.trash or b""), max_age
        self._opened, self._outcomes = parts.opened, parts.outcomes
        self._claim: Optional[Claim] = None
        self._clocks_differ = False
        self._side = parts.opened.sides.destination.whole_tree

    def begin(self, claim: Optional[Claim]) -> None:
        self._claim = claim
        self._clocks_differ = claim is not None and abs(claim.clock_ahead) > DAY * 1e9

    def planned(self, prepared: Prepared) -> None:
        if self._claim is None:
            self.actions = self._expired()

    def trash_place(self) -> Callable[[], RelPath]:
        """List the trash, before the first change."""
        seen = self._seen
        if self._clocks_differ or seen.problems or self._days(seen.moment).ahead is not None:
            return lambda: self._trash
        return lambda: self._trash.child(day_name(max(seen.moment, time.time())))

    def _expired(self) -> Tuple[Remove, ...]:
        """Return the removals of this run, entries before their directories."""
        if not self._outcomes.clean:
            self._outcomes.note(FAILED)
            return ()
        self._outcomes.problems += self._seen.problems
        if self._clocks_differ:
            self._outcomes.note(CLOCKS)
            return ()
        days = self._days(min(self._seen.moment, time.time()))  # the clock may have been set back during the run
        self._note(days)
        return self._removals(days.expired[:MOST_DAYS]) if self._outcomes.clean else ()

    def finish(self) -> None:
        """Remove what has expired. Raises if the run has lost its lock."""
        actions = self.actions = self._expired()
        removal = Removal(
            self._side, None, self._outcomes, LinkMoves(self._opened.sides, self._opened.names, self._outcomes)
        )
        for start in range(0, len(actions), AT_ONCE):
            self._opened.sides.progress.phase = REMOVING
            if self._claim is not None:
                self._claim.still_ours()
            removal.remove(actions[start : start + AT_ONCE])

    @cached_property
    def _seen(self) -> _Seen:
        moment = time.time()
        try:
            entry = self._side.entry_at(self._trash)
        except ItemError as error:
            return _Seen(moment, {}, [error])
        if entry is not None and entry.kind != DIRECTORY:
            self._outcomes.note(NO_DIRECTORY)
        if entry is None or entry.kind != DIRECTORY:
            return _Seen(moment, {}, ())
        found = self._listed(lambda path: False)
        return _Seen(moment, self._below(found), found.problems)

    def _days(self, now: float) -> TrashDays:
        return sort_days(self._seen.top.items(), now=now, max_age=self._max_age)

    def _note(self, days: TrashDays) -> None:
        if days.others:
            names = [display(path.name) for path in days.others[:NAMED]]
            names += ["..."] if len(days.others) > NAMED else []
            self._outcomes.note(OTHERS % (len(days.others), ", ".join(names)))
        if days.ahead is not None:
            self._outcomes.note(AHEAD % display(days.ahead))
        if len(days.expired) > MOST_DAYS:
            self._outcomes.note(MORE)

    def _removals(self, days: Sequence[RelPath]) -> Tuple[Remove, ...]:
        if not days:
            return ()
        scanned = self._listed(lambda path: self._day_above(path) in days)
        self._outcomes.problems += scanned.problems
        if scanned.problems:
            return ()
        found = self._below(scanned)
        days = self._still_expired(days, scanned)
        staying = self._staying(found)
        by_day: Dict[Optional[RelPath], List[RelPath]] = {day: [] for day in days}
        for path in sorted(found.keys() - staying, reverse=True):  # The content of a directory comes before it.
            by_day.get(self._day_above(path), []).append(path)
        going = [path for day in days for path in by_day[day]]
        if len(going) > MOST_ENTRIES:
            self._outcomes.note(MORE)
        return tuple(Remove(path, EXPIRED, found[path], EXPIRE_TRASH) for path in going[:MOST_ENTRIES])

    def _day_above(self, path: RelPath) -> Optional[RelPath]:
        """Return the entry of the trash that is `path` or above it; None outside the trash."""
        if not path.startswith(self._trash + b"/"):
            return None
        return self._trash.child(path[len(self._trash) + 1 :].partition(b"/")[0])

    def _still_expired(self, days: Sequence[RelPath], scanned: Scanned) -> Sequence[RelPath]:
        """Return the days that still are directories, and in which no run holds a lock."""
        in_use = {self._day_above(path) for path in scanned.locks}
        for day in days:
            if day in in_use:
                self._outcomes.note(IN_USE % display(day))
        there = [day for day in days if day in scanned.tree and scanned.tree[day].kind == DIRECTORY]
        return [day for day in there if day not in in_use]

    def _staying(self, found: Tree) -> Set[RelPath]:
        """Return the special files, which no run put there, and the directories above them."""
        staying: Set[RelPath] = set()
        for path in [path for path, entry in found.items() if entry.kind == SPECIAL]:
            self._outcomes.withdrawn.append(Skipped(path, SPECIAL_FILE))
            while path not in staying and path != self._trash:
                staying.add(path)
                path = path.parent
        return staying

    def _listed(self, enter: Callable[[RelPath], bool]) -> Scanned:
        """List the trash, and the directories in it that `enter` takes. With problems, nothing may be removed."""
        above = self._trash + b"/"
        selection = EnteredOnly(lambda path: above.startswith(path + b"/") or enter(path))
        scan = SideScan(self._side, selection, is_stage=lambda path: False, read_links=False)
        scan_both(scan, None, self._opened.sides.progress)
        return scan.result

    def _below(self, scanned: Scanned) -> Tree:
        return {path: entry for path, entry in scanned.tree.items() if path.startswith(self._trash + b"/")}


class TrashDays(NamedTuple):
    """The entries of a trash.

    expired: days beyond the age limit, oldest first; empty if `ahead` is not None
    ahead: the newest day, if it is after today
    others: entries that are not directories of a day
    """

    expired: Sequence[RelPath]
    ahead: Optional[RelPath]
    others: Sequence[RelPath]


def day_name(moment: float) -> bytes:
    """Return the name of the directory for the day of a time in seconds since 1970."""
    return time.strftime(_FORM, time.gmtime(moment)).encode()


def sort_days(entries: Iterable[Tuple[RelPath, Entry]], *, now: float, max_age: int) -> TrashDays:
    """Return which entries of a trash are expired. An entry stays for at least `max_age` days, also if it came in the
    last second of its day."""
    days: List[Tuple[int, RelPath]] = []
    others: List[RelPath] = []
    for path, entry in entries:
        day = _day_of(path.name) if entry.kind == DIRECTORY else None
        if day is None:
            others.append(path)
        else:
            days.append((day, path))
    days.sort()
    today = int(now) // DAY
    if days and days[-1][0] > today:
        return TrashDays((), days[-1][1], sorted(others))
    return TrashDays([path for day, path in days if today - day > max_age], None, sorted(others))


def _day_of(name: bytes) -> Optional[int]:
    """Return the day that `day_name` wrote, in days since 1970; None for any other name."""
    try:
        moment = calendar.timegm(time.strptime(name.decode("ascii"), _FORM))
    except ValueError:
        return None
    return moment // DAY if day_name(moment) == name else None
