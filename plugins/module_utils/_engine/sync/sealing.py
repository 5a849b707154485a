# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SealedRun: the sealed files of one run. On a push, files are sealed before they leave this host; on a pull, opened
before they get their names.

1. `over` shows the tree of this host as the tree of its sealed files (transport/sealed).
2. `attach` reads the pairs of earlier runs, once both roots are known.
3. `sealed_listing` adapts the two listings: on a pull, files that are not sealed are skipped.
4. `settle`, while files are stored, takes over the pairs of proven files; `save` writes them.
5. `sealed_listing` also writes and reads the encrypted index of a signed set.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import Callable, Dict, Iterator, List, Optional, Sequence

from ..integrity.digest import UnusableManifest
from ..model.relpath import RelPath
from ..model.request import SyncRequest
from ..model.tree import FILE, Digests, Tree
from ..sealing.pairs import Pair, PairBook, read_pairs, recipients_id, write_pairs
from ..sealing.provider import Opener, Sealer, open_opener, open_sealer
from ..transport.base import Digested, LocalSide
from ..transport.sealed.local import SealedLocal, SealedNames, SealedWork
from ..transport.sealed.source import Workshop
from .lock import LOCK_NAME
from .outcomes import Outcomes
from .record import Record
from .scan import Scanned
from .stage_names import StageNames

_PAIRS = b"pairs"
_SAVE_EVERY = 30.0
"""Seconds of work that a killed run loses at most."""


class SealedRun:
    """One of `encrypt` and `decrypt` of the request is set. stack: ends processes at the end of the run.

    sealer: on a push; opener: on a pull
    book: the pairs
    local: the tree of this host
    removes: whether the run removes extra files for good
    in_set: on a pull of one file under another name, its name at the server
    notes: for people
    """

    def __init__(self, request: SyncRequest, stack: ExitStack) -> None:
        self._request = request
        self.extension = request.extension
        self.sealer: Optional[Sealer] = None
        self.opener: Optional[Opener] = None
        self.book = PairBook()
        if request.encrypt is not None:
            self.sealer = open_sealer(request.encrypt)
            stack.callback(self.sealer.close)
            self.book = PairBook(recipients_id(self.sealer.recipients_digest))
        elif request.decrypt is not None:
            self.opener = open_opener(request.decrypt)
            stack.callback(self.opener.close)
        self.removes = request.delete and request.trash is None
        self.notes: List[str] = []
        self.local: Optional[SealedLocal] = None
        self._real: Dict[RelPath, RelPath] = {}
        self.in_set: Dict[RelPath, RelPath] = {}
        self._record: Optional[Record] = None
        self._saved_at = time.monotonic()
        self._unsaved = False

    def over(self, local: LocalSide) -> SealedLocal:
        """Return the tree of this host as the tree of its sealed files."""
        names = SealedNames(self.extension, self._is_own(local))
        workshop = None
        if self.sealer is not None:
            workshop = Workshop(self.sealer, self._request.state_dir, self.book.made)
        self.local = SealedLocal(local, SealedWork(names, self.book, workshop, self.opener))
        return self.local

    def _is_own(self, local: LocalSide) -> Callable[[RelPath], bool]:
        """Return the test for files of the engine. A source has its lock at most."""
        if self.sealer is not None:
            return _is_lock
        is_stage = StageNames(local.real_root(), self._request.run_id).is_litter
        return lambda path: path.name == LOCK_NAME or is_stage(path)

    def attach(self, record: Record, file: bytes) -> None:
        """Read the pairs of earlier runs. file: the real and the shown name of the only file of the run, or b""."""
        self._record = record
        if file:
            real, _slash, shown = file.partition(b"/")
            (self._real if self.sealer is not None else self.in_set)[RelPath(shown)] = RelPath(real)
        try:
            text = record.load_text(_PAIRS)
            self.book.known.update(read_pairs(text, record.about) if text else {})
        except UnusableManifest as error:
            self.notes.append(f"the pairs of sealed files are not used: {error}")

    def plain(self, path: RelPath) -> RelPath:
        """Return the name here of the content of a stored file."""
        return RelPath(self._real.get(path, path)[: -len(self.extension)])

    def contents(self, tree: Tree) -> Tree:
        """Return entries of this host with the sizes of their contents."""
        sizes = {} if self.local is None else self.local.sizes
        return {
            path: entry._replace(size=sizes.get(self._real.get(path, path), entry.size)) for path, entry in tree.items()
        }

    def content_digests(self, stored: Digests) -> Digests:
        """Return the digests of the contents of these sealed files, as far as their pairs are known."""
        pairs = ((path, self.pair_of(RelPath(path), digest)) for path, digest in stored.items())
        return {path: pair.digest for path, pair in pairs if pair is not None}

    def hash_contents(self, paths: Sequence[RelPath]) -> Iterator[Digested]:
        """Hash the contents of these files here."""
        of = {self.plain(path): path for path in paths}
        for digested in () if self.local is None else self.local.hash_contents(list(of)):
            yield digested._replace(path=of[digested.path])

    def pair_of(self, path: RelPath, stored: bytes) -> Optional[Pair]:
        return self.book.with_digest(self.plain(path), stored)

    def settle(self, outcomes: Outcomes, source: Scanned) -> None:
        """Take over the pairs of the files that are stored by now, and the sizes of their sealed forms."""
        stored = {self.plain(path): one.source or one.destination for path, one in outcomes.stored.items()}
        fresh = {plain for plain, _pair in self.book.settle(stored)}
        self._unsaved = self._unsaved or bool(fresh)
        if self.sealer is None:
            return
        for path, one in outcomes.stored.items():
            if self.plain(path) in fresh:
                source.tree[path] = source.tree[path]._replace(size=one.staged.size)

    def checkpoint(self, outcomes: Outcomes, source: Scanned) -> None:
        """Save the pairs now and then: a killed run need not seal all its files again."""
        if time.monotonic() - self._saved_at >= _SAVE_EVERY:
            self.settle(outcomes, source)
            self._write()

    def save(self, outcomes: Outcomes, source: Scanned) -> None:
        self.settle(outcomes, source)
        if source.complete and not source.vanished and self._request.limits is None:
            plains = [self.plain(path) for path, entry in source.tree.items() if entry[0] == FILE]
            self._unsaved = self.book.keep_only(plains) or self._unsaved
        self._write()

    def _write(self) -> None:
        self._saved_at = time.monotonic()
        if self._record is None or not self._unsaved:
            return
        try:
            self._record.save_text(_PAIRS, write_pairs(self.book.known, self._record.about))
            self._unsaved = False
        except (OSError, UnusableManifest) as error:
            self.notes.append(f"the pairs of sealed files could not be kept: {error}")


def _is_lock(path: RelPath) -> bool:
    return path.name == LOCK_NAME
