# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remember: after a run, record the known digests of both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Dict, Iterable, NamedTuple, Optional, Set, Tuple

from ..errors import SyncError
from ..integrity.digest import UnusableManifest
from ..model import plan
from ..model.paired_digests import by_directory
from ..model.plan import Write
from ..model.relpath import RelPath
from ..model.report import PROVEN_BY_DELTA, Outcome
from ..model.request import SIZE_MTIME
from ..model.tree import FILE, Attributes, Digests, Entry, Stamps, Tree
from ..transport.base import Transport
from .contents import Contents
from .outcomes import Outcomes
from .prepare import Prepared
from .record import DELTA, LOCAL, PEER, Record, settled, settled_stamps
from .roots import Opened

if TYPE_CHECKING:
    from .proof import Proven

__all__ = ["look_up_mtimes", "remember", "tree_after"]

_STORED = (plan.STORE, *plan.RELOCATIONS)


def remember(
    record: Record, opened: Opened, prepared: Prepared, outcomes: Outcomes, *, compare: str, clock_ahead: int
) -> None:
    """Write both manifests, after a run that changed or learned anything.

    clock_ahead: nanoseconds that the destination's clock is ahead of this host's, as far as known.
    """
    contents = prepared.contents
    push = opened.sides.push
    after = tree_after(prepared.destination.tree, outcomes)
    look_up_mtimes(opened.sides.destination, after, outcomes.by_item)
    source_digests, destination_digests = contents.copies()
    before = _local_stamps(opened, prepared)
    if compare == SIZE_MTIME:
        source_digests = record.digests(LOCAL if push else PEER, prepared.source.tree, before if push else None)
        destination_digests = record.digests(PEER if push else LOCAL, after, None if push else before)
    _take_stored(outcomes.stored, prepared.source.tree, source_digests, destination_digests)
    fresh = contents.compared | set(outcomes.stored)
    ends = [
        _End(prepared.source.tree, source_digests, prepared.started),
        _End(after, destination_digests, prepared.started + clock_ahead),
    ]
    local, peer = ends if push else ends[::-1]
    _keep_settled(peer, fresh)
    if before is None:
        _keep_settled(local, fresh)
    else:
        # The content of files stored here is known, and the stamp was taken right after storing.
        _keep_unchanged(local, fresh - set(outcomes.stamps).intersection(outcomes.stored), before)
    record.save_tree(LOCAL, local.tree, local.digests, None if before is None else _newest(outcomes.stamps, before))
    if prepared.source.listed is None:  # The word of a signer is not a proof of the peer's files.
        _keep_delta_proofs(record, contents, outcomes, peer.digests)
        record.save_tree(PEER, peer.tree, peer.digests)


def _keep_delta_proofs(record: Record, contents: Contents, outcomes: Outcomes, known: Digests) -> None:
    """Record which digests rest on copies, before the digests themselves."""
    fresh = [path for path, proven in outcomes.stored.items() if proven.proof == PROVEN_BY_DELTA]
    if not fresh and not record.has_text(DELTA):
        return
    from .delta_proofs import proofs_after, save  # pylint: disable=import-outside-toplevel

    try:
        save(record, proofs_after(record, known, contents, outcomes.stored))
    except (OSError, UnusableManifest):
        _drop(known, fresh)


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
    for (path, kind), outcome in outcomes.by_item.items():
        if not path or kind in plan.MORE_ACTIONS:
            continue  # The root itself is in no tree, and no entry of the tree is published or leaves the source.
        if outcome.error is None and isinstance(outcome.action, Write):
            tree[path] = _made(outcome.action, tree.get(path), outcomes.stored.get(path))
        elif outcome.error is not None:
            tree.pop(path, None)
    return tree


def _made(action: Write, before: Optional[Entry], proven: Optional[Proven]) -> Entry:
    attributes: Attributes = action.attributes
    changed = before if action.action == plan.SET_ATTRIBUTES else None
    base = action.wanted if changed is None else changed
    size = base.size if proven is None else proven.staged.size
    mode = base.mode if attributes.mode is None else attributes.mode
    otherwise = 0 if changed is None else changed.mtime
    mtime = otherwise if attributes.mtime is None else attributes.mtime
    made = Entry(base.kind, size, mtime, mode, base.target)
    return base if made == base else made


def look_up_mtimes(destination: Transport, after: Tree, outcomes: Dict[Tuple[RelPath, str], Outcome]) -> None:
    """Learn the mtimes that the destination itself gave to new files."""
    unknown = [path for path, kind in outcomes if kind in _STORED and path in after and after[path].mtime == 0]
    try:
        for path, entry, _error in destination.look(unknown) if unknown else ():
            if entry is not None and entry.kind == FILE:
                after[path] = entry
    except SyncError:
        pass  # An mtime of 1970 matches nothing: those files are hashed again.


def _take_stored(
    stored: Dict[RelPath, Proven], source: Tree, source_digests: Digests, destination_digests: Digests
) -> None:
    for path, proven in stored.items():
        for digests, digest in ((source_digests, proven.source), (destination_digests, proven.destination)):
            if digest is None:
                _drop(digests, [path])
            else:
                digests[path] = digest
        if proven.staged.size != source[path].size:
            _drop(source_digests, [path])  # It had changed since it was listed.


def _keep_settled(end: _End, fresh: Set[RelPath]) -> None:
    """Drop files that were hashed in this run and could change again with the same mtime."""
    _drop(end.digests, fresh - set(settled(end.tree, fresh, end.now)))


def _keep_unchanged(end: _End, fresh: Set[RelPath], stamps: Stamps) -> None:
    """Drop files that were hashed in this run and could have changed since with the same stamp."""
    # A record looks up the files of a directory fast in a row.
    _drop(end.digests, fresh - set(settled_stamps(stamps, by_directory(fresh), end.now)))


def _drop(digests: Digests, paths: Iterable[RelPath]) -> None:
    for path in paths:
        if path in digests:
            del digests[path]
