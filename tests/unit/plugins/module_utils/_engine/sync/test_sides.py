# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles and directions."""

from __future__ import annotations

import hashlib

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.progress import Progress
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.roots import Sides
from support.contracts.transport_contract import transfers_of
from support.trees.memory_transport import MemoryTransport
from support.trees.tree_spec import File

CONTENT = b"content"


@pytest.mark.parametrize("push", [True, False])
def test_content_goes_from_the_source_to_the_destination(push: bool) -> None:
    local, peer = MemoryTransport({b"f": CONTENT} if push else {}), MemoryTransport({} if push else {b"f": CONTENT})
    sides = Sides(push, local, peer, Progress())
    assert (sides.source, sides.destination) == ((local, peer) if push else (peer, local))
    (staged,) = sides.move(transfers_of({b"f": File(CONTENT)}))
    assert staged.error is None
    assert staged.digest == (hashlib.sha256(CONTENT).digest() if push else None)
    assert sides.destination.snapshot()[b"f.stage"].content == CONTENT
    assert list(sides.source.snapshot()) == [b"f"]
