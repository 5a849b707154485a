# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations of the contract that need no transport of their own."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import PermissionDenied
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import FILE, LINK
from support.trees.memory_transport import MemoryTransport
from support.trees.tree_spec import Link

A = RelPath(b"a")


def test_one_entry_is_looked_at() -> None:
    side = MemoryTransport({b"a": b"content", b"link": Link(b"a")})
    found = side.entry_at(A)
    assert found is not None
    assert (found.kind, found.size) == (FILE, 7)
    assert side.entry_at(RelPath(b"missing")) is None
    link = side.entry_at(RelPath(b"link"))
    assert link is not None
    assert link.kind == LINK


def test_an_entry_that_cannot_be_seen_is_an_error() -> None:
    side = MemoryTransport({b"a": b"content"})
    side.faults.fail("look", A, PermissionDenied("Permission denied"))
    with pytest.raises(PermissionDenied):
        side.entry_at(A)
