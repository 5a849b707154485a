# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Differences between a listing and a signed set, as findings. Pure."""

from __future__ import annotations

from typing import Iterator, Optional

from ..model.display import display
from ..model.findings import CRITICAL, HIGH, LOW, MEDIUM
from ..model.relpath import RelPath
from ..model.tree import DIRECTORY, FILE, LINK, Entry, Tree
from ..model.tree_check import TreeFinding
from ..model.utc import utc
from .filters import Filters

LISTED = "listing of the server"
_SECOND = 1_000_000_000


def entry_findings(signed: Tree, listed: Tree, *, modes: bool, mtimes: bool) -> Iterator[TreeFinding]:
    """Yield the differences of signed entries. modes, mtimes: whether the set has them and the server keeps them."""
    for path in sorted(signed):
        yield from _of_entry(path, signed[path], listed.get(path), modes=modes, mtimes=mtimes)


def _of_entry(
    path: RelPath, wanted: Entry, present: Optional[Entry], *, modes: bool, mtimes: bool
) -> Iterator[TreeFinding]:
    if present is None:
        yield _finding("missing", HIGH, path, "nothing", wanted.kind)
    elif present.kind != wanted.kind:
        yield _finding("kind", CRITICAL, path, present.kind, wanted.kind)
    elif wanted.kind == LINK:
        if present.target != wanted.target:
            yield _finding("link_target", HIGH, path, *(display(each.target or b"?") for each in (present, wanted)))
    else:
        if wanted.kind == FILE and present.size != wanted.size:
            yield _finding("size", HIGH, path, f"{present.size} bytes", f"{wanted.size} bytes")
        if modes and present.mode != wanted.mode:
            yield _finding("mode", MEDIUM, path, f"{present.mode:04o}", f"{wanted.mode:04o}")
        if mtimes and wanted.kind == FILE and present.mtime // _SECOND != wanted.mtime // _SECOND:
            yield _finding("mtime", LOW, path, *(utc(each.mtime // _SECOND) for each in (present, wanted)))


def unexpected_findings(signed: Tree, listed: Tree, allowed: Filters) -> Iterator[TreeFinding]:
    """Yield the entries that the set does not name and no pattern allows, without the entries below them."""
    unsigned = listed.keys() - signed.keys()
    for path in sorted(unsigned):
        if path.parent not in unsigned and allowed.accepts(path, listed[path].kind == DIRECTORY):
            yield _finding("unexpected", HIGH, path, listed[path].kind, "nothing")


def _finding(name: str, severity: str, path: RelPath, observed: str, wanted: str) -> TreeFinding:
    return TreeFinding(name, severity, path, observed, wanted, LISTED)
