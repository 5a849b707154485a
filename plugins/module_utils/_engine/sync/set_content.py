# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The content of a signed set: the entries of its manifest, and a digest by which two sets are compared."""

from __future__ import annotations

import re
from typing import AbstractSet, Iterator, NamedTuple

from ..integrity.digest import sha256
from ..integrity.published_names import SUMS
from ..model.request import Signing
from ..model.tree import DIRECTORY, FILE, LINK, Digests, Entry, Tree

__all__ = ["SetContent", "sums_text"]

_ESCAPED = re.compile(rb"[\\\\\n\r]")


class SetContent(NamedTuple):
    """Entries and digests of a set. attributes: whether modes and times belong to it; sums: whether SHA256SUMS does,
    which follows from the other files and is not compared."""

    tree: Tree
    digests: Digests
    attributes: bool = False
    sums: bool = False

    @classmethod
    def of(cls, tree: Tree, digests: Digests, signing: Signing, *, without: AbstractSet[bytes]) -> SetContent:
        """Return the content of a tree, `without` some entries. Special entries and links without a target are out."""
        listed = {
            path: entry
            for path, entry in tree.items()
            if (entry[0] == FILE or entry[0] == DIRECTORY or (entry[0] == LINK and entry[4] is not None))
            and path not in without
        }
        known = {path: digest for path, digest in digests.items() if path in listed}
        return cls(listed, known, signing.attributes, signing.sums)

    def digest(self) -> str:
        """Return 64 hexadecimal digits: equal for two sets whose manifests list the same."""
        paths = sorted(self.digests)
        if self.sums and SUMS in self.digests:
            paths.remove(SUMS)
        running = sha256(b"sums " if self.sums else b"")
        running.update(b"\0".join(paths))
        running.update(b"\0" + b"".join([self.digests[path] for path in paths]))
        running.update(b"\0".join(self._others()))
        if self.attributes:
            running.update(b"\0".join(self._attributes()))
        return running.hexdigest()

    def _others(self) -> Iterator[bytes]:
        others = [(path, entry) for path, entry in self.tree.items() if entry[0] != FILE]
        for path, entry in sorted(others):
            yield b"%s\0%s\0%s" % (path, entry.kind.encode(), entry.target or b"")

    def _attributes(self) -> Iterator[bytes]:
        for path in sorted(self.tree):
            entry = self.tree[path]
            if entry.kind != LINK and not (self.sums and path == SUMS):
                yield b"%s\0%o %d" % (path, entry.mode, entry.mtime)

    def with_sums(self, text: bytes, mtime: int) -> SetContent:
        """Return the same set with SHA256SUMS, whose content is `text`."""
        entry = Entry(FILE, len(text), mtime, 0o644)
        return self._replace(tree={**self.tree, SUMS: entry}, digests={**self.digests, SUMS: sha256(text).digest()})


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
