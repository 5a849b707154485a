# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two trees after a run, as one digest each: equal digests stand for equal trees.

The digest is the SHA-256 of the tree in the form of a manifest, with kind, size, content and target of each entry.
Modes and times are left out, because servers choose them.
"""

from __future__ import annotations

from ..integrity.digest import sha256
from ..integrity.manifest import write_manifest
from ..model.plan import ARCHIVE_SOURCE, DELETE_SOURCE
from ..model.report import TreesAfter
from ..model.tree import Digests, Entry, Tree
from .outcomes import Outcomes
from .prepare import Prepared
from .remember import tree_after

_DEPARTURES = (ARCHIVE_SOURCE, DELETE_SOURCE)


def trees_after(prepared: Prepared, outcomes: Outcomes, *, push: bool) -> TreesAfter:
    """Return the digests of both trees after the outcomes so far. A file without a known digest counts by its size."""
    source, destination = dict(prepared.contents.source), dict(prepared.contents.destination)
    for path, proven in outcomes.stored.items():
        for digests, digest in ((source, proven.source), (destination, proven.destination)):
            if digest is None:
                digests.pop(path, None)
            else:
                digests[path] = digest
    after = tree_after(prepared.destination.tree, outcomes)
    left = {path for (path, kind), one in outcomes.by_item.items() if kind in _DEPARTURES and one.error is None}
    here, there = (
        (_plain({path: entry for path, entry in prepared.source.tree.items() if path not in left}), source),
        (_plain(after), destination),
    )
    of_source = _digest(*here)
    of_destination = of_source if here == there else _digest(*there)
    return TreesAfter(of_source, of_destination) if push else TreesAfter(of_destination, of_source)


def _plain(tree: Tree) -> Tree:
    return {path: Entry(entry.kind, entry.size, 0, 0, entry.target) for path, entry in tree.items()}


def _digest(tree: Tree, digests: Digests) -> str:
    return sha256(write_manifest(tree, digests)).hexdigest()
