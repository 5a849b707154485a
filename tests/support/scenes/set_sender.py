# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sender of a signed set, and its server in memory; the claims of a reader of the server.

sender = SetSender({b"a": b"alpha"})
sender.good()
assert sender.is_whole()
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Optional

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.integrity.published_manifest import (
    PublishedManifest,
    complete_pairs,
    read_published,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.report import SyncReport
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import Signing
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.purpose import MANIFESTS
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.signer import Signer

from ..servers.ssh_keys import key
from ..trees.tree_spec import File
from .sync_pair import SyncPair, codes

__all__ = ["FILES", "FIRST", "OLD", "SECOND", "SetSender"]

FILES: dict[bytes, Any] = {b"a": b"alpha", b"sub/b": b"beta"}
OLD: dict[bytes, Any] = {b"a": b"old", b"extra": b"extra"}
FIRST, SECOND = b"MANIFEST/000001.mtree", b"MANIFEST/000002.mtree"
SECONDS = 10**9


class SetSender:
    """A sender of a signed set, and its server in memory."""

    def __init__(
        self, source: dict[bytes, Any] = FILES, there: Any = OLD, *, sign: dict[str, Any] | None = None, **options: Any
    ) -> None:
        self.sign = Signing(private_key_file=str(key("signer").path))._replace(**(sign or {}))
        self.pair = SyncPair(source, there, delete=True, **options)
        self._mtime = 1_600_000_000 * SECONDS

    def run(self, *, sign: dict[str, Any] | None = None, **options: Any) -> SyncReport:
        return self.pair.run(sign=self.sign._replace(**(sign or {})), **options)

    def good(self, **options: Any) -> SyncReport:
        report = self.run(**options)
        assert codes(report) == set()
        return report

    def write(self, path: bytes, content: bytes) -> None:
        """Write a file of the source, with a time of its own."""
        self._mtime += 60 * SECONDS
        self.pair.source.fill({path: File(content, 0o644, self._mtime)})

    @property
    def there(self) -> dict[bytes, Any]:
        return self.pair.destination.snapshot()

    @property
    def names(self) -> list[bytes]:
        """Names in the directory of manifests."""
        return sorted(path.rpartition(b"/")[2] for path in self.there if path.startswith(b"MANIFEST/"))

    def content(self, path: bytes) -> bytes:
        found = self.there[path]
        assert isinstance(found, File)
        return found.content

    def newest(self) -> Optional[PublishedManifest]:
        """Return the newest whole pair, as a reader finds it. It must be validly signed."""
        numbers = complete_pairs(self.names)
        if not numbers:
            return None
        text = self.content(b"MANIFEST/%06d.mtree" % numbers[0])
        signature = self.content(b"MANIFEST/%06d.mtree.sig" % numbers[0])
        signer = Signer(self.sign)
        try:
            assert signer.is_made_by(key("signer").fingerprint, text, signature, MANIFESTS)
        finally:
            signer.close()
        read = read_published(text, directory=b"MANIFEST")
        assert read.header.sequence == numbers[0]
        return read

    def is_whole(self) -> bool:
        """Whether the tree is exactly the newest set."""
        read, there = self.newest(), self.there
        assert read is not None
        files = {path: each.content for path, each in there.items() if isinstance(each, File)}
        listed = {path: len(files.get(path, b"")) for path in read.digests}
        return listed == {path: read.tree[path].size for path in read.digests} and {
            path for path in files if not path.startswith(b"MANIFEST/")
        } == set(read.digests)

    def state_file(self) -> Path:
        (path,) = (Path(os.fsdecode(self.pair.state_dir)) / "published").iterdir()
        return path

    def remove(self, path: bytes) -> None:
        """Remove a file of the server."""
        for _done in self.pair.destination.remove_files([RelPath(path)]):
            pass
