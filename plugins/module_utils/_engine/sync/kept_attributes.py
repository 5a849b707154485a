# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""KeptAttributes: destinations that acknowledge modification times or modes and do not keep them.

Some entries are checked after the work of a run; if one differs from the set value, a file or directory of the run
itself is tested. Attributes that the destination does not keep are no longer compared there, since they would always
differ, and the run reports it. The next runs know it from the state directory, so that check mode predicts them; each
real run tests again.

KnownAbilities: capabilities of a peer that show only once something was written there, recorded between runs. Check
mode takes them from the last run that wrote.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Dict, Iterable, NamedTuple, Optional, Set, Tuple

from ..errors import ItemError, SyncError
from ..model import plan
from ..model.plan import Write
from ..model.relpath import RelPath
from ..model.request import SyncRequest
from ..model.tree import DIRECTORY, FILE, PERMISSION_BITS, Attributes, Entry
from ..planning.compare import representable
from ..transport.base import Capabilities
from .outcomes import Outcomes
from .record import LOCAL, PEER, UNKEPT, Record
from .roots import Opened

if TYPE_CHECKING:
    from .prepare import Prepared

UNKNOWN_DIRECTORY_TIMES = (
    "whether the server keeps the mtimes of directories shows once a run writes there: this check does not compare them"
)
_SIDE = PEER + "-abilities"
_NAMES = ("stores_mtime", "stores_mode", "directory_mtime")
_FILES = {
    b"%s.%s" % (name.encode(), words): (name, able)
    for name in _NAMES
    for words, able in ((b"yes", True), (b"no", False))
}
"""How each is recorded."""

SAMPLE = 16
"""Directories in which a new entry of each kind is looked at."""
MOST_LOOKED_AT = 10_000
"""Entries of which only attributes were set."""
MODE = 0o640
MTIME = 1_000_000_000 * 1_000_000_000
"""An unusual mtime for the tested file."""
NO_MTIMES = "the destination does not keep modification times: they are not compared"
NO_MODES = "the destination does not keep modes: they are not compared"
NO_DIRECTORY_MTIMES = "the destination does not keep the modification times of directories: they are not compared"
NO_DIRECTORY_MODES = "the destination does not keep the modes of directories: they are not compared"
NOT_SET = "modes or times are not set"


class Forgotten(NamedTuple):
    """The attributes that a destination does not keep."""

    mtimes: bool = False
    modes: bool = False
    directory_mtimes: bool = False
    directory_modes: bool = False


class KeptAttributes:
    """forgotten: the attributes that the destination does not keep, at first from earlier runs."""

    def __init__(self, request: SyncRequest, opened: Opened, record: Record) -> None:
        self._request = request
        self.destination = opened.sides.destination
        self._names = opened.names
        self._record = record
        # In the form of a record, and read with the same care.
        self._side = "%s-forgets" % (PEER if opened.sides.push else LOCAL)
        known = record.load(self._side)
        self.forgotten = Forgotten(*(name.encode() in known for name in Forgotten._fields))

    def probe_again(self) -> None:
        """Test whether the destination still behaves as in earlier runs."""
        self._learn(self.forgotten)

    def watch(self, outcomes: Outcomes, prepared: Prepared) -> None:
        """Check some of the set attributes. If they were not kept, actions that only set them count as skipped."""
        if self._request.in_place:  # The files may be gone by now.
            self.unjudged(outcomes, outcomes.unset)
            return
        before = self.forgotten
        try:
            asked = _sample(outcomes)
            looked = self.destination.look(list(asked)) if asked else ()
            found = {path: entry for path, entry, _error in looked if entry is not None}
            differing = [self._differs(entry, asked[path]) for path, entry in found.items()]
            self._learn(Forgotten(*map(any, zip(*differing))))
            if self.forgotten != before:
                self._withdraw(outcomes)
            lacking = [path for path, entry in found.items() if any(self.lacking(entry, asked[path]))]
            new = [path for path in lacking if (path, plan.SET_ATTRIBUTES) not in outcomes.by_item]
            kept = {path for path in new if not self._loses(path, found[path])}
            self._restamp({path.parent for path in new}, prepared)
            odd = [path for path in lacking if path not in kept]
            if odd or outcomes.unset or self._record.has_text(UNKEPT):
                from .unkept import settle  # pylint: disable=import-outside-toplevel

                settle(self, self._request, self._record, prepared, outcomes, odd)
        except SyncError:
            self.unjudged(outcomes, outcomes.unset)  # Everything was done before.

    def unjudged(self, outcomes: Outcomes, paths: Iterable[RelPath]) -> None:
        """Report refused attributes of entries that cannot be looked at."""
        for path in paths:
            outcomes.note_first(NOT_SET, outcomes.unset[path])
            if self._request.demands_mode:
                outcomes.problems.append(outcomes.unset[path].at(path, cure="Leave preserve_mode out."))

    def tell(self, outcomes: Outcomes) -> None:
        """Note the attributes that are not compared."""
        forgotten, request = self.forgotten, self._request
        if request.preserve_mtime and (forgotten.mtimes or forgotten.directory_mtimes):
            outcomes.note(NO_MTIMES if forgotten.mtimes else NO_DIRECTORY_MTIMES)
        if request.preserve_mode and (forgotten.modes or forgotten.directory_modes):
            outcomes.note(NO_MODES if forgotten.modes else NO_DIRECTORY_MODES)

    def lacking(self, entry: Entry, asked: Attributes) -> Forgotten:
        """Return the attributes that an entry does not have, although the destination keeps them elsewhere."""
        pairs = zip(self._differs(entry, asked), self.forgotten)
        return Forgotten(*(differs and not forgets for differs, forgets in pairs))

    def in_vain(self, action: Write, now: Entry) -> bool:
        """Return whether an action has corrected nothing that the entry lacked before."""
        if action.present is None:
            return False
        before, after = (self.lacking(entry, action.attributes) for entry in (action.present, now))
        return not any(lacked and not lacks for lacked, lacks in zip(before, after))

    def _differs(self, entry: Entry, asked: Attributes) -> Forgotten:
        able = self.destination.capabilities
        timed = able.stores_mtime and (able.directory_mtime or entry.kind != DIRECTORY)
        mtimes = (
            timed and asked.mtime is not None and representable(entry.mtime, able) != representable(asked.mtime, able)
        )
        modes = able.stores_mode and asked.mode is not None and asked.mode != entry.mode & PERMISSION_BITS
        return Forgotten(False, False, mtimes, modes) if entry.kind == DIRECTORY else Forgotten(mtimes, modes)

    def _loses(self, path: RelPath, entry: Entry) -> bool:
        """Return whether an entry of the run in the same directory loses what the destination keeps elsewhere."""
        found = self._test(self._names.beside(path), directory=entry.kind == DIRECTORY)
        return found is not None and any(loses and not known for loses, known in zip(found, self.forgotten))

    def _restamp(self, directories: Set[RelPath], prepared: Prepared) -> None:
        """Set the mtimes of directories in which something was tested."""
        of = prepared.source.tree
        changes = [(path, Attributes(None, of[path].mtime)) for path in sorted(directories, reverse=True) if path in of]
        if changes and self._request.preserve_mtime:
            list(self.destination.set_attributes(changes))

    def _test(self, path: RelPath, *, directory: bool) -> Optional[Forgotten]:
        """Test whether mtime and mode of a file or directory are kept; None if they cannot be set at all."""
        side, asked = self.destination, Attributes(0o710 if directory else MODE, MTIME)
        try:
            made = next(iter(side.make_directories([path]))) if directory else side.create_file(path, b"")
            done = next(iter(side.set_attributes([(path, asked)])))
            entry = None if done.error or (made and made.error) else side.entry_at(path)
        except ItemError:
            entry = None
        remove = side.remove_directories if directory else side.remove_files
        self._names.released(remove([path]))
        return None if entry is None else self._differs(entry, asked)

    def _learn(self, suspected: Forgotten) -> None:
        """Test the kinds of entries that are suspected to lose attributes."""
        file = self._test(self._names.in_root(), directory=False) if suspected.mtimes or suspected.modes else None
        suspect = (suspected.directory_mtimes, suspected.directory_modes)
        directory = self._test(self._names.in_root(), directory=True) if any(suspect) else None
        found = Forgotten(
            *(self.forgotten if file is None else file)[:2], *(self.forgotten if directory is None else directory)[2:]
        )
        if found == self.forgotten:
            return
        self.forgotten = found
        self._record.save(self._side, [name.encode() for name, forgets in zip(Forgotten._fields, found) if forgets])

    def _withdraw(self, outcomes: Outcomes) -> None:
        for outcome in outcomes.every():
            action = outcome.action
            if outcome.error is not None or not isinstance(action, Write):
                continue
            before = action.present
            if action.action == plan.SET_ATTRIBUTES and before and not any(self.lacking(before, action.attributes)):
                outcomes.withdraw(action, NO_MTIMES if self.forgotten.mtimes else NO_MODES)
            elif self.forgotten.mtimes:
                outcomes.forget_mtime(action)


def _sample(outcomes: Outcomes) -> Dict[RelPath, Attributes]:
    """Return the attributes of entries of which nothing else was set, and of one new entry of each kind in some
    directories."""
    asked: Dict[RelPath, Attributes] = {}
    new: Dict[Tuple[str, bytes], Write | RelPath] = {
        (FILE, path.rpartition(b"/")[0]): path for path in outcomes.stored.as_planned()
    }
    for (path, kind), outcome in outcomes.by_item.items():
        action = outcome.action
        if outcome.error or not isinstance(action, Write) or kind in plan.MORE_ACTIONS or path.name in (b"", b".."):
            continue  # In no tree.
        if kind == plan.SET_ATTRIBUTES and len(asked) < MOST_LOOKED_AT:
            asked[path] = action.attributes
        elif action.wanted.kind in (FILE, DIRECTORY):
            new[action.wanted.kind, path.rpartition(b"/")[0]] = action
    for each in islice(new.values(), 0, None, len(new) // (2 * SAMPLE) + 1):
        action = each if isinstance(each, Write) else outcomes.stored.write(each)
        asked[action.path] = action.attributes
    return asked


class KnownAbilities:
    """Those that were found out by earlier runs on one pair of trees."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._known = dict(_FILES[path] for path in record.load(_SIDE) if path in _FILES)

    def foreseen(self, announced: Capabilities) -> Capabilities:
        """Return the capabilities that a run would find; `announced`: as they are before anything is written."""
        known: Dict[str, Any] = {
            name: able for name, able in self._known.items() if getattr(announced, name) is not False
        }
        return announced._replace(**known)

    def learn(self, announced: Capabilities, found: Capabilities) -> Capabilities:
        """Record the differences between the two, and return `found`."""
        values: Dict[str, Optional[bool]] = {name: getattr(found, name) for name in _NAMES}
        learned = {name: able for name, able in values.items() if able is not None and able != getattr(announced, name)}
        if learned != self._known:
            self._record.save(_SIDE, [path for path, (name, able) in _FILES.items() if learned.get(name) is able])
        return found
