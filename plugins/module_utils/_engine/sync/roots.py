# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Open both sides of a run, and check their roots before anything else."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Callable, NamedTuple, Optional, Tuple

from ..errors import ItemError, KindConflict, NotFound
from ..model.relpath import RelPath
from ..model.tree import DIRECTORY, FILE
from ..transport.base import LocalSide, Transport
from .root_words import RootWords
from .scan import EarlyScan, SideScan
from .sessions import Sessions, source_kind
from .sides import Sides
from .stage_names import StageNames

if TYPE_CHECKING:
    from .parents import Parents


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
    from .parents import missing_parents  # pylint: disable=import-outside-toplevel

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
