# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The transport in memory meets the contract of the real transports, at either end."""

from __future__ import annotations

from typing import Callable, Dict, Optional

import pytest
from support.contracts.transport_contract import LocalSideContract, PeerContract
from support.trees.memory_transport import MemoryTransport
from support.trees.tree_spec import Found, TreeSpec


class TestMemoryTransport(LocalSideContract, PeerContract):
    @pytest.fixture(params=[None, "check-file"], ids=["without_server_hash", "with_server_hash"])
    def make(self, request: pytest.FixtureRequest) -> Callable[[Optional[TreeSpec]], MemoryTransport]:
        return lambda tree: MemoryTransport(tree, server_hash=request.param)

    def truth(self, transport: MemoryTransport) -> Dict[bytes, Found]:
        return transport.snapshot()

    def put(self, transport: MemoryTransport, tree: TreeSpec) -> None:
        transport.fill(tree)

    def rewrite(self, peer: MemoryTransport, path: bytes, content: bytes) -> None:
        peer.node(path).content[:] = content
        peer.node(path).mtime = peer.disk.tick()
