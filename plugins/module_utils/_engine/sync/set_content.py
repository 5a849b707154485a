# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The content of a signed set: the entries of its manifest, and a digest by which two sets are compared."""

from __future__ import annotations

import re
from typing import AbstractSet, Iterator, List, NamedTuple, Tuple

from ..integrity.digest import sha256
from ..integrity.published_names import SUMS
from ..model.relpath import RelPath
from ..model.request import Signing
from ..model.tree import DIRECTORY, FILE, LINK, Digests, Entry, Tree

_ESCAPED = re.compile(rb"[\\\\\n\r]")


class SetContent(NamedTuple):
    """Entries and digests of a set.

    others: the entries that are no files, sorted
    attributes: whether modes and times belong to the set
    sums: whether SHA256SUMS does, which follows from the other files and is not compared
    contents, recipients: of sealed files, the text of their index, and their readers
    """

    tree: Tree
    digests: Digests
    others: List[Tuple[RelPath, Entry]]
    attributes: bool = False
    sums: bool = False
    contents: bytes = b""
    recipients: str = ""

    @classmethod
    def of(cls, tree: Tree, digests: Digests, signing: Signing, *, without: AbstractSet[bytes]) -> SetContent:
        """Return the content of a tree, `without` some entries. Special entries and links without a target are out.
        The loops run over everything: a tree that needs no copy is not copied."""
        others = [item for item in tree.items() if item[1][0] != FILE]
        out = {path for path in without if path in tree}
        out.update(path for path, entry in others if not _is_delivered(entry))
        if out:
            tree = {path: entry for path, entry in tree.items() if path not in out}
            digests = {path: digest for path, digest in digests.items() if path in tree}
            others = [item for item in others if item[0] not in out]
        return cls(tree, digests, sorted(others), signing.attributes, signing.sums)

    def digest(self) -> str:
        """Return 64 hexadecimal digits: equal for two sets whose manifests list the same."""
        paths = sorted(self.digests)
        if self.sums and SUMS in self.digests:
            paths.remove(SUMS)
        running = sha256(b"sums " if self.sums else b"")
        running.update(b"\0".join(paths))
        in_order = paths == list(self.digests)  # as a record has them
        digests = self.digests.values() if in_order else [self.digests[path] for path in paths]
        running.update(b"\0" + b"".join(digests))
        running.update(
            b"\0".join(b"%s\0%s\0%s" % (path, each[0].encode(), each[4] or b"") for path, each in self.others)
        )
        if self.attributes:
            running.update(b"\0".join(self._attributes()))
        if self.contents:
            running.update(b"\0index %s\0" % self.recipients.encode() + self.contents)
        return running.hexdigest()

    def _attributes(self) -> Iterator[bytes]:
        for path in sorted(self.tree):
            entry = self.tree[path]
            if entry.kind != LINK and not (self.sums and path == SUMS):
                yield b"%s\0%o %d" % (path, entry.mode, entry.mtime)

    def with_sums(self, text: bytes, mtime: int) -> SetContent:
        """Return the same set with SHA256SUMS, whose content is `text`."""
        entry = Entry(FILE, len(text), mtime, 0o644)
        return self._replace(tree={**self.tree, SUMS: entry}, digests={**self.digests, SUMS: sha256(text).digest()})


def _is_delivered(entry: Entry) -> bool:
    return entry.kind == DIRECTORY or (entry.kind == LINK and entry.target is not None)


def sums_text(digests: Digests) -> bytes:
    """Return the list in the form of sha256sum(1): a name with a backslash or line break is escaped, and its line
    begins with a backslash."""
    return b"".join([_sum_line(path, digests[path]) for path in sorted(digests)])


def _sum_line(path: bytes, digest: bytes) -> bytes:
    if _ESCAPED.search(path) is None:
        return b"%s  %s\n" % (digest.hex().encode(), path)
    return b"\\%s  %s\n" % (digest.hex().encode(), _ESCAPED.sub(_escape, path))


def _escape(match: re.Match[bytes]) -> bytes:
    return {b"\\": b"\\\\", b"\n": b"\\n", b"\r": b"\\r"}[match.group()]
