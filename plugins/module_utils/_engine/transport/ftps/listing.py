# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One directory's listing, by MLSD or by LIST, and whether it is complete.

A complete listing decides which entries are missing. MLSD is trusted, and so is a LIST with entries. An empty LIST is
trusted only with a second sign: vsftpd sends a good reply for a directory that it cannot open, with an empty listing,
or with the directory itself as the only entry, sometimes with ".". Its listings of other directories include "." and
"..", those from some servers (ftp-srv) never do.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, List, NamedTuple, Optional

from ...errors import ItemError, PermissionDenied, ProtocolViolation, SyncError, UnsafeName
from ...ftps.facts import mlsd_entry
from ...ftps.listed import Listed
from ...ftps.listing import list_entry
from ...ftps.replies import item_error
from ...ftps.session import FtpsSession
from ...model.relpath import RelPath
from ...model.tree import DIRECTORY
from ..base import ENTRY_LIMIT, TEXT_LIMIT
from .server import entered, split

if TYPE_CHECKING:
    from .lane import Lane

_READABLE = 0o444
_MOST_OTHERS = 1000
"""Lines without an entry, after which the listing is not read on: they take time, and no limit of entries ends it."""
_NO_SUCH = RelPath(b".secure_sync-no-such-name")


class Listing(NamedTuple):
    """A directory's entries; a problem means that they are not all. names_itself, names_parent: whether "." and ".."
    were among them."""

    entries: List[Listed]
    problem: Optional[SyncError]
    names_itself: bool = False
    names_parent: bool = False


def list_directory(lane: Lane, directory: RelPath, *, by_list: bool = False) -> Listing:
    """Implement Lane.list."""
    full = lane.server.full(directory)
    by_list = by_list or not lane.server.has_mlst
    listing = _by_list(lane, full) if by_list else _read(lane.session, b"MLSD", full)
    problem = listing.problem
    if problem is not None and problem.path is None:
        return listing._replace(problem=problem.at(directory))
    return listing


def _by_list(lane: Lane, full: bytes) -> Listing:
    listing = _listed(lane, full)
    if listing.problem is None and _shows_nothing(listing, full):
        problem = _why_empty(lane, full)
        return listing if problem is None else Listing([], problem)
    return listing


def _shows_nothing(listing: Listing, full: bytes) -> bool:
    """Return whether there is not even ".", or the only entry may be the directory itself."""
    if len(listing.entries) != 1:
        return not listing.entries and not listing.names_itself
    only = listing.entries[0]
    return not listing.names_parent and only.kind is DIRECTORY and only.name == split(full)[1]


def _listed(lane: Lane, full: bytes) -> Listing:
    listing = _read(lane.session, b"LIST", b"-a " + full)
    lane.server.names_itself = lane.server.names_itself or listing.names_itself
    return listing


def _why_empty(lane: Lane, full: bytes) -> Optional[SyncError]:
    """Return the reason for a listing that shows nothing; None if it is right."""
    refusal = entered(lane.session, full)[0]
    if not refusal.good:
        return item_error(refusal)
    if _is_windows(lane.session):
        return None
    if _refuses_what_it_cannot_open(lane) and not _unreadable(lane, full):
        return None
    return PermissionDenied("the server does not list this directory")


def _is_windows(session: FtpsSession) -> bool:
    """Return whether the server lists as Windows does, without "."."""
    return b"windows" in b" ".join(session.call(b"SYST").lines).lower()


def _refuses_what_it_cannot_open(lane: Lane) -> bool:
    """Return whether LIST of a missing directory is refused, found out once: vsftpd sends an empty listing for that
    too."""
    server = lane.server
    if server.refuses_lists is None:
        server.refuses_lists = _read(lane.session, b"LIST", b"-a " + server.full(_NO_SUCH)).problem is not None
    return server.refuses_lists and not server.names_itself


def _unreadable(lane: Lane, full: bytes) -> bool:
    """Return whether the listing of its parent names ".", or shows a directory that has no mode to be read."""
    parent, name = split(full)
    above = _listed(lane, parent) if name else Listing([], None)
    closed = [listed for listed in above.entries if listed.mode is not None and not listed.mode & _READABLE]
    return above.names_itself or name in [listed.name for listed in closed]


def _read(session: FtpsSession, verb: bytes, argument: bytes) -> Listing:
    entries: List[Listed] = []
    problem: Optional[SyncError] = None
    names_itself, names_parent, text, others, now = False, False, 0, 0, time.time()
    try:
        for line in session.list_lines(verb, argument):
            try:
                listed = mlsd_entry(line) if verb == b"MLSD" else list_entry(line, now=now)
            except (UnsafeName, ProtocolViolation) as error:
                problem = problem or error
            else:
                if listed is not None:
                    entries.append(listed)
                    text += len(listed.name)
                    _bound(len(entries), text)
                    continue
                names_itself = names_itself or line.endswith(b" .")
                names_parent = names_parent or line.endswith(b" ..")
            others += 1
            if others > _MOST_OTHERS:
                words = f"the server lists more than {_MOST_OTHERS} lines without a name"
                problem = problem or ProtocolViolation(words)
                break
    except ItemError as error:
        problem = error.at(None)  # its path is the command's argument, not the item
    return Listing(entries, problem, names_itself, names_parent)


def _bound(entries: int, text: int) -> None:
    if entries > ENTRY_LIMIT or text > TEXT_LIMIT:
        raise ProtocolViolation(
            "the server lists more entries than a directory can hold",
            cure="Check whether the server's listing is right; split a tree of this size into several tasks.",
        )
