# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a run on a drop box."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model import plan
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.plan import Plan, Remove, Write
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    DIRECTORY,
    FILE,
    Attributes,
    Entry,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.drop_box import files_only

FILE_ENTRY, DIRECTORY_ENTRY = Entry(FILE, 1, 0, 0o644), Entry(DIRECTORY, 0, 0, 0o755)


def made(path: bytes) -> Write:
    return Write(RelPath(path), plan.CREATE_DIRECTORY, plan.MISSING, DIRECTORY_ENTRY, None)


def stored(path: bytes) -> Write:
    return Write(RelPath(path), plan.STORE, plan.MISSING, FILE_ENTRY, None)


def test_only_directories_of_files_are_made() -> None:
    actions = (made(b"a"), made(b"a/b"), made(b"a/b/c"), stored(b"a/b/x"), made(b"d"))
    kept = files_only(Plan(actions)).actions
    assert [action.path for action in kept] == [b"a", b"a/b", b"a/b/x"]


def test_the_attributes_of_directories_are_left_alone() -> None:
    ours = Write(RelPath(b"a"), plan.SET_ATTRIBUTES, plan.MTIME, DIRECTORY_ENTRY, DIRECTORY_ENTRY)
    file = Write(RelPath(b"b"), plan.SET_ATTRIBUTES, plan.MTIME, FILE_ENTRY, FILE_ENTRY)
    extra = Remove(RelPath(b"c"), plan.EXTRA, DIRECTORY_ENTRY)
    found = files_only(Plan((ours, file, extra), restamp=((RelPath(b"a"), Attributes(None, 1)),)))
    assert (found.actions, found.restamp) == ((file, extra), ())
