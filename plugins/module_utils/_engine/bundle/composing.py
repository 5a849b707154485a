# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compose an archive from the listed entries of a tree, in one of the layouts, into any sink.

- Names that every reader of bags (BagIt, RFC 8493) takes for the same file: manifests of bags are lines of text.
  RFC 8493 escapes %, CR and LF; bagit.py does not decode an escaped %, removes blanks at the end of a name, and ends a
  line at any separator of Unicode. Names for which that matters are refused.
- TreeFile: the content of a file of the tree, as an archive takes it, with its digest.
"""

from __future__ import annotations

import io
from contextlib import closing
from typing import Callable, List, Optional, Sequence, Tuple

from ..errors import NotSupported, SourceChanged
from ..integrity.digest import sha256
from ..model.relpath import ROOT, RelPath
from ..model.tree import DIRECTORY, FILE, LINK, Entry
from ..transport.base import SourceFile
from ..transport.local.transport import LocalTransport
from . import bag
from .archive import SECOND, ArchiveWriter, Sink
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


def require_bag_name(path: RelPath, entry: Entry) -> None:
    """Raise NotSupported if a bag cannot hold the entry."""
    reason = _why_not(path, entry)
    if reason:
        raise NotSupported(
            f"layout: a bag cannot hold {reason}", path=path, cure="Rename or remove it, or set layout to plain."
        )


def _why_not(path: RelPath, entry: Entry) -> str:
    if entry.kind == LINK:
        return "a symbolic link"
    try:
        text = path.decode("utf-8")
    except UnicodeDecodeError:
        return "a name that is not UTF-8"
    if "%" in text or not text.isprintable() or text.endswith(" "):
        return "a name with %, an unprintable character or a blank at the end"
    return ""


class TreeFile:
    """Reads a file once. entry: its entry in the list; a file of other size or time has changed since."""

    def __init__(self, source: SourceFile, path: RelPath, entry: Entry) -> None:
        self._source, self._path = source, path
        self._digest = sha256()
        if (source.size, source.mtime) != (entry.size, entry.mtime):
            self.close()
            raise self._changed()

    def read(self, size: int) -> bytes:
        """Return the next `size` bytes, all of them. Raises SourceChanged, ItemError."""
        parts = []
        while size > 0:
            part = self._source.read(size)
            if not part:
                raise self._changed()
            parts.append(part)
            size -= len(part)
        data = b"".join(parts)
        self._digest.update(data)
        return data

    def finish(self) -> bytes:
        """Return the digest of the content. Raises SourceChanged if it may be of two versions."""
        if self._source.changed(self._digest.digest):
            raise self._changed()
        return self._digest.digest()

    def close(self) -> None:
        self._source.close()

    def _changed(self) -> SourceChanged:
        return SourceChanged(
            "src: the file changed while it was archived", path=self._path, cure="Run the task when src is at rest."
        )
