# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The index of a sealed set: the tree of the contents in mtree(5) form, which readers get encrypted.

Each file has mode, time, size and digest of its content, and in `tags`, which mtree(8) ignores, the digest of its
sealed form. So `mtree -f INDEX -p TREE` checks a tree that was opened. The last line is the seal of a manifest.

    #mtree
    . type=dir
    ./a.txt type=file mode=0644 size=4096 time=1700000000.000000000 sha256digest=9f2c... tags=stored:77de...
"""

from __future__ import annotations

import re
from typing import Dict, List, NamedTuple

from ..integrity.digest import UnusableManifest
from ..integrity.manifest import escape_name, manifest_head, seal, unescape, unescape_path, unseal
from ..model.relpath import RelPath
from ..model.tree import DIRECTORY, FILE, LINK, Digests, Entry, Tree

INDEX_LIMIT = 256 << 20
"""Bytes of an index, sealed or not."""

_SECOND = 1_000_000_000
_ATTRIBUTES = rb"mode=0([0-7]{1,3})(?: size=(\d{1,19}))? time=(-?\d{1,18})\.(\d{9})"
_ENTRY = re.compile(
    rb"\./([!-~]+) type=(?:(?:(file)|dir) "
    + _ATTRIBUTES
    + rb"(?: sha256digest=([0-9a-f]{64}) tags=stored:([0-9a-f]{64}))?|link link=([!-~]*))"
)


class SealedIndex(NamedTuple):
    """An index.

    tree: the contents and their attributes
    digests: of the contents
    stored: of the sealed files, by name of the content
    """

    tree: Tree
    digests: Digests
    stored: Digests


def write_index(index: SealedIndex) -> bytes:
    """Return the text. Each file has both digests, each link a target; other entries are left out."""
    lines = [manifest_head(b""), b". type=dir\n"]
    lines += [_line(path, index.tree[path], index) for path in sorted(index.tree)]
    return seal(b"".join(lines))


def _line(path: RelPath, entry: Entry, index: SealedIndex) -> bytes:
    name, time = escape_name(path), b"time=%d.%09d" % divmod(entry.mtime, _SECOND)
    if entry.kind == FILE:
        digests = (index.digests[path].hex().encode(), index.stored[path].hex().encode())
        words = (name, entry.mode, entry.size, time, *digests)
        return b"./%s type=file mode=0%o size=%d %s sha256digest=%s tags=stored:%s\n" % words
    if entry.kind == DIRECTORY:
        return b"./%s type=dir mode=0%o %s\n" % (name, entry.mode, time)
    if entry.kind == LINK and entry.target is not None:
        return b"./%s type=link link=%s\n" % (name, escape_name(entry.target))
    return b""


def read_index(data: bytes) -> SealedIndex:
    """Return the index. Raises UnusableManifest for everything that `write_index` does not write."""
    body, start = unseal(data), manifest_head(b"") + b". type=dir\n"
    if not body.startswith(start):
        raise UnusableManifest("it does not begin as an index")
    tree: Tree = {}
    digests: Dict[bytes, bytes] = {}
    stored: Dict[bytes, bytes] = {}
    lines: List[bytes] = body[len(start) :].split(b"\n")[:-1]
    for line in lines:
        match = _ENTRY.fullmatch(line)
        if match is None:
            raise UnusableManifest("the index has a line that is not a known entry")
        path, entry = _entry(match)
        tree[path] = entry
        if entry.kind == FILE:
            digests[path], stored[path] = bytes.fromhex(match[7].decode()), bytes.fromhex(match[8].decode())
    if len(tree) != len(lines):
        raise UnusableManifest("the index lists a path twice")
    return SealedIndex(tree, digests, stored)


def _entry(match: re.Match[bytes]) -> tuple[RelPath, Entry]:
    name, is_file, mode, size, seconds, fraction, digest, _stored, link = match.groups()
    path = unescape_path(name)
    if link is not None:
        target = unescape(link)
        if target is None:
            raise UnusableManifest("the index holds a target with an unknown escape sequence")
        return path, Entry(LINK, 0, 0, 0, target)
    if bool(is_file) != (digest is not None and size is not None):
        raise UnusableManifest("the index has a file without size or digest")
    mtime = int(seconds) * _SECOND + int(fraction)
    return path, Entry(FILE if is_file else DIRECTORY, int(size or 0), mtime, int(mode, 8))
