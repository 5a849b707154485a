# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""KeptAttributes: destinations that acknowledge modification times or modes and do not keep them.

Some entries are checked after the work of a run; if one differs from the set value, a file or directory of the run
itself is tested. Attributes that the destination does not keep are no longer compared there, since they would always
differ, and the run reports it. The next runs know it from the state directory, so that check mode predicts them; each
real run tests again.
"""

from __future__ import annotations

import hashlib
from itertools import islice
from typing import Dict, Iterator, NamedTuple, Optional, Tuple

from ..errors import ItemError, SyncError
from ..model import plan
from ..model.plan import Write
from ..model.relpath import RelPath
from ..model.request import SyncRequest
from ..model.tree import DIRECTORY, FILE, PERMISSION_BITS, Attributes, Entry, Tree
from ..planning.compare import representable
from .outcomes import Outcomes
from .record import LOCAL, PEER, Record
from .roots import Opened

SAMPLE = 8
MODE = 0o640
MTIME = 1_000_000_000 * 1_000_000_000
"""An unusual mtime for the tested file."""
NO_MTIMES = "the destination does not keep modification times: they are not compared"
NO_MODES = "the destination does not keep modes: they are not compared"
NO_DIRECTORY_MTIMES = "the destination does not keep the modification times of directories: they are not compared"
NO_DIRECTORY_MODES = "the destination does not keep the modes of directories: they are not compared"
_EMPTY = hashlib.sha256(b"").digest()


class Forgotten(NamedTuple):
    """The attributes that a destination does not keep."""

    mtimes: bool = False
    modes: bool = False
    directory_mtimes: bool = False
    directory_modes: bool = False


_FILES: Tree = {RelPath(name.encode()): Entry(FILE, 0, MTIME, MODE) for name in Forgotten._fields}
"""The form of the record: empty files of these names."""


class KeptAttributes:
    """forgotten: the attributes that the destination does not keep, at first from earlier runs."""

    def __init__(self, request: SyncRequest, opened: Opened, record: Record) -> None:
        self._request = request
        self._destination = opened.sides.destination
        self._names = opened.names
        self._record = record
        # In the form of a record, and read with the same care.
        self._side = "%s-forgets" % (PEER if opened.sides.push else LOCAL)
        known = dict(record.load(self._side))
        self.forgotten = Forgotten(*(name.encode() in known for name in Forgotten._fields))

    def probe_again(self) -> None:
        """Test whether the destination still behaves as in earlier runs."""
        self._learn(self.forgotten)

    def watch(self, outcomes: Outcomes) -> None:
        """Check some of the set attributes. If they were not kept, actions that only set them count as skipped."""
        before = self.forgotten
        try:
            self._learn(self._suspicious(outcomes))
        except SyncError:
            return  # Everything was done before.
        if self.forgotten != before:
            self._withdraw(outcomes)

    def tell(self, outcomes: Outcomes) -> None:
        """Note the attributes that are not compared."""
        forgotten, request = self.forgotten, self._request
        if request.preserve_mtime and (forgotten.mtimes or forgotten.directory_mtimes):
            outcomes.note(NO_MTIMES if forgotten.mtimes else NO_DIRECTORY_MTIMES)
        if request.preserve_mode and (forgotten.modes or forgotten.directory_modes):
            outcomes.note(NO_MODES if forgotten.modes else NO_DIRECTORY_MODES)

    def _suspicious(self, outcomes: Outcomes) -> Forgotten:
        asked: Dict[RelPath, Attributes] = {}
        for kind in (FILE, DIRECTORY):
            asked.update(islice(_set(outcomes, kind), SAMPLE))
        looked = self._destination.look(list(asked)) if asked else ()
        found = [self._differs(entry, asked[path]) for path, entry, _error in looked if entry is not None]
        return Forgotten(*map(any, zip(*found)))

    def _differs(self, entry: Entry, asked: Attributes) -> Forgotten:
        able = self._destination.capabilities
        timed = able.stores_mtime and (able.directory_mtime or entry.kind != DIRECTORY)
        mtimes = (
            timed and asked.mtime is not None and representable(entry.mtime, able) != representable(asked.mtime, able)
        )
        modes = able.stores_mode and asked.mode is not None and asked.mode != entry.mode & PERMISSION_BITS
        return Forgotten(False, False, mtimes, modes) if entry.kind == DIRECTORY else Forgotten(mtimes, modes)

    def _test(self, *, directory: bool) -> Optional[Forgotten]:
        """Test whether mtime and mode of a file or directory are kept; None if they cannot be set at all."""
        side, path, asked = self._destination, self._names.in_root(), Attributes(0o710 if directory else MODE, MTIME)
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
        file = self._test(directory=False) if suspected.mtimes or suspected.modes else None
        suspect = (suspected.directory_mtimes, suspected.directory_modes)
        directory = self._test(directory=True) if any(suspect) else None
        found = Forgotten(
            *(self.forgotten if file is None else file)[:2], *(self.forgotten if directory is None else directory)[2:]
        )
        if found == self.forgotten:
            return
        self.forgotten = found
        names = [name for name, forgets in zip(_FILES, found) if forgets]
        self._record.save(self._side, {name: _FILES[name] for name in names}, dict.fromkeys(names, _EMPTY))

    def _withdraw(self, outcomes: Outcomes) -> None:
        for outcome in outcomes.every():
            action = outcome.action
            if outcome.error is not None or not isinstance(action, Write):
                continue
            if action.action == plan.SET_ATTRIBUTES and self._in_vain(action.present, action.attributes):
                outcomes.withdraw(action, NO_MTIMES if self.forgotten.mtimes else NO_MODES)
            elif self.forgotten.mtimes:
                # The record must match the stored entries.
                kept = action.attributes._replace(mtime=None)
                changed = outcome._replace(action=action._replace(attributes=kept))
                outcomes.by_item[action.path, action.action] = changed

    def _in_vain(self, before: Optional[Entry], asked: Attributes) -> bool:
        if before is None:
            return False
        differs = self._differs(before, asked)
        return not any(was and not forgets for was, forgets in zip(differs, self.forgotten))


def _set(outcomes: Outcomes, kind: str) -> Iterator[Tuple[RelPath, Attributes]]:
    for outcome in outcomes.every():
        action = outcome.action
        if outcome.error is None and isinstance(action, Write) and action.path and action.wanted.kind == kind:
            yield action.path, action.attributes
