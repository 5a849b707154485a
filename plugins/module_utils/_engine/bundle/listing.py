# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entries of a directory that go into an archive, sorted: the same tree gives the same list."""

from __future__ import annotations

from typing import List, NamedTuple, Optional, Tuple

from ..errors import EmptySource, Refused
from ..model.plan import Skipped
from ..model.relpath import RelPath
from ..model.request import COPY, ERROR
from ..model.tree import FILE, LINK, SPECIAL, Entry
from ..planning.compare import stays_inside
from ..transport.local.transport import LocalTransport
from .archive import SECOND


class Member(NamedTuple):
    """One entry of a tree or of an archive."""

    path: RelPath
    entry: Entry


class Listed(NamedTuple):
    """The entries to archive, by path, and the entries that are left out."""

    members: Tuple[Member, ...]
    skipped: Tuple[Skipped, ...] = ()


def list_tree(tree: LocalTransport, links: str) -> Listed:
    """Return the entries below the root of `tree`. Raises the error of a directory that cannot be listed whole,
    EmptySource, and Refused (a link, if `links` is error)."""
    members: List[Member] = []
    skipped: List[Skipped] = []
    for path, entry in sorted(_entries(tree)):
        reason = _why_not(path, entry, links)
        if reason is None:
            members.append(Member(path, entry))
        else:
            skipped.append(Skipped(path, reason))
    if not members:
        raise EmptySource("src: has nothing to archive", cure="Check src.")
    return Listed(tuple(members), tuple(skipped))


def newest(members: Tuple[Member, ...]) -> int:
    """Return the newest time of a file, in whole seconds; 0 without files."""
    return max((each.entry.mtime // SECOND for each in members if each.entry.kind == FILE), default=0)


def _entries(tree: LocalTransport) -> List[Tuple[RelPath, Entry]]:
    found: List[Tuple[RelPath, Entry]] = []
    for page in tree.scan(read_links=True):
        if page.problem is not None:
            raise page.problem
        found += page.entries
    return found


def _why_not(path: RelPath, entry: Entry, links: str) -> Optional[str]:
    """Return why an entry is left out, in words of the planner; None if it is not."""
    if entry.kind == SPECIAL:
        return "fifo, socket or device"
    if entry.kind != LINK:
        return None
    if links == ERROR:
        raise Refused(
            "src: holds a symbolic link, and links is set to error",
            path=path,
            cure="Remove the link, or set links to skip or copy.",
        )
    if links != COPY:
        return "symbolic link, links are skipped"
    return None if stays_inside(path, entry.target or b"") else "symbolic link whose target could lead out of the root"
