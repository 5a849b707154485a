# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unkept: single entries that do not keep modes or times, at a destination where others do: those of another account,
or on a mount of another file system. The request is refused, or acknowledged without effect.

Contents do not depend on it, so it is a note, and an error of the entry only if the task demands modes. Each run tries
again; an action without an effect counts as skipped. The record lets check mode predict this, and with
`compare: size_mtime` it names the files whose mtime cannot be that of the source.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Dict, Iterator, List, NamedTuple, Tuple

from ..errors import NotSupported, SyncError
from ..integrity.digest import UnusableManifest
from ..model import plan
from ..model.display import display
from ..model.human import counted
from ..model.plan import Write
from ..model.relpath import RelPath
from ..model.request import SyncRequest
from ..model.tree import FILE, PERMISSION_BITS, Attributes, Entry, Tree
from .outcomes import Outcomes
from .record import UNKEPT, Record

if TYPE_CHECKING:
    from .kept_attributes import KeptAttributes
    from .prepare import Prepared

MOST = 100_000
"""Entries in the record."""
NOTE = "the destination does not keep modes or times of %s, the first is '%s'"
IN_VAIN = "the destination does not keep its mode or time"
NO_MODE = "preserve_mode: is set, and the destination does not keep this mode"
LEAVE_OUT = "Leave preserve_mode out, or change the owner of this entry at the destination."


class _Unkept(NamedTuple):
    """Mode and mtime of an entry at the source, and at the destination."""

    asked: Tuple[int, int]
    shown: Tuple[int, int]


def foreseen(
    request: SyncRequest, record: Record, source: Tree, destination: Tree, outcomes: Outcomes
) -> Tuple[Tree, List[SyncError]]:
    """Return the destination's tree, which shows the attributes of the source in place of those that are known not to
    be kept: in check mode, and else for mtimes of files. In check mode, also return errors of modes that are demanded.
    """
    tree, check = dict(destination), request.check_mode
    errors: List[SyncError] = []
    known = dict(_known(record, source, destination))
    for path, unkept in known.items():
        wanted, present = source[path], destination[path]
        if check or present.kind == FILE:
            tree[path] = present._replace(mode=wanted.mode if check else present.mode, mtime=wanted.mtime)
        if check and request.demands_mode and unkept.asked[0] != unkept.shown[0]:
            errors.append(NotSupported(NO_MODE, path=path, cure=LEAVE_OUT))
    if check and known:
        outcomes.note(_note(known))
    return tree, errors


def settle(
    kept: KeptAttributes,
    request: SyncRequest,
    record: Record,
    prepared: Prepared,
    outcomes: Outcomes,
    odd: List[RelPath],
) -> None:
    """Judge the entries whose attributes were refused, and those in the directories of the `odd`
    ones, which lose theirs."""
    source, unset = prepared.source.tree, outcomes.unset
    suspect, places = {*odd, *unset}, {path.parent for path in odd if path in outcomes.stored}
    actions = {path: action for path, action in _done(outcomes) if path in suspect or path.parent in places}
    asked = {path: action.attributes for path, action in actions.items()}
    for path in (unset.keys() & source.keys()) - asked.keys():  # a directory whose entries changed
        mode = source[path].mode & PERMISSION_BITS if request.preserve_mode else None
        asked[path] = Attributes(mode, source[path].mtime if request.preserve_mtime else None)
    acted = {path for path, _action in _done(outcomes)} | asked.keys()
    found = {path: one for path, one in _known(record, source, prepared.destination.tree) if path not in acted}
    for path, entry, _error in kept.destination.look(list(asked)):
        lacking = None if entry is None else kept.lacking(entry, asked[path])
        if entry is None:
            kept.unjudged(outcomes, [path] if path in unset else [])
        if entry is None or lacking is None or not any(lacking):
            continue
        found[path] = _Unkept(_pair(source.get(path, entry)), _pair(entry))
        action, modes = actions.get(path), lacking.modes or lacking.directory_modes
        if request.demands_mode and modes:
            error = unset[path].at(path, cure=LEAVE_OUT) if path in unset else NotSupported(NO_MODE, cure=LEAVE_OUT)
            outcomes.problems += [error] if action is None else []
            if action is not None:
                outcomes.gone.update([action.origin] if action.action == plan.MOVE and action.origin else ())
                outcomes.fail(action, error)
        elif action is not None and action.action == plan.SET_ATTRIBUTES and kept.in_vain(action, entry):
            outcomes.withdraw(action, IN_VAIN)
        elif action is not None and lacking.mtimes:
            outcomes.forget_mtime(action)
    with suppress(OSError, UnusableManifest):  # It costs only the prediction.
        record.save_lines(UNKEPT, [_line(path, found[path]) for path in sorted(found)[:MOST]])
    if found:
        refusal = next((f": {error.message}" for path, error in unset.items() if path in found), "")
        outcomes.note(_note(found) + refusal)


def _done(outcomes: Outcomes) -> Iterator[Tuple[RelPath, Write]]:
    for outcome in outcomes.every():
        if outcome.error is None and isinstance(outcome.action, Write):
            yield outcome.action.path, outcome.action


def _note(found: Dict[RelPath, _Unkept]) -> str:
    return NOTE % (counted(len(found), "entry", "entries"), display(min(found)))


def _pair(entry: Entry) -> Tuple[int, int]:
    return entry.mode & PERMISSION_BITS, entry.mtime


def _line(path: RelPath, unkept: _Unkept) -> bytes:
    return b"%d %d %d %d %s" % (*unkept.asked, *unkept.shown, path.hex().encode())


def _known(record: Record, source: Tree, destination: Tree) -> Iterator[Tuple[RelPath, _Unkept]]:
    """Return the entries on record that are as they were then, at both ends."""
    with suppress(UnusableManifest, ValueError):
        for line in record.load_lines(UNKEPT):
            *numbers, name = line.split(b" ")
            mode, mtime, shown_mode, shown_mtime = map(int, numbers)
            path = RelPath(bytes.fromhex(name.decode()))
            wanted, present = source.get(path), destination.get(path)
            if wanted is None or present is None or wanted.kind != present.kind or _pair(wanted) == _pair(present):
                continue
            # Times of directories are equal if a side does not report them.
            times = wanted.mtime == present.mtime or (wanted.mtime, present.mtime) == (mtime, shown_mtime)
            if times and (_pair(wanted)[0], _pair(present)[0]) == (mode, shown_mode):
                yield path, _Unkept((mode, mtime), (shown_mode, shown_mtime))
