# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Open both sides of a run, and check their roots before anything else; with `create_parents`, find the missing
directories above the root of the destination, which Claim creates."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any, Callable, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from ..errors import AlreadyExists, ItemError, KindConflict, NotFound
from ..model.display import display
from ..model.relpath import RelPath
from ..model.request import spelled
from ..model.tree import DIRECTORY, FILE, Stamps
from ..transport.base import LocalSide, PeerTransport, Staged, Transfer, Transport
from .progress import Progress
from .scan import EarlyScan, SideScan
from .sessions import RootWords, Sessions, source_kind
from .stage_names import StageNames


class Opened(NamedTuple):
    """Both sides, ready.

    destination_missing: its root is not there
    parents: with create_parents, the missing directories above that root
    file: the names of the one file at the source and at the destination, b"" if the run is about a directory
    source_root, destination_root: canonical
    early_scan: of the side on this host, where that is a directory
    """

    sides: Sides
    names: StageNames
    destination_missing: bool
    source_root: bytes
    destination_root: bytes
    file: bytes = b""
    early_scan: Optional[EarlyScan] = None
    parents: Optional[Parents] = None

    @property
    def source_scan(self) -> Optional[SideScan]:
        """Return the part of the source's scan that has begun."""
        return self.early_scan.scan if self.early_scan is not None and self.sides.push else None

    @property
    def destination_scan(self) -> Optional[SideScan]:
        """Return the part of the destination's scan that has begun."""
        return self.early_scan.scan if self.early_scan is not None and not self.sides.push else None

    def with_what_counts(self) -> Opened:
        """Return the same, to be locked at once: without a scan of the destination that another run may have
        overtaken."""
        if self.sides.push or self.early_scan is None or self.early_scan.still_counts():
            return self
        return self._replace(early_scan=None)


def open_sides(sessions: Sessions, *, scan_of: Callable[[LocalSide], SideScan]) -> Opened:
    """Return both sides, which `sessions` has begun or begins now. `scan_of` the side on this host starts before there
    is a session.

    Raises SourceMissing, KindConflict, NotFound (the destination's parent), and the errors of the openers.
    """
    roots = (sessions.request.local_root, sessions.request.remote_root)
    source_root, destination_root = roots if sessions.push else roots[::-1]
    local, peer, kind = sessions.begin()
    source, destination = (local, peer) if sessions.push else (peer, local)
    early = None
    if not sessions.request.sealed and is_directory(local):  # Sizes of sealed files need both roots: see SealedRun.
        early = EarlyScan(local, scan_of(local))
        early.advance(peer.ready)
    if (kind or source_kind(peer, RootWords.source(sessions.request))) == FILE:
        return _single(sessions, source_root, destination_root, destination)
    words = RootWords.destination(sessions.request)
    with words.in_errors("cannot be read"):
        entry = destination.root_entry()
    if entry is not None and entry.kind != DIRECTORY:
        raise KindConflict(words.says("is not a directory, but the source is"), cure="Move it away, or correct dest.")
    parents: Optional[Parents] = None
    place: Transport = destination
    if entry is None and sessions.request.create_parents:
        place, parents = _parents(sessions, destination_root)
    elif entry is None and not sessions.push and sessions.open_local(_parent(destination_root)).root_entry() is None:
        raise words.no_parent()  # On this host a path has a canonical form whether anything is there or not.
    opened = _opened(sessions, source, place, missing=entry is None, parents=parents)
    return opened._replace(early_scan=early)


def _parents(sessions: Sessions, root: bytes) -> Tuple[Transport, Parents]:
    return missing_parents(sessions, root, RootWords.destination(sessions.request))


def is_directory(side: Transport) -> bool:
    """Return whether its root is a directory that can be read; a later step reports errors."""
    with suppress(ItemError):
        entry = side.root_entry()
        return entry is not None and entry.kind == DIRECTORY
    return False


def _single(sessions: Sessions, source_root: bytes, destination_root: bytes, destination: Transport) -> Opened:
    """Return the views of a run on one file: both roots are directories, and only that file is seen in them."""
    from .single_file import SingleFile  # pylint: disable=import-outside-toplevel

    words = RootWords.destination(sessions.request)
    with words.in_errors("cannot be read"):
        entry = destination.root_entry()
    real = shown = _shown_name(sessions, source_root, here=sessions.push)
    source = sessions.open_source(_parent(source_root))
    parents = None
    if entry is None or entry.kind == FILE:
        shown = _shown_name(sessions, destination_root, here=not sessions.push)
        destination = sessions.open_destination(_parent(destination_root))
        if destination.root_entry() is None:
            if not sessions.request.create_parents:
                raise words.no_parent()
            destination, parents = _parents(sessions, _parent(destination_root))
    elif entry.kind != DIRECTORY:
        raise KindConflict(
            words.says("is neither a directory nor a regular file"), cure="Move it away, or correct dest."
        )
    opened = _opened(sessions, source, destination, missing=parents is not None, parents=parents)
    verify = sessions.request.verify
    views = (
        SingleFile(source, shown=shown, real=real, manifests=verify and verify.path),
        SingleFile(destination, shown=shown, real=shown, litter=opened.names.is_litter),
    )
    sides = Sides(sessions.push, *_as_local_and_peer(sessions.push, *views), progress=sessions.progress)
    return opened._replace(sides=sides, file=real + b"/" + shown)


def _shown_name(sessions: Sessions, root: bytes, *, here: bool) -> RelPath:
    """Return the name of a single file. A file of this host that is sealed is shown under its stored name."""
    return RelPath.checked(os.path.basename(root) + (sessions.request.extension if here else b""))


def _opened(
    sessions: Sessions, source: Transport, destination: Transport, *, missing: bool, parents: Optional[Parents]
) -> Opened:
    try:
        destination_root = destination.real_root() if parents is None else parents.real_root
    except NotFound:
        raise RootWords.destination(sessions.request).no_parent() from None
    names = StageNames(destination_root, sessions.request.run_id)
    sides = Sides(sessions.push, *_as_local_and_peer(sessions.push, source, destination), progress=sessions.progress)
    return Opened(sides, names, missing, source.real_root(), destination_root, parents=parents)


def _as_local_and_peer(push: bool, source: Any, destination: Any) -> Tuple[Any, Any]:
    return (source, destination) if push else (destination, source)


def _parent(path: bytes) -> bytes:
    return os.path.dirname(path) or b"."


class Sides(NamedTuple):
    """Both ends of one run. push: content goes from `local` to `peer`; else from `peer` to `local`. progress: counts
    the content that moves between them."""

    push: bool
    local: LocalSide
    peer: PeerTransport
    progress: Progress

    @property
    def source(self) -> Transport:
        return self.local if self.push else self.peer

    @property
    def destination(self) -> Transport:
        return self.peer if self.push else self.local

    def stamps_of_changed(self, paths: Iterable[RelPath]) -> Stamps:
        """Return the stamps that files at the destination have right after they were changed; none on a push."""
        return {} if self.push else self.local.stamps(paths)

    def move(self, transfers: Sequence[Transfer]) -> Iterator[Staged]:
        """Bring the content of each source file to its stage at the destination."""
        peer = self.peer
        staged = peer.upload(transfers, self.local) if self.push else peer.download(transfers, self.local)
        return self.progress.moving(staged, lambda: peer.carried)


class Parents(NamedTuple):
    """The missing directories above a root.

    missing: their paths, topmost first
    root: path of the root, as the task has it
    real_root: canonical path of the root
    """

    missing: Tuple[bytes, ...]
    root: bytes
    real_root: bytes


def missing_parents(sessions: Sessions, root: bytes, words: RootWords) -> Tuple[Transport, Parents]:
    """Return the destination at its missing root, and the missing directories above. Raises KindConflict, NotFound."""
    names: List[bytes] = []
    missing: List[bytes] = []
    above = spelled(root)
    while True:
        above, name = os.path.split(above)
        names.insert(0, name)
        side = sessions.open_destination(above or b".")
        with words.in_errors("cannot be made"):
            entry = side.root_entry()
            if entry is not None:
                break
        if above in (b"", b"/"):
            raise words.no_parent()
        missing.insert(0, above)
    if entry.kind != DIRECTORY:
        raise KindConflict(
            words.says(f"cannot be made: '{display(above)}' is not a directory"),
            cure=f"Move it away, or correct {words.option}.",
        )
    parents = Parents(tuple(missing), root, os.path.join(side.real_root(), *names))
    return sessions.open_destination(root), parents


def create(sessions: Sessions, path: bytes) -> bool:
    """Create a missing directory above the root; return whether this run did. Raises ItemError."""
    side = sessions.open_destination(path)
    try:
        side.create_root()
    except AlreadyExists:
        entry = side.root_entry()
        if entry is None or entry.kind != DIRECTORY:
            raise
        return False
    return True
