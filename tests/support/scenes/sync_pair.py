# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SyncPair: two trees in memory and the state between runs, so that a test of the sync engine reads as a sequence of
events.

pair = SyncPair({b"a": b"new"}, {b"a": b"old"})
report = pair.run(delete=True)
assert pair.destination.snapshot() == pair.source.snapshot()
"""

from __future__ import annotations

import hashlib
import itertools
import os
import shutil
import tempfile
import weakref
from typing import Any, Optional

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import SyncError
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    Credentials,
    Endpoint,
    SshTrust,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.report import SyncReport
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import (
    PULL,
    PUSH,
    DeleteLimit,
    SyncRequest,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.engine import sync
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.progress import Progress

from ..trees.memory_transport import MemoryTransport
from ..trees.tree_spec import TreeSpec

__all__ = ["NO_LIMIT", "SyncPair", "codes", "done"]

NO_LIMIT = DeleteLimit(100, True)
_numbers = itertools.count(1)


class SyncPair:
    """source and destination: a tree, a transport of the test's own, or None for a root that is missing. Options of the
    constructor hold for every run. state_dir: a new directory, or the one given. sleeps: the pauses that runs made."""

    def __init__(
        self,
        source: Optional[TreeSpec] | MemoryTransport,
        destination: Optional[TreeSpec] | MemoryTransport,
        *,
        push: bool = True,
        state_dir: bytes = b"",
        server_hash: Optional[str] = None,
        **options: Any,
    ) -> None:
        self.source = _transport(source, server_hash)
        self.destination = _transport(destination, server_hash)
        self.push = push
        self.state_dir = state_dir
        if not state_dir:
            scratch = tempfile.mkdtemp(prefix="sync-pair-")
            weakref.finalize(self, shutil.rmtree, scratch)
            self.state_dir = os.fsencode(scratch) + b"/state"
        self.options = options
        self.sleeps: list[float] = []
        self.opened: list[str] = []

    @property
    def local(self) -> MemoryTransport:
        return self.source if self.push else self.destination

    @property
    def peer(self) -> MemoryTransport:
        return self.destination if self.push else self.source

    def request(self, **options: Any) -> SyncRequest:
        asked = {
            "direction": PUSH if self.push else PULL,
            "local_root": self.local.root,
            "remote_root": self.peer.root,
            "endpoint": Endpoint(protocol="memory", host="files.example.com"),
            "credentials": Credentials(),
            "trust": SshTrust(),
            "state_dir": self.state_dir,
            "run_id": hashlib.sha256(b"%d" % next(_numbers)).hexdigest()[:16],
            "max_delete": NO_LIMIT,
            **self.options,
            **options,
        }
        return SyncRequest(**asked)

    def run(self, *, progress: Optional[Progress] = None, **options: Any) -> SyncReport:
        """One run; a lost session of an earlier run is replaced."""
        self.peer.faults.connected = self.local.faults.connected = True
        return sync(
            self.request(**options),
            open_local=self._open_local,
            open_peer=self._open_peer,
            sleep=self.sleeps.append,
            progress=progress,
        )

    def _open_local(self, request: SyncRequest) -> MemoryTransport:
        self.opened.append("local")
        return _rooted(self.local, request.local_root)

    def _open_peer(self, request: SyncRequest) -> MemoryTransport:
        self.opened.append("peer")
        return _rooted(self.peer, request.remote_root)

    def content_moved(self) -> int:
        """Bytes of file content that crossed the session since the trees were created, for any reason."""
        peer = self.peer
        return peer.carried


def _transport(tree: Optional[TreeSpec] | MemoryTransport, server_hash: Optional[str]) -> MemoryTransport:
    return tree if isinstance(tree, MemoryTransport) else MemoryTransport(tree, server_hash=server_hash)


def _rooted(transport: MemoryTransport, root: bytes) -> MemoryTransport:
    """The transport, or one on the same disk and with the same faults at another root."""
    if root == transport.root:
        return transport
    other = MemoryTransport(disk=transport.disk, capabilities=transport.capabilities)
    other.root = root  # whose parents may be missing
    other.faults = transport.faults
    return other


def codes(report: SyncReport) -> set[str]:
    """The codes of everything that went wrong."""
    errors: list[Optional[SyncError]] = [
        report.error,
        *report.problems,
        *(outcome.error for outcome in report.outcomes),
    ]
    return {error.code for error in errors if error is not None}


def done(report: SyncReport) -> list[tuple[bytes, str]]:
    """Path and action of each success."""
    return [(bytes(outcome.action.path), outcome.action.action) for outcome in report.outcomes if outcome.error is None]
