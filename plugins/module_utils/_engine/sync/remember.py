# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remember: after a run, record the known digests of both sides."""

from __future__ import annotations

from itertools import chain
from typing import Any, Callable, Iterable, Iterator, List, MutableMapping, NamedTuple, Optional, Set, cast

from ..errors import SyncError
from ..integrity.digest import UnusableManifest
from ..model import plan
from ..model.plan import Write
from ..model.relpath import RelPath
from ..model.report import PROVEN_BY_DELTA
from ..model.request import SIZE_MTIME
from ..model.tree import FILE, Attributes, Digests, Entry, Stamps, Tree, by_directory
from ..transport.base import Transport
from .contents import Contents
from .outcomes import Outcomes, ProvenFiles
from .prepare import Prepared
from .record import DELTA, LOCAL, PEER, Record, unsettled, unsettled_stamps
from .roots import Opened

_STORED = (plan.STORE, *plan.RELOCATIONS)


def remember(
    record: Record,
    opened: Opened,
    prepared: Prepared,
    outcomes: Outcomes,
    *,
    compare: str,
    clock_ahead: int,
    peer: bool = True,
) -> None:
    """Write both manifests, after a run that changed or learned anything.

    clock_ahead: nanoseconds that the destination's clock is ahead of this host's, as far as known
    peer: whether the digests of the peer's files are written
    """
    contents, stored = prepared.contents, outcomes.stored
    push = opened.sides.push
    after = tree_after(prepared.destination.tree, outcomes)
    look_up_mtimes(opened.sides.destination, after, outcomes)
    at_source, at_destination = contents.source, contents.destination
    before = _local_stamps(opened, prepared)
    if compare == SIZE_MTIME:
        at_source = record.digests(LOCAL if push else PEER, prepared.source.tree, before if push else None)
        at_destination = record.digests(PEER if push else LOCAL, after, None if push else before)
    source_digests = DigestsAfter(at_source, stored, source=True)
    _drop(source_digests, _changed(stored, prepared.source.tree))
    ends = [
        _End(prepared.source.tree, source_digests, prepared.started),
        _End(after, DigestsAfter(at_destination, stored, source=False), prepared.started + clock_ahead),
    ]
    local, far = ends if push else ends[::-1]
    _keep_settled(far, _fresh(contents, stored))
    if before is None:
        _keep_settled(local, _fresh(contents, stored))
    else:
        # The content of files stored here is known, and the stamp was taken right after storing.
        hashed = (path for path in _fresh(contents, stored) if path not in outcomes.stamps or path not in stored)
        # A record looks up the files of a directory fast in a row.
        _keep_unchanged(local, by_directory(hashed), before)
    record.save_tree(LOCAL, local.tree, local.digests, None if before is None else _newest(outcomes.stamps, before))
    if peer:
        _keep_delta_proofs(record, contents, outcomes, far.digests)
        record.save_tree(PEER, far.tree, far.digests)


def _fresh(contents: Contents, stored: ProvenFiles) -> Iterator[RelPath]:
    """Return the files whose content was learned in this run."""
    return chain((path for path in contents.compared if path not in stored), stored)


def _changed(stored: ProvenFiles, source: Tree) -> List[RelPath]:
    """Return the stored files that had changed since they were listed."""
    return [path for path, size in stored.other_sizes() if size != source[path].size]


def _keep_delta_proofs(record: Record, contents: Contents, outcomes: Outcomes, known: Digests) -> None:
    """Record which digests rest on copies, before the digests themselves."""
    if PROVEN_BY_DELTA not in outcomes.stored.by_proof() and not record.has_text(DELTA):
        return
    from .changed_blocks import proofs_after, save  # pylint: disable=import-outside-toplevel

    try:
        save(record, proofs_after(record, known, contents, outcomes.stored))
    except (OSError, UnusableManifest):
        _drop(known, [path for path, proven in outcomes.stored.items() if proven.proof == PROVEN_BY_DELTA])


def _newest(after: Stamps, before: Stamps) -> Callable[[bytes], Optional[bytes]]:
    """Return the look-up of the stamps that files on this host have now."""
    return lambda path: after.get(path) or before.get(path)


class _End(NamedTuple):
    """The tree and digests of one side. now: its clock when the run began to scan, nanoseconds."""

    tree: Tree
    digests: Digests
    now: int


def _local_stamps(opened: Opened, prepared: Prepared) -> Optional[Stamps]:
    """Return the stamps that the files on this host had when they were listed; None if those do not count."""
    scanned = prepared.source if opened.sides.push else prepared.destination
    return scanned.stamps if opened.sides.local.stamped else None


def tree_after(before: Tree, outcomes: Outcomes) -> Tree:
    """Return the destination's tree after the outcomes; mtime 0 if the server chose the mtime."""
    tree = dict(before)
    for path in outcomes.gone:
        tree.pop(path, None)
    for (path, kind), outcome in outcomes.by_item.items():
        if outcome.error is None and kind == plan.REMOVE:
            tree.pop(path, None)
        elif outcome.error is None and kind == plan.MOVE and isinstance(outcome.action, Write):
            tree.pop(outcome.action.origin or path, None)
    for path in outcomes.stored.as_planned():
        action = outcomes.stored.write(path)
        tree[path] = _made(action, None, action.wanted.size)
    for (path, kind), outcome in outcomes.by_item.items():
        if not path or path.name == b".." or kind in plan.MORE_ACTIONS:
            continue  # In no tree: the root, its parents, published files, entries that leave the source or the trash.
        if outcome.error is None and isinstance(outcome.action, Write):
            proven = outcomes.stored.get(path)
            tree[path] = _made(outcome.action, tree.get(path), None if proven is None else proven.staged.size)
        elif outcome.error is not None:
            tree.pop(path, None)
    return tree


def _made(action: Write, before: Optional[Entry], stored: Optional[int]) -> Entry:
    """Return the entry after an action. stored: the size of a stored file."""
    attributes: Attributes = action.attributes
    changed = before if action.action == plan.SET_ATTRIBUTES or action.respells else None
    base = action.wanted if changed is None else changed
    size = base.size if stored is None else stored
    mode = base.mode if attributes.mode is None else attributes.mode
    otherwise = 0 if changed is None else changed.mtime
    mtime = otherwise if attributes.mtime is None else attributes.mtime
    made = Entry(base.kind, size, mtime, mode, base.target)
    return base if made == base else made


def look_up_mtimes(destination: Transport, after: Tree, outcomes: Outcomes) -> None:
    """Learn the mtimes that the destination itself gave to new files."""
    others = (path for path, kind in outcomes.by_item if kind in _STORED)
    stored = chain(outcomes.stored.as_planned(), others)
    unknown = list(dict.fromkeys(path for path in stored if path in after and after[path].mtime == 0))
    try:
        for path, entry, _error in destination.look(unknown) if unknown else ():
            if entry is not None and entry.kind == FILE:
                after[path] = entry
    except SyncError:
        pass  # An mtime of 1970 matches nothing: those files are hashed again.


def _keep_settled(end: _End, hashed: Iterable[RelPath]) -> None:
    """Drop files that were hashed in this run and could change again with the same mtime."""
    _drop(end.digests, unsettled(end.tree, hashed, end.now))


def _keep_unchanged(end: _End, hashed: Iterable[RelPath], stamps: Stamps) -> None:
    """Drop files that were hashed in this run and could have changed since with the same stamp."""
    _drop(end.digests, unsettled_stamps(stamps, hashed, end.now))


def _drop(digests: Digests, paths: Iterable[RelPath]) -> None:
    for path in paths:
        if path in digests:
            del digests[path]


class DigestsAfter(MutableMapping[bytes, bytes]):
    """The digests of one side after a run, of stored files and of files that were known before. None is copied.

    before: stays as it is. A stored file whose digest at this side is not known has none.
    """

    def __init__(self, before: Digests, stored: ProvenFiles, *, source: bool) -> None:
        self._before = before
        self._stored = stored
        self._source = source
        self._gone: Set[bytes] = set()

    def get(self, key: bytes, default: Any = None) -> Any:
        """Return the digest of a file; `default` if it is not known."""
        if key in self._gone:
            return default
        if key in self._stored:
            digest = self._stored.digest(key, source=self._source)  # type: ignore[arg-type]
            return default if digest is None else digest
        return self._before.get(key, default)

    def __getitem__(self, path: bytes) -> bytes:
        digest: Optional[bytes] = self.get(path)
        if digest is None:
            raise KeyError(path)
        return digest

    def __contains__(self, path: object) -> bool:
        return self.get(cast("bytes", path)) is not None

    def __setitem__(self, path: bytes, digest: bytes) -> None:
        raise NotImplementedError("digests are learned during a run")

    def __delitem__(self, path: bytes) -> None:
        if path not in self:
            raise KeyError(path)
        self._gone.add(path)

    def __iter__(self) -> Iterator[bytes]:
        yield from (path for path in self._stored if path in self)
        yield from (path for path in self._before if path not in self._stored and path not in self._gone)

    def __len__(self) -> int:
        return sum(1 for _path in self)
