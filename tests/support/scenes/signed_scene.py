# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signed: a server in memory with a signed set, and a reader that pulls it with `verify`."""

from __future__ import annotations

from typing import Any

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.report import SyncReport
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import VerifyRequest

from ..servers.ssh_keys import key
from ..trees.memory_transport import MemoryTransport
from ..trees.signed_tree import PRINCIPAL, Sender
from ..trees.tree_spec import File
from .sync_pair import SyncPair

__all__ = ["FILES", "OLD", "Signed"]

FILES: dict[bytes, Any] = {b"a": b"alpha", b"sub/b": b"beta", b"sub/deep/c": b""}
OLD = {b"kept": b"mine", b"a": b"old"}


class Signed:
    """A server with a signed set, and a reader."""

    def __init__(self, files: dict[bytes, Any] = FILES, here: dict[bytes, Any] | None = OLD, **options: Any) -> None:
        self.sender = Sender(key("release"))
        self.files = files
        self.pair = SyncPair({**files, **self.sender.publish(files)}, here, push=False, **options)
        self.demands = VerifyRequest(PRINCIPAL, (self.sender.line,))

    @property
    def server(self) -> MemoryTransport:
        return self.pair.source

    def publish(self, **head: Any) -> None:
        self.server.fill(self.sender.publish(self.files, **head))

    def run(self, *, demands: dict[str, Any] | None = None, **options: Any) -> SyncReport:
        return self.pair.run(verify=self.demands._replace(**(demands or {})), **options)

    def here(self) -> dict[bytes, bytes]:
        """Give the files of the reader."""
        return {path: each.content for path, each in self.pair.destination.snapshot().items() if isinstance(each, File)}

    def refused(self, **options: Any) -> str:
        """Run, demand that nothing changed, and give the code."""
        before = self.pair.destination.snapshot()
        report = self.run(**options)
        assert self.pair.destination.snapshot() == before
        assert report.error is not None
        assert report.outcomes == ()
        return report.error.code
