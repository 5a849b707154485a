# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pairs: for each sealed file, its content and its sealed form. With them, a second run has nothing to do.

A pair is kept for each path, as one line of text. The text is sealed like a manifest: a truncated or changed text is
not used. It holds digests of contents, so only its owner may read it.

    # ftp_synchronize pairs 1
    # about: 3f0a...
    a.txt 4096 9f2c... 4296 77de... 51ab0123456789ab

PairBook has the pairs of a run, from earlier runs, from a signed index, and from this run.
"""

from __future__ import annotations

import re
from typing import Dict, Iterable, List, Mapping, NamedTuple, Optional, Tuple

from ..integrity.digest import UnusableManifest, sha256
from ..integrity.manifest import escape_name, seal, unescape_path, unseal
from ..model.relpath import RelPath
from ..model.tree import FILE, Entry

_HEAD = b"# ftp_synchronize pairs 1\n# about: %s\n"
_LINE = re.compile(rb"^([!-~]+) (\d{1,19}) ([0-9a-f]{64}) (\d{1,19}) ([0-9a-f]{64}) ([0-9a-f]{16}|-)$", re.M)


class Pair(NamedTuple):
    """A content and its sealed form.

    size, digest: of the content
    stored_size, stored_digest: of the sealed file
    recipients: recipients_id of its readers; "" if they are not known
    """

    size: int
    digest: bytes
    stored_size: int
    stored_digest: bytes
    recipients: str = ""


Pairs = Dict[RelPath, Pair]
"""By path of the content."""


def recipients_id(recipients_digest: str) -> str:
    """Return 16 hexadecimal digits for a list of recipients."""
    return sha256(recipients_digest.encode("utf-8")).hexdigest()[:16]


def write_pairs(pairs: Mapping[RelPath, Pair], about: bytes) -> bytes:
    """Return the text. about: the pair of trees, one word."""
    lines = [_HEAD % about]
    for path in sorted(pairs):
        size, digest, stored_size, stored_digest, recipients = pairs[path]
        words = (escape_name(path), size, digest.hex().encode(), stored_size, stored_digest.hex().encode())
        lines.append(b"%s %d %s %d %s %s\n" % (*words, recipients.encode() or b"-"))
    return seal(b"".join(lines))


def read_pairs(data: bytes, about: bytes) -> Pairs:
    """Return the pairs of a text. Raises UnusableManifest for everything that `write_pairs` does not write."""
    body, head = unseal(data), _HEAD % about
    if not body.startswith(head):
        raise UnusableManifest("the pairs of sealed files belong to another pair of trees")
    rows = _LINE.findall(body)
    if len(rows) != body.count(b"\n") - head.count(b"\n"):
        raise UnusableManifest("the pairs of sealed files have a malformed line")
    return {unescape_path(row[0]): _pair(*row[1:]) for row in rows}


def _pair(size: bytes, digest: bytes, stored_size: bytes, stored_digest: bytes, recipients: bytes) -> Pair:
    return Pair(
        int(size),
        bytes.fromhex(digest.decode()),
        int(stored_size),
        bytes.fromhex(stored_digest.decode()),
        recipients.decode().strip("-"),
    )


class PairBook:
    """recipients: recipients_id of the readers of a push; "" on a pull, where a pair counts for all recipients.

    known: pairs of earlier runs
    index: content of each file by a signed index: size and digest; None without an index
    """

    def __init__(self, recipients: str = "") -> None:
        self.recipients = recipients
        self.known: Pairs = {}
        self.index: Optional[Dict[RelPath, Tuple[int, bytes]]] = None
        self._made: Pairs = {}

    def of(self, plain: RelPath, size: int) -> Optional[Pair]:
        """Return the pair of a file of `size` bytes, if its sealed form may still be right."""
        pair = self.known.get(plain)
        return pair if pair is not None and pair.size == size and self.is_for_all(pair) else None

    def is_for_all(self, pair: Pair) -> bool:
        """Return whether the readers of a push, and no others, can open the sealed form."""
        return not self.recipients or pair.recipients == self.recipients

    def is_stale(self, plain: RelPath) -> bool:
        """Return whether the file was sealed for other recipients."""
        pair = self.known.get(plain)
        return pair is not None and not self.is_for_all(pair)

    def made(self, plain: RelPath, pair: Pair) -> None:
        """Note a pair of this run. It counts once its sealed form was proven: see `settle`."""
        self._made[plain] = pair

    def with_digest(self, plain: RelPath, stored_digest: bytes) -> Optional[Pair]:
        """Return the pair of a sealed form, of this run or an earlier run."""
        pairs = (self._made.get(plain), self.known.get(plain))
        return next((pair for pair in pairs if pair is not None and pair.stored_digest == stored_digest), None)

    def settle(self, proven: Mapping[RelPath, Optional[bytes]]) -> List[Tuple[RelPath, Pair]]:
        """Take over the pairs whose sealed form was proven and has its name. proven: digests by name of the content.
        Return the new pairs."""
        fresh = []
        for plain, digest in proven.items():
            pair = self._made.get(plain)
            if pair is not None and pair.stored_digest == digest and not self._knows(plain, pair):
                self.known[plain] = pair
                fresh.append((plain, pair))
        return fresh

    def _knows(self, plain: RelPath, pair: Pair) -> bool:
        """Return whether a pair is known. A pull does not show the recipients of a sealed form."""
        known = self.known.get(plain)
        return known is not None and pair in (known, known._replace(recipients=""))

    def keep_only(self, plains: Iterable[RelPath]) -> bool:
        """Forget the pairs of other files; return whether there were any."""
        kept = {plain: self.known[plain] for plain in plains if plain in self.known}
        gone = len(kept) != len(self.known)
        self.known = kept
        return gone


def has_form(path: bytes, extension: bytes) -> bool:
    """Return whether a name has the form of a sealed file."""
    return path.endswith(extension) and path.rpartition(b"/")[2] != extension


def stored_of(plain: RelPath, extension: bytes) -> RelPath:
    """Return the name of the sealed form of a file."""
    return RelPath(plain + extension)


def plain_of(path: RelPath, entry: Entry, extension: bytes) -> RelPath:
    """Return the name of the content of a stored entry. Only files are sealed."""
    return RelPath(path[: -len(extension)]) if entry[0] == FILE and has_form(path, extension) else path
