# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""KeptTree: the last manifest of a tree and the report on it, in one file that one rename replaces.

an object of JSON: the report, all that the collector reads, so it is small  (report.py)
an object of JSON: the time of the manifest, and changes that are judged later
the manifest

If the clock of the host was set back between two moments, the order of events is unknown.
"""

from __future__ import annotations

import json
import time
from typing import AbstractSet, Any, Dict, List, NamedTuple, Optional, Tuple

from ...errors import SyncError
from ...integrity.digest import UnusableManifest
from ...integrity.manifest import read_manifest, write_manifest
from ...model.relpath import RelPath
from ...model.tree import Digests
from ...system.boot_id import boot_id
from ...system.durable_files import put
from .report import NAMED, SCHEMA, Report, read_change, read_head, report_path, saved_change
from .scanning import Files, Scan
from .unexplained import Unexplained

_SLACK = 1.0
"""Seconds: the two clocks of a moment are not read at once."""


class TreeStateUnusable(SyncError):
    """Another program, or another version, wrote the file."""

    code = "state_unusable"


class Suspect(NamedTuple):
    """A change that is judged later. since: events after this time were not known."""

    since: float
    change: Unexplained


class KeptTree(NamedTuple):
    """moment: before the manifest was made
    began, ended: the time in which it was made
    unread: files that could not be read
    """

    moment: Moment
    began: float
    ended: float
    files: Files
    suspects: Tuple[Suspect, ...] = ()
    unread: AbstractSet[RelPath] = frozenset()


def write_kept_tree(directory: str, report: Report, moment: Moment, scan: Scan, suspects: List[Suspect]) -> None:
    """Replace the manifest and the report of a tree. Raises OSError. moment: before the manifest was made."""
    head = {"schema": SCHEMA, **report._asdict(), "changes": [saved_change(each) for each in report.changes[:NAMED]]}
    later = {
        "moment": moment,
        "began": scan.began,
        "ended": scan.ended,
        "suspects": [[each.since, saved_change(each.change)] for each in suspects],
        "unread": [path.decode("latin-1") for path in scan.unread],
    }
    digests: Digests = {path: each.digest for path, each in scan.files.items()}
    manifest = write_manifest(scan.tree, digests, stamps=scan.stamps)
    lines = (json.dumps(each).encode("ascii") for each in (head, later))
    put(report_path(directory, report.tree), b"\n".join((*lines, manifest)), 0o600)


def read_kept_tree(directory: str, tree: str) -> Optional[KeptTree]:
    """Return the last manifest; None if this is the first. Raises TreeStateUnusable."""
    path = report_path(directory, tree)
    try:
        with open(path, "rb") as stream:
            read_head(stream.readline())
            later, manifest = json.loads(stream.readline()), stream.read()
        return _kept(later, read_manifest(manifest))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, UnusableManifest) as error:
        raise TreeStateUnusable(f"{path}: cannot be read: {error}", cure="Remove the file to begin.") from None


def _kept(later: Dict[str, Any], files: Files) -> KeptTree:
    suspects = tuple(Suspect(since, read_change(change)) for since, change in later["suspects"])
    unread = frozenset(RelPath(path.encode("latin-1")) for path in later["unread"])
    return KeptTree(Moment(*later["moment"]), later["began"], later["ended"], files, suspects, unread)


class Moment(NamedTuple):
    """wall: seconds since 1970
    boot: the id of the boot
    running: seconds since the boot, also asleep; nothing sets this clock
    """

    wall: float
    boot: str
    running: float


def now() -> Moment:
    return Moment(time.time(), boot_id().decode("ascii"), time.clock_gettime(time.CLOCK_BOOTTIME))


def was_set_back(earlier: Moment, later: Moment) -> bool:
    """Return whether the clock was set back between two moments."""
    passed = later.running - earlier.running if later.boot == earlier.boot else 0.0
    return later.wall - earlier.wall < passed - _SLACK
