# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pushes of one large file that changes a little."""

from __future__ import annotations

__all__ = ["BLOCK", "MIB", "PAST", "REFUSED", "SIZE", "DeltaScene", "proof", "saved", "sent"]

import os
import random
from pathlib import Path
from typing import Any, NamedTuple

from ..servers.ssh_server import SshServer
from ..trees.trees import differences, tree_digest
from .sync_runs import Ran, SyncRuns

MIB = 1 << 20
SIZE = 24 * MIB + 12345
BLOCK = 64 << 10
PAST = 1_600_000_000
REFUSED = "the server refused to copy blocks of a file: it was sent whole"


class DeltaScene(NamedTuple):
    """Pushes of one large file."""

    runs: SyncRuns

    @property
    def file(self) -> Path:
        """The file here."""
        return self.runs.near / "large"

    @property
    def stored(self) -> Path:
        """The file at the server."""
        return self.runs.far / "large"

    @classmethod
    def on(cls, server: SshServer, area: Path, **options: Any) -> DeltaScene:
        """Return pushes from a directory below `area` to a directory of `server`."""
        far = server.root / area.name
        return cls(SyncRuns(server, area / "near", far, push=True, state_dir=area / "state", **options))

    def write(self, size: int = SIZE) -> None:
        """Make the file."""
        self.runs.near.mkdir(parents=True, exist_ok=True)
        self.file.write_bytes(random.Random(5).randbytes(size))
        os.utime(self.file, (0, PAST))

    def change(self, *places: int, later: int = 100) -> None:
        """Change single bytes."""
        with self.file.open("r+b") as file:
            for place in places:
                file.seek(place)
                (byte,) = file.read(1)
                file.seek(place)
                file.write(bytes([byte ^ 1]))
        self.date(later)

    def date(self, later: int) -> None:
        """Set the time of the file: so many seconds after its first time."""
        os.utime(self.file, (0, PAST + later))

    def push(self, **options: Any) -> Ran:
        """One run, after which both ends are equal."""
        ran = self.runs.good(**options)
        assert differences(tree_digest(self.runs.near), tree_digest(self.runs.far)) == []
        return ran

    def first(self, **options: Any) -> None:
        """Store the file whole."""
        self.write()
        ran = self.push(**options)
        assert ran.report.stats["bytes_sent"] == SIZE
        assert ran.report.stats["bytes_saved"] == 0


def sent(ran: Ran) -> int:
    """Return the content bytes of the files that were sent."""
    return ran.report.stats["bytes_sent"]


def saved(ran: Ran) -> int:
    """Return the content bytes that did not cross the session."""
    return ran.report.stats["bytes_saved"]


def proof(ran: Ran) -> list[str]:
    """Return the kinds of proof."""
    return [kind for kind, count in ran.report.proofs.items() if count]
