# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Samples of files, pure. A rotating sample reads every file once in `rotate` checks; a random sample may miss some."""

from __future__ import annotations

from random import Random
from typing import Iterable, List, Sequence, Tuple

from ..model.relpath import RelPath
from ..model.tree import Tree
from ..model.tree_check import Sample


def sample_paths(sample: Sample, tree_id: str, tree: Tree, paths: Sequence[RelPath], chance: Random) -> List[RelPath]:
    """Return the files of a sample. tree: of which they are a part."""
    if sample.percent is not None:
        return random_share(paths, sample.percent, chance)
    if sample.size is not None:
        return random_bytes(tree, paths, sample.size, chance)
    return slot_paths(tree_id, paths, sample.rotate, sample.run)


def slot_of(tree_id: str, path: bytes, rotate: int) -> int:
    """Return the part to which a file belongs: the same in every check, and evenly spread."""
    from hashlib import sha256  # pylint: disable=import-outside-toplevel

    return int.from_bytes(sha256(tree_id.encode() + b"\0" + path).digest()[:8], "big") % rotate


def slot_paths(tree_id: str, paths: Iterable[RelPath], rotate: int, run: int) -> List[RelPath]:
    """Return the files to read in the check with the number `run`, which counts from 0."""
    return [path for path in paths if slot_of(tree_id, path, rotate) == run % rotate]


def random_share(paths: Iterable[RelPath], percent: float, chance: Random) -> List[RelPath]:
    """Return so many of the files, rounded up."""
    every = sorted(paths)
    return chance.sample(every, min(len(every), -int(-len(every) * percent // 100)))


def random_bytes(tree: Tree, paths: Iterable[RelPath], size: int, chance: Random) -> List[RelPath]:
    """Return files with at most `size` bytes together."""
    every = sorted(paths)
    chance.shuffle(every)
    return _up_to([(path, tree[path].size) for path in every], size)


def _up_to(files: List[Tuple[RelPath, int]], size: int) -> List[RelPath]:
    chosen, left = [], size
    for path, bytes_ in files:
        if bytes_ <= left:
            chosen.append(path)
            left -= bytes_
    return chosen
