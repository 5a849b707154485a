# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Report: the changes of a tree that no event explains, as the first line of the file of its manifest.

Names are texts of Latin-1 characters, each a byte.
"""

from __future__ import annotations

import json
import os
from hashlib import sha256
from typing import Any, Dict, Iterable, List, NamedTuple, Tuple

from ...integrity.manifest import Recorded
from ...model.relpath import RelPath
from .unexplained import Unexplained

SCHEMA = 1
SUFFIX = ".tree"
NAMED = 100
"""Changes of a report that are named: the collector reads them in each pass."""


class Report(NamedTuple):
    """The result of a comparison.

    tree: its path
    moment: seconds since 1970
    total: number of all changes
    changes: the first of them
    is_first: there was no manifest to compare with
    """

    tree: str
    moment: float
    total: int
    changes: Tuple[Unexplained, ...]
    is_first: bool = False


def report_path(directory: str, tree: str) -> str:
    return os.path.join(directory, sha256(tree.encode()).hexdigest()[:16] + SUFFIX)


def read_reports(directory: str, trees: Iterable[str]) -> List[Report]:
    """Return the last reports of these trees, as far as there are any. Damage is reported by their program."""
    reports = []
    for tree in trees:
        try:
            with open(report_path(directory, tree), "rb") as stream:
                head = read_head(stream.readline())
            changes = tuple(read_change(each) for each in head["changes"])
            reports.append(Report(tree, float(head["moment"]), int(head["total"]), changes, head["is_first"] is True))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return reports


def read_head(line: bytes) -> Dict[str, Any]:
    """Return the first line of a file. Raises ValueError and KeyError."""
    head = json.loads(line)
    if head["schema"] != SCHEMA:
        raise ValueError("another version wrote it")
    return dict(head)


def saved_change(change: Unexplained) -> List[Any]:
    """Return a change as values of JSON."""
    files = [[each.size, each.mtime] if each else None for each in (change.before, change.after)]
    return [change.kind, change.path.decode("latin-1"), *files]


def read_change(values: List[Any]) -> Unexplained:
    """Return the change of `saved_change`. Raises ValueError and TypeError."""
    kind, path, before, after = values
    return Unexplained(
        kind, RelPath(path.encode("latin-1")), *(each and Recorded(each[0], each[1], b"") for each in (before, after))
    )
