# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compose an archive from the listed entries of a tree, in one of the layouts, into any sink."""

from __future__ import annotations

import io
from contextlib import closing
from typing import Callable, List, Optional, Sequence, Tuple

from ..model.relpath import ROOT, RelPath
from ..model.tree import DIRECTORY, FILE, Entry
from ..transport.local.transport import LocalTransport
from . import bag
from .archive import SECOND, ArchiveWriter, Sink
from .bag_names import require_bag_name
from .contents import TreeFile
from .listing import Member, newest

Labels = Sequence[Tuple[str, str]]
Seal = Callable[[bytes], bytes]
"""Returns the signature of a tag manifest."""


class Composer:
    """The archive of a tree.

    base: name of the directory of a bag; None for the plain layout. labels: see BundleRequest
    Raises NotSupported for an entry that a bag cannot hold.
    """

    def __init__(
        self, tree: LocalTransport, members: Tuple[Member, ...], base: Optional[bytes], labels: Labels = ()
    ) -> None:
        self._tree, self._members, self._labels = tree, members, labels
        self._base = None if base is None else RelPath.checked(base)
        self._time = newest(members)
        if self._base is not None:
            for each in members:
                require_bag_name(each.path, each.entry)

    def write(self, sink: Sink, seal: Seal) -> None:
        """Write the archive. seal: called for a bag alone. Raises SourceChanged, ItemError, and all that the sink
        raises."""
        archive = ArchiveWriter(sink, self._time)
        if self._base is None:
            self._write_tree(archive, ROOT)
        else:
            self._write_bag(archive, self._base, seal)
        archive.close()

    def _write_bag(self, archive: ArchiveWriter, base: RelPath, seal: Seal) -> None:
        _add_directory(archive, base)
        texts = {bag.BAG_INFO: bag.bag_info(self._members, self._labels), bag.DECLARATION: bag.BAGIT_TEXT}
        for name, text in texts.items():
            self._add_text(archive, base.child(name), text)
        data = base.child(bag.DATA)
        _add_directory(archive, data)
        digests = [(path[len(base) + 1 :], digest) for path, digest in self._write_tree(archive, data)]
        texts[bag.MANIFEST] = bag.manifest_text(digests)
        tags = bag.tag_manifest(texts)
        self._add_text(archive, base.child(bag.MANIFEST), texts[bag.MANIFEST])
        self._add_text(archive, base.child(bag.TAG_MANIFEST), tags)
        self._add_text(archive, base.child(bag.SIGNATURE), seal(tags))

    def _write_tree(self, archive: ArchiveWriter, below: RelPath) -> List[Tuple[bytes, bytes]]:
        """Write the tree; return the digests of its files by their paths in the archive."""
        digests = []
        for path, entry in self._members:
            name = RelPath(b"%s/%s" % (below, path)) if below else path
            if entry.kind != FILE:
                archive.add(name, entry)
                continue
            with closing(TreeFile(self._tree.open_source(path), path, entry)) as content:
                archive.add(name, entry, content)
                digests.append((bytes(name), content.finish()))
        return digests

    def _add_text(self, archive: ArchiveWriter, path: RelPath, text: bytes) -> None:
        archive.add(path, Entry(FILE, len(text), self._time * SECOND, 0o644), io.BytesIO(text))


def _add_directory(archive: ArchiveWriter, path: RelPath) -> None:
    archive.add(path, Entry(DIRECTORY, 0, 0, 0o755))
