# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Partials: the temporary files of large files stay when a run breaks off, and the next run continues them.

A record in `state_dir` has a line for each such file: its name, the name of its temporary file, size and times of the
source, how many bytes are known to be there, and when it began. It is written before the first byte and then once a
second, so that a killed run leaves it too; but never in more than a twentieth of the time.

Only a run that holds the lock continues a file, and only if the source is as it was recorded. A run that stood still
may have lost its lock, and have the file open: a file in `state_dir` is locked (flock(2)) as long as a run lives, and a
run that finds it locked continues and leaves no file. The bytes on this host are read and hashed again; those at the
server are not: the whole file is proven at its end like any other. A file that is not proven is transferred once more
from its first byte.

The names end in ".part", so that another task with the same destination does not remove them, unless they are old.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Callable, Dict, NamedTuple, Optional, Set, Tuple

from ..integrity.digest import UnusableManifest
from ..model.display import display
from ..model.plan import STORE
from ..model.relpath import RelPath
from ..model.request import PartialFiles
from ..model.tree import FILE, Entry
from ..transport.base import Kept, Transfer
from .feature import Feature, RunParts
from .prepare import Prepared
from .record import SECOND

if TYPE_CHECKING:
    from .claim import Claim

_FORM, _HELD = b"partial-2", b"partial"
"""With the version of the lines; and the file that a run holds."""
_PAUSE = 1.0
"""Seconds between two writes of the record."""
_SHARE = 20
"""So many times as long as it was written, it is not written again: thousands of files may begin in a second."""


class _Left(NamedTuple):
    """A line of the record.

    source: size, mtime, and change time with inode, of the source; the last is empty where there is none
    offset: bytes that are known to be in `stage`
    begun: seconds since 1970
    mark: see Kept
    """

    stage: RelPath
    source: Tuple[int, int, bytes]
    offset: int
    begun: int
    mark: Optional[Tuple[int, int]] = None


class Partial(Kept):
    """See Kept."""

    def __init__(self, partials: Partials, left: _Left) -> None:
        super().__init__(left.offset, left.mark)
        self._partials = partials
        self.left = left

    def reached(self, size: int) -> None:
        self.left = self.left._replace(offset=size)
        self._partials.save(at_once=False)

    def marked(self, mark: Optional[Tuple[int, int]]) -> None:
        self.left = self.left._replace(mark=mark)

    def start_over(self) -> None:
        super().start_over()
        self.left = self.left._replace(offset=0, mark=None)
        self._partials.save()

    def moved(self, stage: RelPath) -> RelPath:
        self.left = self.left._replace(stage=self._partials.names.lasting(stage))
        self.start_over()
        return self.left.stage


class Partials(Feature):
    """The partial files of one run."""

    def __init__(self, parts: RunParts, wanted: PartialFiles) -> None:
        super().__init__()
        self._wanted = wanted
        self._record = parts.record
        self._sides, self.names = parts.opened.sides, parts.opened.names
        self._outcomes = parts.outcomes
        self._files: Dict[RelPath, Partial] = {}
        self._begun: Set[RelPath] = set()
        """The files whose transfer began in this run."""
        self._recorded: Dict[RelPath, _Left] = {}
        self._saving = threading.Lock()
        self._saved = self._took = 0.0
        self._fails = False
        self._release: Callable[[], None] = super().close

    # before the transfer

    def begin(self, claim: Optional[Claim]) -> None:
        if claim is not None:
            try:
                self._release = self._record.hold(_HELD)
            except BlockingIOError:
                self._fail("another run of this task has not ended")
            except (OSError, UnusableManifest) as error:
                self._fail(error)

    def planned(self, prepared: Prepared) -> None:
        """Find the files that this run continues, and note them. Their temporary files are no leftovers."""
        recorded = self._recorded = self._load()
        self._files = {path: Partial(self, left) for path, left in self._usable(recorded, prepared).items()}
        for path, one in self._files.items():
            size = one.left.source[0]
            self._outcomes.note(f"{display(path)} continues at {one.offset} of {size} bytes, where a run broke off")
        mine = {left.stage for left in recorded.values()}
        used = {one.left.stage for one in self._files.values()}
        oldest = prepared.started - self._wanted.max_age * SECOND
        present = prepared.destination.stages
        prepared.litter[:] = [
            path
            for path in prepared.litter
            if path not in used and (path in mine or not self.names.lasts(path) or present[path].mtime < oldest)
        ]

    def _usable(self, recorded: Dict[RelPath, _Left], prepared: Prepared) -> Dict[RelPath, _Left]:
        """Return the files whose source is as it was, and of which there is a part."""
        oldest = time.time() - self._wanted.max_age
        source = prepared.source.listed or prepared.source.tree
        stores, others = prepared.plan.stores, {one.path for one in prepared.plan.others if one.action == STORE}
        asked: Dict[RelPath, Tuple[RelPath, _Left]] = {}
        for path, left in recorded.items():
            entry = source.get(path)
            if entry is None or not (path in others or (stores is not None and stores.has(path))):
                continue
            whole = left.offset and left.begun > oldest and left.source == self._identity(path, entry)
            if whole and self.names.is_litter(left.stage) and left.stage.parent == path.parent:
                asked[left.stage] = path, left
        found: Dict[RelPath, _Left] = {}
        for stage, entry, _error in self._sides.destination.look(list(asked)) if asked else ():
            path, left = asked[stage]
            if entry is not None and entry.kind == FILE and 0 < entry.size <= left.source[0]:
                found[path] = left._replace(offset=min(left.offset, entry.size))
        return found

    def _identity(self, path: RelPath, entry: Entry) -> Tuple[int, int, bytes]:
        stamps = self._sides.local.stamps([path]) if self._sides.push else {}
        return entry.size, entry.mtime, stamps.get(path, b"")

    def staged(self, transfer: Transfer) -> Transfer:
        """Return the transfer of a large file with a stage that outlives the run."""
        size = transfer.entry.size
        if self._fails or size < self._wanted.min_size or (transfer.basis is not None and not self._may_last(transfer)):
            return transfer
        path, partial = transfer.path, self._files.get(transfer.path)
        if partial is None or path in self._begun:
            left = _Left(self.names.lasting(transfer.stage), self._identity(path, transfer.entry), 0, int(time.time()))
            partial = self._files[path] = Partial(self, left)
            self.save()
        else:
            self.names.release(transfer.stage)
            self.names.open.add(partial.left.stage)
        self._begun.add(path)
        basis = transfer.basis if self._sides.push else None
        return transfer._replace(stage=partial.left.stage, kept=partial, basis=basis)

    def _may_last(self, transfer: Transfer) -> bool:
        """Return whether a file that may go by blocks can be continued. On a pull, only its changed blocks move."""
        if self._sides.push:
            return transfer.basis is None or not transfer.basis.read_back
        return transfer.path in self._files

    # at the end

    def ended(self) -> None:
        """Leave the stages of files that are not stored for the next run. Of those, only stages of no use are removed
        at the end of this run."""
        if self._files or self._recorded:
            self._took = 0.0
            self.save()
        for one in self._files.values():
            if one.left.offset and not self._fails:
                self.names.release(one.left.stage)

    # the record

    def _load(self) -> Dict[RelPath, _Left]:
        try:
            return {} if self._fails else dict(map(_read, self._record.load_lines(_FORM)))
        except (UnusableManifest, ValueError):
            return {}

    def save(self, *, at_once: bool = True) -> None:
        """Write the record of the files that are not stored yet: its size does not grow with the files of a run.
        at_once: also right after the last time."""
        started = time.monotonic()
        if started < self._saved + max(self._took * _SHARE, 0.0 if at_once else _PAUSE):
            return
        with self._saving:
            lines = []
            for path, one in list(self._files.items()):
                if path in self._begun and one.left.stage not in self.names.open:
                    del self._files[path]
                else:
                    lines.append(_line(path, one.left))
            try:
                self._record.save_lines(_FORM, lines)
            except (OSError, UnusableManifest) as error:
                self._fail(error)
            self._saved = time.monotonic()
            self._took = self._saved - started

    def _fail(self, error: object) -> None:
        self._fails = True
        text = getattr(error, "strerror", None) or error
        self._outcomes.note(f"partial: nothing can be recorded in state_dir, so that no file lasts: {text}")

    def close(self) -> None:
        self._release()


def _line(path: RelPath, left: _Left) -> bytes:
    size, mtime, stamp = left.source
    numbers = b"%d %d %d %d" % (size, mtime, left.offset, left.begun) + b" %d %d" % (left.mark or (-1, 0))
    return b"%s %s %s %s" % (path.hex().encode(), left.stage.hex().encode(), stamp.hex().encode() or b"-", numbers)


def _read(line: bytes) -> Tuple[RelPath, _Left]:
    path, stage, stamp, *numbers = line.decode().split(" ")
    size, mtime, offset, begun, owner, accessed = map(int, numbers)
    mark = None if owner < 0 else (owner, accessed)
    source = (size, mtime, b"" if stamp == "-" else bytes.fromhex(stamp))
    return RelPath(bytes.fromhex(path)), _Left(RelPath(bytes.fromhex(stage)), source, offset, begun, mark)
