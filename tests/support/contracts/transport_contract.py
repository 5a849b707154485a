# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The contract suite that every transport runs: memory, local, and network transports.

    class TestMyTransport(PeerContract):
        @pytest.fixture
        def make(self, tmp_path): ...
        def truth(self, transport): ...
        def put(self, transport, tree): ...
        def rewrite(self, peer, path, content): ...

`tree_contract` describes these functions; `real_tree` writes and reads real directories.
"""

from __future__ import annotations

from .local_side_contract import LocalSideContract
from .peer_contract import PeerContract, transfers_of
from .tree_contract import TreeContract
from .tree_scene import ODD_NAMES, entries, errors, paths

__all__ = [
    "ODD_NAMES",
    "LocalSideContract",
    "PeerContract",
    "TreeContract",
    "entries",
    "errors",
    "paths",
    "transfers_of",
]
