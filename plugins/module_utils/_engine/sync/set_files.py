# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The content of a signed set: the entries of its manifest, and a digest by which two sets are compared; and its files
that exist only in memory here: uploaded, proven as the run proves files, then renamed.
"""

from __future__ import annotations

import re
from typing import AbstractSet, Callable, Dict, Iterator, List, NamedTuple, Optional, Tuple

from ..errors import ItemError, ProofFailed, SourceChanged, SyncError
from ..integrity.digest import sha256
from ..integrity.published_manifest import SUMS
from ..model.relpath import RelPath
from ..model.request import NONE, Signing
from ..model.tree import DIRECTORY, FILE, LINK, Attributes, Digests, Entry, Tree
from ..transport.base import PeerTransport, Rename, SourceFile, Sources, Staged, Transfer
from .contents import PeerHash
from .stage_names import StageNames

_MODE = 0o644
_ESCAPED = re.compile(rb"[\\\\\n\r]")


class _Content(SourceFile):
    """Bytes as an open file."""

    def __init__(self, content: bytes) -> None:
        self.size = len(content)
        self.mtime = 0
        self._content = memoryview(content)

    def read(self, count: int) -> bytes:
        data, self._content = self._content[:count], self._content[count:]
        return bytes(data)

    def changed(self, read: Callable[[], bytes]) -> bool:
        return False

    def close(self) -> None:
        """Keep the bytes: they belong to the caller."""


class Contents(Sources):
    """contents: by path."""

    def __init__(self, contents: Dict[RelPath, bytes]) -> None:
        self._contents = contents

    def open_source(self, path: RelPath) -> SourceFile:
        return _Content(self._contents[path])


class SetFiles:
    """policy: one of PROOF_POLICIES. count: called with the bytes of each file that was sent."""

    def __init__(
        self, peer: PeerTransport, names: StageNames, peer_hash: PeerHash, policy: str, count: Callable[[int], None]
    ) -> None:
        self._peer = peer
        self._names = names
        self._peer_hash = peer_hash
        self._policy = policy
        self._count = count

    def make_directory(self, path: RelPath) -> None:
        """Make a directory that every receiver may list. Raises the item's error."""
        for made in self._peer.make_directories([path]):
            _require(made.error, path)
        for done in self._peer.set_attributes([(path, Attributes(0o755, None))]):
            _require(done.error, path)

    def create(self, path: RelPath, content: bytes) -> None:
        """Make a file that was not there. Raises AlreadyExists, ItemError."""
        stage = self._stage(path, content)
        try:
            self._peer.rename_new(stage, path)
        except ItemError as error:
            raise error.at(path) from error
        self._names.release(stage)

    def replace(self, path: RelPath, content: bytes) -> None:
        """Make a file, or replace it. Raises ItemError."""
        stage = self._stage(path, content)
        for done in self._peer.rename([Rename(stage, path)]):
            _require(done.error, path)
        self._names.release(stage)

    def _stage(self, path: RelPath, content: bytes) -> RelPath:
        """Return the name under which the content is at the peer, proven."""
        entry = Entry(FILE, len(content), 0, _MODE)
        transfer = Transfer(path, path, self._names.beside(path), entry, Attributes(_MODE, None))
        for staged in self._peer.upload([transfer], Contents({path: content})):
            _require(staged.error, path)
            self._count(staged.size)
            self._prove(path, staged)
            return staged.transfer.stage
        raise AssertionError("an upload without a result")

    def _prove(self, path: RelPath, staged: Staged) -> None:
        if self._policy == NONE:
            return
        for proven in self._peer_hash.digest({staged.transfer.stage: staged.size}):
            error = proven.digested.error
            if isinstance(error, SourceChanged):
                raise _differs(path, f": {error.message}")
            _require(error, path)
            if proven.digested.digest != staged.digest:
                raise _differs(path)


def _differs(path: RelPath, fact: str = "") -> ProofFailed:
    return ProofFailed(f"the stored bytes differ from the sent bytes{fact}", path=path, cure="Run again.")


def _require(error: Optional[SyncError], path: RelPath) -> None:
    """Raise the error, of a temporary name too, as an error of the path."""
    if error is not None:
        raise error.at(path)


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
