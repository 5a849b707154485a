# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""MarkedBox: a drop box with markers: empty files at the server that announce a complete file, directory or run.

On a push, a file counts as delivered once its marker stands:

1. Before the first file gets its name, the markers of files that will change are removed, and these files leave the
   record of deliveries.
2. After each batch, and for directories and runs at the end, if nothing in them failed: the markers of the proven
   files are made under temporary names and renamed, and then the files are recorded.
3. The marker of a file that is removed goes first.

A run that is killed leaves files without a marker. The next run finds them equal and not recorded, and marks them. A
marker that the partner took away is not made again.

On a pull, only files with their marker are taken. The marker leaves the source before its files: a marker that stays
would announce the next file of the name before that file is complete. A run that is killed between the two knows the
files from the record.
"""

from __future__ import annotations

from typing import AbstractSet, Dict, Iterable, List, Optional, Set

from ..errors import KindConflict, NameCollision, SyncError
from ..model.plan import DELIVERED, KIND, MARK, REMOVE, STORE, Plan, Remove, Write
from ..model.relpath import ROOT, RelPath
from ..model.request import MARKED, DropBoxRequest
from ..model.tree import DIRECTORY, FILE, Attributes, Entry, Tree
from ..transport.base import Rename, Transfer
from .contents import Contents, PlainForm
from .deliveries import Delivered, Deliveries
from .drop_box import DropBox, equal
from .feature import RunParts
from .prepare import Prepared
from .scan import Scanned
from .set_files import Contents as EmptyFiles

PER_FILE, _, PER_RUN = MARKED
TAKEN = "the source has an entry with the name of a marker"
RENAME = "Set marker to another name, or exclude the entry."
IN_THE_WAY = "the destination has a directory, or a file that is not empty, with the name of the marker"
MOVE_AWAY = "Move it away, or set marker to another name."
_EMPTY = Entry(FILE, 0, 0, 0o644)
AT_ONCE = 2000


class MarkedBox(DropBox):
    """One run on a drop box with markers."""

    def __init__(self, parts: RunParts, wanted: DropBoxRequest, form: PlainForm) -> None:
        super().__init__(parts, wanted, form)
        self._push, self._names = parts.opened.sides.push, parts.opened.names
        self._template, self._per = wanted.marker or b"", wanted.marker_for
        self._due: Dict[RelPath, Delivered] = {}
        """Of a push: proven files without a marker."""
        self._stale: Set[RelPath] = set()
        """Of a push: markers to remove before the first file gets its name."""
        self._blocked: Dict[RelPath, SyncError] = {}
        """Of a push: markers that are neither made nor removed."""
        self._needed: Set[RelPath] = set()
        """Of a push: stale markers whose files would go, so that they must not stay."""
        self._present: Set[RelPath] = set()
        """Of a pull: the markers at the source."""
        self._unmarked: AbstractSet[RelPath] = frozenset()
        """Of a pull: files that stay, and markers."""
        self._held: Optional[Set[RelPath]] = None
        self._filtered: AbstractSet[RelPath] = frozenset()

    def _marker(self, path: RelPath) -> RelPath:
        """Return the marker of a file."""
        if self._per == PER_RUN:
            return ROOT.child(self._template)
        name = path.name
        if self._opened.file and not self._push:  # It is shown under its name at the destination.
            name = self._opened.file.partition(b"/")[0]
        return path.parent.child(self._template.replace(b"{name}", name))

    def _markers(self, paths: Iterable[RelPath]) -> Set[RelPath]:
        return set(map(self._marker, paths))

    # before the plan

    def hide(self, source: Scanned, now: int) -> AbstractSet[RelPath]:
        """Leave out the files of a push whose marker is an entry of the source itself, and that entry."""
        if not self._push:
            return frozenset()
        taken = {path: marker for path, marker in self._marked(source.tree).items() if marker in source.tree}
        source.problems += [NameCollision(TAKEN, path=path, cure=RENAME) for path in sorted(set(taken.values()))]
        hidden = {path for path in (*taken, *taken.values()) if source.tree[path].kind == FILE}
        for path in hidden:
            del source.tree[path]
        return hidden

    def _marked(self, tree: Tree) -> Dict[RelPath, RelPath]:
        """Return the marker of each file."""
        return {path: self._marker(path) for path, entry in tree.items() if entry.kind == FILE}

    def settle(self, source: Scanned, contents: Contents, hidden: AbstractSet[RelPath]) -> Set[RelPath]:
        """On a pull, leave out the files without a marker too, unless they were delivered before."""
        settled = super().settle(source, contents, hidden)
        self._filtered = hidden
        if self._push:
            return settled
        marker_of = self._marked(source.tree)
        markers = set(marker_of.values())
        self._present = set(markers & marker_of.keys())
        unseen = markers - self._present
        if not (self._opened.file or self._request.sealed):
            unseen &= source.hidden | hidden
        for path, entry, error in self._opened.sides.source.look(sorted(unseen)) if unseen else ():
            if error is not None:
                contents.problems.append(error.at(path))
            elif entry is not None and entry.kind == FILE:
                self._present.add(path)
        waiting = {path for path, marker in marker_of.items() if marker not in self._present} - markers - settled
        self.stats["files_unmarked"] = len(waiting)
        self._unmarked = waiting | (markers & marker_of.keys())
        return settled | self._unmarked

    def left_alone(self, source: Scanned, destination: Scanned, now: int) -> AbstractSet[RelPath]:
        """Return the markers of files that stay at the destination of a push."""
        self._there = destination
        if not self._push:
            return frozenset()
        staying = {*self._marked(source.tree), *self._filtered, *source.hidden, *destination.hidden}
        return self._markers(staying) & destination.tree.keys()

    def adapt(self, planned: Plan) -> Plan:
        """Markers next to encrypted files are no skipped entries."""
        skipped = tuple(each for each in planned.skipped if each.path not in self._present)
        planned = super().adapt(planned)._replace(skipped=skipped)
        if not self._push:
            return planned
        gone = {each.path for each in planned.actions if each.action == REMOVE}
        stay = self._markers(path for path in self._marked(self._there.tree) if path not in gone)
        return planned._replace(actions=tuple(a for a in planned.actions if a.action != REMOVE or a.path not in stay))

    def planned(self, prepared: Prepared) -> None:
        super().planned(prepared)
        if not self._push or self._deliveries is None:
            return
        changing = {each.path: each for each in prepared.plan.actions if each.action == STORE or each.reason == KIND}
        stored = [path for path, action in changing.items() if action.action == STORE]
        if self._request.check_mode:
            self.actions = (*self.actions, *map(_making, sorted(self._markers([*stored, *self._due]))))
            return
        present, hidden = prepared.destination.tree, prepared.destination.hidden
        going = self._markers(changing)
        if self._per == PER_FILE and not self._opened.file:
            going &= present.keys() | hidden
        gone = self._files_removed(prepared)
        self._look(going | self._markers([*stored, *self._due, *gone]), prepared.destination)
        self._stale = going - self._blocked.keys()
        self._needed = going - self._markers(stored) if self._per == PER_FILE else going
        known = self._deliveries.known
        if self._per != PER_FILE:  # The whole set is announced again.
            going = self._stale & (present.keys() | hidden)
            self._due.update(
                (path, known[path]) for path in equal(prepared) if path in known and self._marker(path) in going
            )
        self._deliveries.forget([*stored, *self._due])
        self.acts_alone = bool(self._due)

    # on a push

    def _files_removed(self, prepared: Prepared) -> List[RelPath]:
        gone = [each for each in prepared.plan.others if each.action == REMOVE]
        return [each.path for each in gone if each.present is not None and each.present.kind == FILE]

    def _look(self, markers: Set[RelPath], there: Scanned) -> None:
        """Find the entries with the names of markers that are no markers, also where filters hide them."""
        found = {path: there.tree[path] for path in markers & there.tree.keys()}
        unseen = markers - found.keys()
        if not self._opened.file:
            unseen &= there.hidden
        for path, entry, error in self._opened.sides.destination.look(sorted(unseen)) if unseen else ():
            if error is not None:
                self._blocked[path] = error.at(path)
                self._outcomes.problems.append(self._blocked[path])
            elif entry is not None:
                found[path] = entry
        for path, entry in found.items():
            if entry.kind == DIRECTORY or (entry.kind == FILE and entry.size > 0):
                self._blocked[path] = KindConflict(IN_THE_WAY, path=path, cure=MOVE_AWAY)

    def _take(self, deliveries: Deliveries, fresh: Dict[RelPath, Delivered]) -> None:
        """Equal files whose content is not on record wait for their marker."""
        known = deliveries.known
        if self._push:
            self._due = {path: one for path, one in fresh.items() if not _same_content(known.get(path), one)}
        super()._take(deliveries, {path: one for path, one in fresh.items() if path not in self._due})

    def before_step(self) -> None:
        """Make the markers of files that were stored since the last call. Raises ItemError, OperationFailed."""
        if not self._push:
            super().before_step()
            return
        for done in self._opened.sides.destination.remove_files(sorted(self._stale)) if self._stale else ():
            if done.error is not None and done.path in self._needed:
                raise done.error.at(done.path)
            if done.error is not None:  # Each file is replaced by a proven file at once.
                action = _making(done.path)
                self._outcomes.fail(action, done.error)
                self.actions = (*self.actions, action)
        self._stale = set()
        self._learn()
        if self._per == PER_FILE:
            self._mark(self._due)

    def _learn(self) -> None:
        if self._prepared is not None:
            self._due.update(self._fresh_stored(self._prepared))

    def before_removals(self) -> None:
        """Make the other markers, and remove the markers of files that will be removed. Raises OperationFailed."""
        if not self._push or self._prepared is None:
            return
        self._learn()
        if self._per != PER_RUN:
            self._mark(self._due if self._per == PER_FILE else self._whole())
        there = self._prepared.destination
        first = self._markers(self._files_removed(self._prepared)) - self._blocked.keys()
        if self._per == PER_FILE:  # Neither filters nor limits are for markers.
            first = first & there.hidden | first & there.tree.keys()
        else:
            first &= {each.path for each in self._prepared.plan.others if each.action == REMOVE}
        for done in (
            self._opened.sides.destination.remove_files(sorted(first)) if first and self._outcomes.clean else ()
        ):
            if done.error is not None:  # Its file stays: no removal is made after a problem.
                self._outcomes.problems.append(done.error.at(done.path))

    def _whole(self) -> List[RelPath]:
        """Return the files of directories, or of the run, in which nothing failed."""
        outcomes = self._outcomes
        failed = [each.error.path for each in outcomes.every() if each.error is not None]
        failed += [error.path for error in outcomes.problems]
        if failed and (self._per == PER_RUN or None in failed):
            return []
        broken = {each for path in failed if path is not None for each in (path, RelPath(path).parent)}
        return [path for path in self._due if path.parent not in broken]

    def _mark(self, paths: Iterable[RelPath]) -> None:
        """Make the markers of proven files, then record the files. A marker that failed is left to the next run."""
        of: Dict[RelPath, List[RelPath]] = {}
        for path in paths:
            of.setdefault(self._marker(path), []).append(path)
        markers = sorted(marker for marker in of if not self._outcomes.failed(marker, MARK))
        for start in range(0, len(markers), AT_ONCE):
            batch = [_making(marker) for marker in markers[start : start + AT_ONCE]]
            failed = self._make([action.path for action in batch])
            made: Dict[RelPath, Delivered] = {}
            for action in batch:
                if action.path in failed:
                    self._outcomes.fail(action, failed[action.path])
                    continue
                self._outcomes.succeed(action)
                made.update((path, self._due.pop(path)) for path in of[action.path])
            self.actions = (*self.actions, *batch)
            if self._deliveries is not None:
                self._deliveries.add(made)

    def _make(self, markers: List[RelPath]) -> Dict[RelPath, SyncError]:
        """Make empty files; return errors by path."""
        sides = self._opened.sides
        failed = {path: self._blocked[path] for path in markers if path in self._blocked}
        transfers = [
            Transfer(path, path, self._names.beside(path), _EMPTY, Attributes(_EMPTY.mode, None))
            for path in markers
            if path not in failed
        ]
        stages: Dict[RelPath, RelPath] = {}
        for staged in sides.peer.upload(transfers, EmptyFiles(dict.fromkeys(markers, b""))) if transfers else ():
            if staged.error is None:
                stages[staged.transfer.path] = staged.transfer.stage
            else:
                failed[staged.transfer.path] = staged.error
        renames = [Rename(stage, path) for path, stage in stages.items()]
        for done in sides.destination.rename(renames) if renames else ():
            if done.error is None:
                self._names.release(stages[done.path])
            else:
                failed[done.path] = done.error
        return failed

    def ended(self) -> None:
        """On a push, files without a marker are not recorded."""
        if not self._push:
            super().ended()

    # after the transfer

    def finish(self) -> None:
        if self._push and self._per == PER_RUN:
            self._mark(self._whole())
        super().finish()

    def _departures(self, stored: Set[RelPath]) -> List[Remove]:
        actions = super()._departures(stored)
        if self._push and self._deliveries is not None and not self._request.check_mode:
            marked = self._deliveries.known.keys() - self._due.keys()
            return [action for action in actions if action.path in marked]
        return [action for action in actions if action.path not in self._unmarked]

    def _released(self, batch: List[Remove], departures: List[Remove]) -> List[Remove]:
        """Remove the markers of a batch at the source of a pull. A marker of several files goes if all of them go."""
        if self._push or self._prepared is None:
            return batch
        if self._held is None:
            going = {*(action.path for action in departures), *self._unmarked}
            self._held = self._markers(path for path in self._marked(self._prepared.source.tree) if path not in going)
        markers = (self._markers(action.path for action in batch) & self._present) - self._held
        removed = self._opened.sides.source.remove_files(sorted(markers)) if markers else ()
        failed = {done.path: done.error for done in removed}
        for action in batch:
            error = failed.get(self._marker(action.path))
            if error is not None:
                self._outcomes.fail(action, error)
        return [action for action in batch if failed.get(self._marker(action.path)) is None]


def _making(marker: RelPath) -> Write:
    return Write(marker, MARK, DELIVERED, _EMPTY, None)


def _same_content(known: Optional[Delivered], one: Delivered) -> bool:
    return known is not None and (known.size, known.digest) == (one.size, one.digest)
