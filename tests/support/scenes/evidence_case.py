# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A case with evidence of a host in memory, which is honest or hostile; real hosts are in tests/hosts.

case = EvidenceCase(tmp_path)
case.collect()
"""

from __future__ import annotations

__all__ = ["ARCHIVE", "EvidenceCase", "HostInMemory"]

import time
from pathlib import Path
from typing import Any

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.evidence.collecting import (
    Announced,
    Collected,
    Collection,
    collect,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.integrity.digest import sha256
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import Signing

from ..servers.ssh_keys import SshKey, key

ARCHIVE = bytes(range(256)) * 100
_PRINCIPAL, _NAMESPACE = "incident@example.com", "evidence@secure.ftp_synchronize"


class HostInMemory:
    """archive: its bytes. claimed: other values of its announcement; sent: other bytes."""

    def __init__(self, archive: bytes = ARCHIVE, *, sent: bytes | None = None, **claimed: Any) -> None:
        self._archive = archive if sent is None else sent
        digest = sha256(archive).hexdigest()
        self._announced = Announced(len(archive), digest, 1, [], time.time(), [])._replace(**claimed)
        self.asked = 0

    def capture(self) -> Announced:
        self.asked += 1
        return self._announced

    def read(self, offset: int, size: int) -> bytes:
        return self._archive[offset : offset + size]


class EvidenceCase:
    """root: of all cases. responder: the key that signs."""

    def __init__(self, directory: Path, responder: SshKey | None = None) -> None:
        self.root = directory / "evidence"
        self.responder = responder or key("incident")
        self.directory = self.root / "case"

    def collect(self, host: HostInMemory | None = None, **changed: Any) -> Collected:
        wanted = Collection(
            path=str(self.root).encode(),
            case="case",
            stage="before",
            host="files1",
            label="before-files1",
            reason="stolen",
            who="alice",
            most=1 << 20,
            signing=Signing(private_key_file=str(self.responder.path)),
        )
        return collect(wanted._replace(**changed), host or HostInMemory())

    @property
    def custody(self) -> Path:
        return self.directory / "custody.jsonl"

    @property
    def verify(self) -> dict[str, Any]:
        """The option of evidence_custody."""
        return {
            "principal": _PRINCIPAL,
            "allowed_signers": [f'{_PRINCIPAL} namespaces="{_NAMESPACE}" {self.responder.public}'],
        }

    def change_line(self, number: int, old: bytes, new: bytes) -> None:
        """Change a line of custody as root can."""
        lines = self.custody.read_bytes().splitlines(keepends=True)
        lines[number - 1] = lines[number - 1].replace(old, new)
        self.custody.write_bytes(b"".join(lines))

    def left(self) -> list[str]:
        """Return the names in the directory of all cases, and of the bundles."""
        return sorted(
            path.name for path in (*self.root.iterdir(), *self.directory.glob("0*")) if path != self.directory
        )
