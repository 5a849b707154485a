# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TrashRetention: the trash of a run with `trash_max_age`.

1. Removed and replaced files go to the directory of today in the trash: see `trash_days`.
2. After a run without failures the trash is listed, and then the content of expired days. It becomes actions: the
   oldest day first, entries before their directories. A killed run leaves the rest to the next run.
3. Nothing is removed if the clock is in doubt: if the newest day is after today, or if the clocks of both hosts differ
   by more than a day. Entries that are not directories of a day, and special files, are never removed.
"""

from __future__ import annotations

import time
from functools import cached_property
from typing import Callable, Dict, List, Optional, Sequence, Set, Tuple

from ..model.plan import EXPIRE_TRASH, EXPIRED, SPECIAL_FILE, Remove, Skipped
from ..model.progress import REMOVING
from ..model.relpath import RelPath, display
from ..model.tree import DIRECTORY, SPECIAL, Tree
from ..planning.filters import Filters
from ..planning.trash_days import DAY, TrashDays, day_name, sort_days
from .link_moves import LinkMoves
from .outcomes import Outcomes
from .removal import Removal
from .roots import Opened
from .scan import SideScan, scan_both
from .selection import SideSelection

__all__ = ["TrashRetention"]

MOST_DAYS = 31
MOST_ENTRIES = 100_000
"""Of one run. The next run continues."""
AT_ONCE = 1000
NAMED = 3
FAILED = "trash: expired entries were left, because this run had failures"
NO_DIRECTORY = "trash: nothing has expired, because it is not a directory"
CLOCKS = "trash: expired entries were left, because the clocks of this host and of the server differ by more than a day"
AHEAD = "trash: nothing has expired, because %s is of a later day than today: check the clock, or remove that directory"
OTHERS = "trash: %d entries were left, because they are not directories of a day: %s"
MORE = "trash: more entries have expired, and the next run continues"


class TrashRetention:
    """trash: path below the destination. max_age: days."""

    def __init__(self, trash: RelPath, max_age: int, opened: Opened, outcomes: Outcomes) -> None:
        self._trash, self._max_age = trash, max_age
        self._opened, self._outcomes = opened, outcomes
        self._side = opened.sides.destination.whole_tree

    @cached_property
    def _now(self) -> float:
        """The time of the run, from its first change on: it may have waited for the lock for long."""
        return time.time()

    @property
    def today(self) -> RelPath:
        """Return the directory that takes the files of this run."""
        return self._trash.child(day_name(self._now))

    def expired(self, *, clock_ahead: int = 0) -> Tuple[Remove, ...]:
        """Return the removals of this run, entries before their directories. clock_ahead: see Lock."""
        if not self._outcomes.clean:
            self._outcomes.note(FAILED)
            return ()
        if abs(clock_ahead) > DAY * 1e9:
            self._outcomes.note(CLOCKS)
            return ()
        return self._removals(self._days()) if self._is_there() else ()

    def remove(self, actions: Sequence[Remove], still_ours: Callable[[], None]) -> None:
        """Carry out the removals. still_ours: called before each portion; raises if the run has lost its lock."""
        removal = Removal(
            self._side, None, self._outcomes, LinkMoves(self._opened.sides, self._opened.names, self._outcomes)
        )
        for start in range(0, len(actions), AT_ONCE):
            self._opened.sides.progress.phase = REMOVING
            still_ours()
            removal.remove(actions[start : start + AT_ONCE])

    def _is_there(self) -> bool:
        entry = self._side.entry_at(self._trash)
        if entry is not None and entry.kind != DIRECTORY:
            self._outcomes.note(NO_DIRECTORY)
        return entry is not None and entry.kind == DIRECTORY

    def _days(self) -> Sequence[RelPath]:
        """Return the expired days of this run, oldest first."""
        found = self._listed(lambda path: False)
        days = sort_days(found.items(), now=self._now, max_age=self._max_age)
        self._note(days)
        return days.expired[:MOST_DAYS]

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
        chosen = set(days)
        found = self._listed(lambda path: self._day_above(path) in chosen)
        if not self._outcomes.clean:
            return ()
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

    def _staying(self, found: Tree) -> Set[RelPath]:
        """Return the special files, which no run put there, and the directories above them."""
        staying: Set[RelPath] = set()
        for path in [path for path, entry in found.items() if entry.kind == SPECIAL]:
            self._outcomes.withdrawn.append(Skipped(path, SPECIAL_FILE))
            while path not in staying and path != self._trash:
                staying.add(path)
                path = path.parent
        return staying

    def _listed(self, enter: Callable[[RelPath], bool]) -> Tree:
        """Return the entries below the trash. A directory that cannot be listed is a failure of the run, which then
        removes nothing."""
        above = self._trash + b"/"
        selection = _Entered(lambda path: above.startswith(path + b"/") or enter(path))
        scan = SideScan(self._side, selection, is_stage=lambda path: False, read_links=False)
        scan_both(scan, None, self._opened.sides.progress)
        self._outcomes.problems += scan.result.problems
        return {path: entry for path, entry in scan.result.tree.items() if path.startswith(above)}


class _Entered(SideSelection):
    """All entries of the directories that are entered."""

    def __init__(self, enter: Callable[[RelPath], bool]) -> None:
        super().__init__(Filters((), ()), None)
        self._only = enter

    @property
    def enter(self) -> Callable[[RelPath], bool]:
        return self._only
