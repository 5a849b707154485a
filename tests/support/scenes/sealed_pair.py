# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sender with `encrypt`, its server in memory, and readers with `decrypt`. Keys are made for each scene.

pair = SealedPair({b"a": b"alpha"})
pair.push()
assert pair.contents() == {b"a": b"alpha"}
reader = pair.reader()
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyrage
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.report import SyncReport
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import (
    AGE,
    Identities,
    Recipients,
)
from pyrage import x25519

from ..trees.memory_transport import MemoryTransport
from ..trees.tree_spec import File, TreeSpec
from .sync_pair import SyncPair, codes

__all__ = ["EXTENSION", "AgeKey", "SealedPair", "age_key", "opened_by_age"]

EXTENSION = b".age"


class AgeKey(NamedTuple):
    """An identity and its recipient, as text."""

    identity: str
    recipient: str

    @property
    def recipients(self) -> Recipients:
        return Recipients(AGE, (self.recipient,))

    @property
    def identities(self) -> Identities:
        return Identities(AGE, (self.identity,))


def age_key() -> AgeKey:
    made = x25519.Identity.generate()
    return AgeKey(str(made), str(made.to_public()))


def opened_by_age(sealed: Path, key: AgeKey, scratch: Path) -> bytes:
    """Return the content of a file as the stock program opens it."""
    (scratch / "identity").write_text(key.identity + "\n")
    done = subprocess.run(["age", "-d", "-i", str(scratch / "identity"), str(sealed)], capture_output=True, check=True)
    return done.stdout


class SealedPair:
    """key: of the reader. Options hold for every run."""

    def __init__(
        self,
        source: TreeSpec,
        there: TreeSpec | MemoryTransport | None = None,
        *,
        keys: Sequence[AgeKey] = (),
        **options: Any,
    ) -> None:
        self.keys = list(keys) or [age_key()]
        self.pair = SyncPair(source, there or {}, **options)

    @property
    def recipients(self) -> Recipients:
        return Recipients(AGE, tuple(key.recipient for key in self.keys))

    def run(self, **options: Any) -> SyncReport:
        return self.pair.run(**{"encrypt": self.recipients, **options})

    def push(self, **options: Any) -> SyncReport:
        report = self.run(**options)
        assert codes(report) == set(), report
        return report

    def there(self) -> dict[bytes, bytes]:
        """Return the files at the server."""
        return {path: each.content for path, each in self.pair.peer.snapshot().items() if isinstance(each, File)}

    def contents(self, key: AgeKey | None = None) -> dict[bytes, bytes]:
        """Return the contents of all files at the server, which must all be sealed for the key."""
        identity = x25519.Identity.from_str((key or self.keys[0]).identity)
        found = self.there()
        assert all(path.endswith(EXTENSION) for path in found)
        return {path[: -len(EXTENSION)]: pyrage.decrypt(data, [identity]) for path, data in found.items()}

    def reader(self, here: TreeSpec | None = None, *, key: AgeKey | None = None, **options: Any) -> SyncPair:
        """Return pulls from the same server, with a state of their own."""
        identities = (key or self.keys[0]).identities
        return SyncPair(self.pair.peer, here or {}, push=False, decrypt=identities, **options)
