# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DrillScene: a server in memory with a signed set, a scratch directory on this host, and a chain of records.

scene = DrillScene(tmp_path)
report = scene.drill()
assert scene.record()["verdict"] == "passed"
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.drill.drill import end_drill, restore_drill
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.drill.request import (
    Check,
    ChecksRequest,
    DrillPolicy,
    DrillReport,
    DrillRequest,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import Credentials, SshTrust
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.report import SyncReport
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import (
    Receipting,
    Signing,
    SyncRequest,
    VerifyRequest,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.engine import sync

from ..servers.ssh_keys import key
from ..trees.memory_transport import MemoryTransport
from ..trees.receipt_chain import ReceiptChain
from ..trees.signed_tree import PRINCIPAL, Sender
from ..trees.tree_spec import TreeSpec
from .sync_pair import SyncPair

__all__ = ["FILES", "JOB", "DrillScene"]

FILES: dict[bytes, Any] = {b"a": b"alpha", b"sub/b": b"beta" * 100, b"sub/deep/c": b""}
JOB = "quarterly"


class DrillScene:
    """One job. issued: age of the set in seconds."""

    def __init__(self, tmp_path: Path, files: TreeSpec = FILES, *, issued: float | None = None) -> None:
        self.sender = Sender(key("release"))
        head = {} if issued is None else {"issued": issued}
        self.pair = SyncPair({**files, **self.sender.publish(files, **head)}, None, push=False)
        self.place = tmp_path
        self.scratch = tmp_path / "scratch"
        self.live = tmp_path / "live"
        self.live.mkdir()
        (self.live / "precious").write_text("live data")
        self.chain = ReceiptChain(tmp_path / "receipts")
        self.seen: list[SyncRequest] = []

    @property
    def server(self) -> MemoryTransport:
        return self.pair.peer

    @property
    def receipting(self) -> Receipting:
        key_file = Signing(private_key_file=str(key("receipts").path))
        return Receipting(os.fsencode(self.chain.directory), key_file, JOB, "0.2.0")

    def request(
        self, *, demands: dict[str, Any] | None = None, pull: dict[str, Any] | None = None, **options: Any
    ) -> DrillRequest:
        """demands: other values of `verify`. pull: of the SyncRequest. options: of the drill."""
        verify = VerifyRequest(PRINCIPAL, (self.sender.line,))._replace(**(demands or {}))
        given = {
            "verify": verify,
            "credentials": Credentials(password="secret-of-the-login"),
            "trust": SshTrust(host_keys=("SHA256:abc",)),
            **(pull or {}),
        }
        asked = {"live": (os.fsencode(self.live),), "receipts": self.receipting, **options}
        return DrillRequest(self.pair.request(**given), os.fsencode(self.scratch), **asked)

    def drill(
        self, *, during: Callable[[], object] | None = None, policy: dict[str, Any] | None = None, **options: Any
    ) -> DrillReport:
        """Carry out a drill. during: is called when the pull is over, before the drill goes on."""

        def pull(request: SyncRequest, **more: Any) -> SyncReport:
            self.seen.append(request)
            report = sync(
                request, open_peer=lambda asked: self.pair._open_peer(asked), sleep=self.pair.sleeps.append, **more
            )
            if during is not None:
                during()
            return report

        self.server.faults.connected = True
        return restore_drill(self.request(policy=DrillPolicy(**(policy or {})), **options), pull=pull)

    def end(self, *checks: tuple[str, bool], **options: Any) -> DrillReport:
        """End a drill that waits for its checks."""
        made = tuple(Check(*check) for check in checks)
        return end_drill(ChecksRequest(os.fsencode(self.scratch), self.receipting, made, **options))

    def record(self, number: int | None = None) -> dict[str, Any]:
        """Give a record, the newest by default."""
        return self.chain.fields(self.chain.numbers[-1] if number is None else number)

    def left(self) -> list[str]:
        """Give everything below the scratch directory; ["missing"] if it is not there."""
        if not self.scratch.exists():
            return ["missing"]
        return sorted(str(path.relative_to(self.scratch)) for path in self.scratch.rglob("*"))
