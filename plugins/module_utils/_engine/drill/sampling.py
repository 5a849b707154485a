# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a drill that restores a sample."""

from __future__ import annotations

from random import SystemRandom
from typing import Callable, List

from ..model.relpath import RelPath
from ..model.tree import FILE, Tree
from ..model.tree_check import Sample
from ..planning.rotating_sample import sample_paths


def chooser(sample: Sample) -> Callable[[str, Tree], List[RelPath]]:
    """Return a function that chooses files of a set, by the id of its tree."""

    def choose(tree_id: str, tree: Tree) -> List[RelPath]:
        files = [path for path, entry in tree.items() if entry.kind == FILE]
        return sample_paths(sample, tree_id, tree, files, SystemRandom())

    return choose
