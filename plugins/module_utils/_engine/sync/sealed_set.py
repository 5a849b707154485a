# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The encrypted index of a signed set: the tree of the contents of its sealed files in mtree(5) form, for readers with
a key.

Each file has mode, time, size and digest of its content, and in `tags`, which mtree(8) ignores, the digest of its
sealed form. So `mtree -f INDEX -p TREE` checks a tree that was opened. The last line is the seal of a manifest.

    #mtree
    . type=dir
    ./a.txt type=file mode=0644 size=4096 time=1700000000.000000000 sha256digest=9f2c... tags=stored:77de...
"""

from __future__ import annotations

import io
import re
from functools import partial
from typing import Dict, List, NamedTuple

from ..errors import ManifestTooLarge, SetIncomplete, SigningFailed, SyncError
from ..integrity.digest import UnusableManifest
from ..integrity.manifest import escape_name, manifest_head, seal, unescape, unescape_path, unseal
from ..model.relpath import RelPath
from ..model.tree import DIRECTORY, FILE, LINK, Digests, Entry, Tree
from ..sealing.pairs import Pair, has_form, plain_of
from .sealing import SealedRun

_ASK = "Ask the sender to push again."


def index_text(run: SealedRun, stored: Tree, source: Tree) -> bytes:
    """Return the index of a set. stored: its entries. source: the entries here. Raises SigningFailed."""
    tree: Tree = {}
    digests: Dict[bytes, bytes] = {}
    sealed: Dict[bytes, bytes] = {}
    for path, entry in stored.items():
        if entry.kind != FILE:
            tree[path] = source[path]
            continue
        plain = run.plain(path)
        pair = run.book.known.get(plain)
        if pair is None:
            raise SigningFailed("no pair is known of a sealed file", path=path, cure="Run again.")
        tree[plain] = source[path]._replace(size=pair.size)
        digests[plain], sealed[plain] = pair.digest, pair.stored_digest
    return write_index(SealedIndex(tree, digests, sealed))


def sealed_text(run: SealedRun, text: bytes) -> bytes:
    """Return the sealed form of a text."""
    whole = bytearray()
    if run.sealer is not None:
        run.sealer.seal(io.BytesIO(text).read, whole.extend)
    return bytes(whole)


def take_index(run: SealedRun, path: RelPath, sealed: str, listed: Digests, source: Tree) -> None:
    """Open an index: the contents of a set, their modes and times are known by it.

    path: its name at the server
    sealed: its file here
    listed: digests of the signed manifest
    source: the entries of the run
    Raises IdentityMissing, SealedDamaged, SetIncomplete, ManifestTooLarge.
    """
    index = _read(run, path, sealed)
    _require_whole(index, listed, run.extension)
    run.book.index = {}
    for name, entry in source.items():
        plain = plain_of(run.in_set.get(name, name), entry, run.extension)
        content = index.tree.get(plain)
        if content is None or content.kind != entry.kind or entry.kind not in (FILE, DIRECTORY):
            continue
        source[name] = entry._replace(mode=content.mode, mtime=content.mtime)
        if entry.kind == FILE:
            pair = Pair(content.size, index.digests[plain], entry.size, index.stored[plain])
            _learn(run, run.plain(name), pair)


def _read(run: SealedRun, path: RelPath, sealed: str) -> SealedIndex:
    text = bytearray()
    try:
        with open(sealed, "rb") as file:
            if run.opener is not None:
                run.opener.open(file.read, partial(_add, text))
        return read_index(bytes(text))
    except SyncError as error:
        raise error.at(path) from None
    except UnusableManifest as error:
        raise SetIncomplete(f"the index of the set cannot be used: {error}", path=path, cure=_ASK) from None


def _add(text: bytearray, data: bytes) -> None:
    text += data
    if len(text) > INDEX_LIMIT:
        raise ManifestTooLarge(f"the index has more than {INDEX_LIMIT} bytes", cure=_ASK)


def _require_whole(index: SealedIndex, listed: Digests, extension: bytes) -> None:
    for stored, digest in listed.items():
        if has_form(stored, extension) and index.stored.get(stored[: -len(extension)]) != digest:
            raise SetIncomplete("the index does not list this file of the set", path=RelPath(stored), cure=_ASK)


def _learn(run: SealedRun, plain: RelPath, pair: Pair) -> None:
    if run.book.index is not None:
        run.book.index[plain] = (pair.size, pair.digest)
    before = run.book.known.get(plain)
    if before is None or before._replace(recipients="") != pair:
        run.book.known[plain] = pair


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
