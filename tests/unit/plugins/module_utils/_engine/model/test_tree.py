# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A tree, looked up by plain bytes."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    FILE,
    STAMP,
    Entry,
    find_by_bytes,
)


def test_plain_bytes_find_an_entry() -> None:
    entry = Entry(FILE, 1, 2, 0o644)
    find = find_by_bytes({RelPath(b"a/b"): entry})
    assert (find(b"a/b"), find(b"a"), find(b"a/b/")) == (entry, None, None)


def test_a_stamp_goes_there_and_back() -> None:
    assert STAMP.unpack(STAMP.pack(-1, 2**64 - 1)) == (-1, 2**64 - 1)
