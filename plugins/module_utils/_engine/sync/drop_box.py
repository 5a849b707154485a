# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""DropBox: a run that moves files instead of keeping trees equal: `in_place`, `deliver_once`, `after_transfer`.

1. `begin`: the record of deliveries is locked.
2. `settle`, before the comparison: source files that were delivered before, and have the same content still, get no
   action, whether the partner has them still or not. A file that may leave the source is known by its content alone.
3. `before_step`, before each batch and at the end: stored files are added to the record, and so are files that both
   trees have with equal content.
4. `finish`: with `after_transfer`, source files that were delivered and proven leave the source. A run that is
   killed before it leaves them to the next run, which knows them from the record.

A file leaves the source only if it still is the file that was listed, and was not changed just before that.

The plan has files only. Partners take files and directories away at any time, and each removal
changes the time of a directory: a directory is made when a file in it is sent, and its attributes are left alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, AbstractSet, Callable, Dict, List, Mapping, Optional, Set, Tuple

from ..errors import KindConflict
from ..model.plan import (
    ARCHIVE_SOURCE,
    CREATE_DIRECTORY,
    DELETE_SOURCE,
    DELIVERED,
    SET_ATTRIBUTES,
    STORE,
    Action,
    Plan,
    Remove,
    Skipped,
)
from ..model.relpath import RelPath
from ..model.report import PROVEN_BY_RECORD, UNPROVEN
from ..model.request import ARCHIVE, KEEP, SIZE_MTIME, DropBoxRequest
from ..model.tree import DIRECTORY, FILE, Entry
from .contents import Contents, PlainForm
from .deliveries import Delivered, Deliveries
from .feature import Feature, RunParts
from .prepare import Prepared
from .record import Record, is_settled
from .removal import LinkMoves, Removal
from .scan import Scanned

if TYPE_CHECKING:
    from .claim import Claim
    from .store import Store, StoreParts


YOUNG = "it was delivered, but changed just before: it stays in the source until the next run"
CHANGED = "it was delivered, and changed since: it stays in the source"
AT_ONCE = 64


class DropBox(Feature):
    """One run on a drop box, which counts deliveries: no file is moved or copied there instead."""

    relocates = False

    def __init__(self, parts: RunParts, wanted: DropBoxRequest, form: PlainForm) -> None:
        super().__init__()
        self._request, self._wanted, self._opened = parts.request, wanted, parts.opened
        self.makes_others = self.checks_names = not wanted.in_place
        self._outcomes, self._archive = parts.outcomes, parts.selection.archive
        self._form = form
        self._before: AbstractSet[RelPath] = frozenset()
        self._deliveries: Optional[Deliveries] = None
        self._recorded: Set[RelPath] = set()
        self._prepared: Optional[Prepared] = None

    def begin(self, claim: Optional[Claim]) -> None:
        """Open the record of deliveries. Raises Locked, Refused, OperationFailed."""
        if not self._wanted.remembers:
            return
        opened = self._opened
        local, peer = opened.source_root, opened.destination_root
        if not opened.sides.push:
            local, peer = peer, local
        name, former = Record.of_deliveries(self._request, local_root=local, peer_root=peer, file=opened.file)
        only = RelPath(opened.file.rpartition(b"/")[2]) if opened.file else None
        self._deliveries = Deliveries(self._request.state_dir, name, former=former, only=only)
        if self._request.check_mode:
            self._deliveries.read()
        else:
            self._deliveries.claim()

    def close(self) -> None:
        if self._deliveries is not None:
            self._deliveries.close()

    def store(self, parts: StoreParts) -> Optional[Store]:
        if not self._wanted.in_place:
            return None
        from .store import InPlaceStore

        return InPlaceStore(parts)

    # before the comparison

    def arrange(self, source: Scanned, destination: Scanned, list_again: Callable[[], Scanned]) -> Scanned:
        """Partners often do not let others list a drop box."""
        if self._opened.sides.push:
            destination.unlisted = set()
        return source

    def settle(self, source: Scanned, contents: Contents, hidden: AbstractSet[RelPath]) -> Set[RelPath]:
        """Return the files of the source that were delivered before and are unchanged. Raises KindConflict."""
        self._require_archive()
        self._before = self._delivered_before(source, contents, hidden)
        self.stats["files_delivered_before"] = len(self._before)
        return self._before

    def _delivered_before(self, source: Scanned, contents: Contents, hidden: AbstractSet[RelPath]) -> Set[RelPath]:
        if self._deliveries is None:
            return set()
        known = self._deliveries.known
        self._forget_absent(source, hidden)
        if not self._wanted.skips_delivered:
            return set()
        tree = self._form.tree(source.tree)
        same_size = [path for path in known if _has_size(tree.get(path), known[path].size)]
        if self._request.compare == SIZE_MTIME and self._wanted.after_transfer == KEEP:
            return {path for path in same_size if tree[path].mtime == known[path].mtime}
        digests = self._form.digests({path: tree[path].size for path in same_size}, contents.source)
        return {path for path in same_size if digests.get(path) == known[path].digest}

    def _require_archive(self) -> None:
        """Refuse an archive that cannot take files before any file is delivered."""
        looked = () if self._archive is None else self._opened.sides.source.look([self._archive])
        for path, entry, _error in looked:
            if entry is not None and entry.kind != DIRECTORY:
                raise KindConflict(
                    "archive_dir: is not a directory",
                    path=path,
                    cure="Move it away, or set archive_dir to another directory.",
                )

    def _forget_absent(self, source: Scanned, hidden: AbstractSet[RelPath]) -> None:
        """Forget the files that left the source. Files that filters hide are still there."""
        if self._deliveries is None:
            return
        absent = [path for path in self._deliveries.known if path not in source.tree and path not in hidden]
        looked = self._opened.sides.source.look(absent) if absent and source.complete else ()
        self._deliveries.forget([path for path, entry, error in looked if entry is None and error is None])

    def adapt(self, planned: Plan) -> Plan:
        return files_only(planned)

    # deliveries

    def planned(self, prepared: Prepared) -> None:
        """Learn the plan. Equal files of both trees count as delivered."""
        self._prepared = prepared
        if self._request.check_mode:
            self.actions = self._foreseen(prepared)
        if self._deliveries is not None:
            self._take(self._deliveries, self._fresh_equal(self._deliveries.known, prepared))

    def _take(self, deliveries: Deliveries, fresh: Dict[RelPath, Delivered]) -> None:
        deliveries.add(fresh)

    def _fresh_equal(self, known: Mapping[RelPath, Delivered], prepared: Prepared) -> Dict[RelPath, Delivered]:
        """Return the equal files that are not on record."""
        digests, fresh = prepared.contents.source, {}
        for path in equal(prepared):
            entry = prepared.source.tree[path]
            one = self._delivered(path, entry, entry.size, digests[path], PROVEN_BY_RECORD)
            if one is not None and known.get(path) != one:
                fresh[path] = one
        return fresh

    def _delivered(self, path: RelPath, entry: Entry, size: int, digest: bytes, proof: str) -> Optional[Delivered]:
        """Return the record of a file that arrived with this size and digest; None if its content is not known."""
        content = self._form.content(path, size, digest)
        return None if content is None else Delivered(content[0], entry.mtime, content[1], proof)

    def before_step(self) -> None:
        """Record the files that were stored since the last call. Raises OperationFailed."""
        if self._deliveries is not None and self._prepared is not None:
            self._deliveries.add(self._fresh_stored(self._prepared))

    ended = before_step

    def _fresh_stored(self, prepared: Prepared) -> Dict[RelPath, Delivered]:
        """Return the files that were stored since the last call."""
        tree, fresh = prepared.source.tree, {}
        for path in self._outcomes.stored.keys() - self._recorded:
            proven = self._outcomes.stored[path]
            digest, size = proven.source or proven.destination, proven.staged.size
            if digest is not None and self._form.is_listed(size, tree[path]):
                one = self._delivered(path, tree[path], size, digest, proven.proof)
                if one is not None:
                    fresh[path] = one
        self._recorded.update(self._outcomes.stored)
        return fresh

    # after the transfer

    def _foreseen(self, prepared: Prepared) -> Tuple[Remove, ...]:
        """Return the files that would leave the source after a run without failures."""
        if self._wanted.after_transfer == KEEP:
            return ()
        stored = {action.path for action in prepared.plan.actions if action.action == STORE}
        return tuple(action for action in self._departures(stored) if self._is_settled(action.present))

    def finish(self) -> None:
        """Let the files that were delivered and proven leave the source."""
        if self._prepared is None or self._wanted.after_transfer == KEEP:
            return
        removal = Removal(
            self._opened.sides.source,
            self._archive,
            self._outcomes,
            LinkMoves(self._opened.sides, self._opened.names, self._outcomes),
        )
        tree, failed = self._prepared.source.tree, self._outcomes.failed
        stored = {
            path
            for path, one in self._outcomes.stored.items()
            if one.proof != UNPROVEN and self._form.is_listed(one.staged.size, tree[path]) and not failed(path, STORE)
        }
        departures = [action for action in self._departures(stored) if self._may_go(action)]
        done: List[Remove] = []
        for start in range(0, len(departures), AT_ONCE):
            wanted = departures[start : start + AT_ONCE]
            batch = self._released(self._unchanged(wanted), departures)
            removal.remove(batch)
            done += [action for action in wanted if (action.path, action.action) in self._outcomes.by_item]
            self._forget(batch)
        self.actions += tuple(done)

    def _released(self, batch: List[Remove], departures: List[Remove]) -> List[Remove]:
        """Return the part of a batch that may go now. departures: all files that leave the source."""
        return batch

    def _departures(self, stored: Set[RelPath]) -> List[Remove]:
        prepared = self._prepared
        if prepared is None:
            return []
        verb = ARCHIVE_SOURCE if self._wanted.after_transfer == ARCHIVE else DELETE_SOURCE
        going = stored | equal(prepared) | self._proven_before()
        return [Remove(path, DELIVERED, prepared.source.tree[path], verb) for path in sorted(going)]

    def _proven_before(self) -> Set[RelPath]:
        known = self._deliveries.known if self._deliveries is not None else {}
        return {path for path in self._before if path in known and known[path].proof != UNPROVEN}

    def _is_settled(self, entry: Entry) -> bool:
        return self._prepared is not None and is_settled(entry.mtime, self._prepared.started)

    def _may_go(self, action: Remove) -> bool:
        if self._is_settled(action.present):
            return True
        self._outcomes.withdrawn.append(Skipped(action.path, YOUNG))
        return False

    def _unchanged(self, actions: List[Remove]) -> List[Remove]:
        """Return the actions whose files are the files that were listed."""
        paths = [action.path for action in actions]
        looked = {path: (entry, error) for path, entry, error in self._opened.sides.source.look(paths)}
        stamps = self._opened.sides.local.stamps(paths) if self._opened.sides.push else {}
        listed = self._prepared.source.stamps if self._prepared is not None and stamps else {}
        same = []
        for action in actions:
            entry, error = looked.get(action.path, (None, None))
            if error is not None:
                self._outcomes.fail(action, error)
            elif entry is None:
                continue  # The file left the source by itself.
            elif self._is_same(entry, action.present) and stamps.get(action.path) == listed.get(action.path):
                same.append(action)
            else:
                self._outcomes.withdrawn.append(Skipped(action.path, CHANGED))
        return same

    def _is_same(self, entry: Entry, listed: Entry) -> bool:
        return entry[0] == listed[0] and entry.mtime == listed.mtime and self._form.is_listed(entry.size, listed)

    def _forget(self, actions: List[Remove]) -> None:
        gone = [(action.path, action.action) for action in actions]
        outcomes = {key: self._outcomes.by_item.get(key) for key in gone}
        if self._deliveries is not None:
            self._deliveries.forget([key[0] for key, one in outcomes.items() if one is not None and one.error is None])


def _has_size(entry: Optional[Entry], size: int) -> bool:
    return entry is not None and entry.kind == FILE and entry.size == size


def equal(prepared: Prepared) -> Set[RelPath]:
    """Return the files whose content is known and equal in both trees."""
    here, there, present = prepared.contents.source, prepared.contents.destination, prepared.destination.tree
    changing: Dict[RelPath, str] = {action.path: action.action for action in prepared.plan.actions}
    return {
        path
        for path, entry in prepared.source.tree.items()
        if entry.kind == FILE
        and changing.get(path) != STORE
        and _has_size(present.get(path), entry.size)
        and path in here
        and here[path] == there.get(path)
    }


def files_only(plan: Plan) -> Plan:
    """Return the plan without directories that hold none of its files, and without attributes of directories."""
    needed: Set[bytes] = set()
    for action in plan.actions:
        if isinstance(action, Remove) or action.wanted.kind == DIRECTORY:
            continue
        above = action.path.parent
        while above and above not in needed:
            needed.add(above)
            above = above.parent
    return plan._replace(actions=tuple(action for action in plan.actions if _stays(action, needed)), restamp=())


def _stays(action: Action, needed: Set[bytes]) -> bool:
    if isinstance(action, Remove) or action.wanted.kind != DIRECTORY:
        return True
    return action.action != SET_ATTRIBUTES and (action.action != CREATE_DIRECTORY or action.path in needed)
