# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a sample."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.drill.drill import chooser
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import DIRECTORY, FILE, Entry
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree_check import Sample

TREE = {
    RelPath(b"d"): Entry(DIRECTORY, 0, 0, 0o755),
    **{RelPath(b"d/%d" % number): Entry(FILE, 10, 0, 0o644) for number in range(20)},
}


def test_only_files_are_chosen() -> None:
    assert RelPath(b"d") not in chooser(Sample(percent=100))("t" * 32, TREE)
    assert len(chooser(Sample(percent=100))("t" * 32, TREE)) == 20
    assert len(chooser(Sample(size=35))("t" * 32, TREE)) == 3


def test_the_parts_of_a_rotation_have_every_file_once() -> None:
    parts = [path for run in range(7) for path in chooser(Sample(7, run=run))("t" * 32, TREE)]
    assert sorted(parts) == sorted(path for path in TREE if path != b"d")
