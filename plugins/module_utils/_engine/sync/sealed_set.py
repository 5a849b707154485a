# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The encrypted index of a signed set: the contents of its sealed files, for readers with a key."""

from __future__ import annotations

import io
from functools import partial
from typing import Dict

from ..errors import ManifestTooLarge, SetIncomplete, SigningFailed, SyncError
from ..integrity.digest import UnusableManifest
from ..model.relpath import RelPath
from ..model.tree import DIRECTORY, FILE, Digests, Tree
from ..sealing.index import INDEX_LIMIT, SealedIndex, read_index, write_index
from ..sealing.pairs import Pair
from ..sealing.stored_names import has_form, plain_of
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
