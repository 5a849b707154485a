# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rotating sample reads every file once in so many checks; random samples keep their size."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import FILE, Entry, Tree
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree_check import Sample
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.planning.rotating_sample import (
    random_bytes,
    random_share,
    sample_paths,
    slot_paths,
)

PATHS = [RelPath(b"d/%d" % number) for number in range(1000)]
TREE: Tree = {path: Entry(FILE, 10, 0, 0o644) for path in PATHS}


@pytest.mark.parametrize("rotate", [1, 3, 20, 1000])
def test_every_file_is_read_exactly_once_in_a_rotation(rotate: int) -> None:
    read = Counter(path for run in range(5, 5 + rotate) for path in slot_paths("t" * 32, PATHS, rotate, run))
    assert set(read) == set(PATHS)
    assert set(read.values()) == {1}


def test_the_parts_are_even_and_differ_between_trees() -> None:
    sizes = [len(slot_paths("t" * 32, PATHS, 10, run)) for run in range(10)]
    assert min(sizes) > 60
    assert slot_paths("t" * 32, PATHS, 10, 0) != slot_paths("u" * 32, PATHS, 10, 0)


def test_random_samples_keep_their_size() -> None:
    assert len(random_share(PATHS, 5, Random(1))) == 50
    assert len(random_share(PATHS, 0.01, Random(1))) == 1
    assert random_share([], 5, Random(1)) == []
    assert len(random_bytes(TREE, PATHS, 105, Random(1))) == 10


def test_each_kind_of_sample() -> None:
    def chosen(sample: Sample) -> list[RelPath]:
        return sample_paths(sample, "t" * 32, TREE, PATHS, Random(1))

    assert chosen(Sample(10, run=13)) == slot_paths("t" * 32, PATHS, 10, 13)
    assert len(chosen(Sample(percent=5))) == 50
    assert len(chosen(Sample(size=30))) == 3
