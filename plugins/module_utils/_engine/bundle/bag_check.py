# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hold the bag in an archive against its signed tag manifest."""

from __future__ import annotations

from typing import IO, Callable, Dict, Sequence, Tuple

from ..errors import DigestMismatch, SetIncomplete, SyncError
from ..integrity.digest import sha256
from ..model.relpath import RelPath
from ..model.tree import FILE, LINK
from . import bag
from .listing import Member
from .reading import Stored, unusable

CheckSignature = Callable[[bytes, bytes], object]
"""Raises an error unless the second is a good signature of the first, a tag manifest."""

_LARGEST_TEXT = 1 << 30
_BLOCK = 1 << 20
_COMPROMISE = "Ask the sender for the archive again."


def payload(stored: Sequence[Stored], base: bytes) -> Tuple[Member, ...]:
    """Return the entries of the tree in a bag, by their paths in the tree."""
    prefix = b"%s/%s/" % (base, bag.DATA)
    members = [each.member for each in stored if each.member.path.startswith(prefix)]
    return tuple(Member(RelPath(path[len(prefix) :]), entry) for path, entry in members)


def check_bag(file: IO[bytes], stored: Sequence[Stored], check_signature: CheckSignature) -> RelPath:
    """Return the name of the bag's directory. The signature is verified before the manifests are parsed.

    Raises ProtocolViolation, SetIncomplete, DigestMismatch, and the errors of `check_signature`.
    """
    base = _base(stored)
    files = {each.member.path: each for each in stored if each.member.entry.kind == FILE}
    tags = {name: _text(file, files, base, name) for name in (*bag.TAG_FILES, bag.TAG_MANIFEST, bag.SIGNATURE)}
    check_signature(tags[bag.TAG_MANIFEST], tags[bag.SIGNATURE])
    listed = _parsed(tags[bag.TAG_MANIFEST], base.child(bag.TAG_MANIFEST))
    _compare(listed, {name: sha256(tags[name]).digest() for name in bag.TAG_FILES}, base)
    if tags[bag.DECLARATION] != bag.BAGIT_TEXT:
        raise unusable("its version of BagIt, or its encoding, is unknown", base.child(bag.DECLARATION))
    apart = {base.child(name) for name in tags}
    others = [each for path, each in files.items() if path not in apart]
    digests = {bytes(each.member.path[len(base) + 1 :]): _digest(file, each) for each in others}
    _compare(_parsed(tags[bag.MANIFEST], base.child(bag.MANIFEST)), digests, base)
    return base


def _base(stored: Sequence[Stored]) -> RelPath:
    """Return the first member, the directory of the bag; all others are in it, and directories are in its data."""
    base = stored[0].member.path if stored else RelPath()
    data = b"%s/%s" % (base, bag.DATA)
    tags = [b"%s/%s" % (base, name) for name in (*bag.TAG_FILES, bag.TAG_MANIFEST, bag.SIGNATURE)]
    for path, entry in (each.member for each in stored[1:]):
        if not (path.startswith(data + b"/") and entry.kind != LINK) and path != data and path not in tags:
            raise unusable("a bag has no such member", path)
    return base


def _text(file: IO[bytes], files: Dict[RelPath, Stored], base: RelPath, name: bytes) -> bytes:
    path = RelPath(b"%s/%s" % (base, name))
    found = files.get(path)
    if found is None or found.member.entry.size > _LARGEST_TEXT:
        raise _incomplete("dest: a file of the bag is missing or too large", path)
    file.seek(found.offset)
    return file.read(found.member.entry.size)


def _parsed(text: bytes, path: RelPath) -> Dict[bytes, bytes]:
    try:
        return bag.parse_manifest(text)
    except ValueError as error:
        raise unusable(str(error), path) from None


def _compare(listed: Dict[bytes, bytes], found: Dict[bytes, bytes], base: RelPath) -> None:
    """Raise the error of the first file that is not as it is listed."""
    for name in sorted(listed.keys() | found.keys()):
        path = RelPath(b"%s/%s" % (base, name))
        if name not in found:
            raise _incomplete("dest: a file of the manifest is not in the bag", path)
        if name not in listed:
            raise _incomplete("dest: a file of the bag is not in the manifest", path)
        if listed[name] != found[name]:
            raise DigestMismatch("dest: the content is not the listed content", path=path, cure=_COMPROMISE)


def _incomplete(fact: str, path: RelPath) -> SyncError:
    return SetIncomplete(fact, path=path, cure=_COMPROMISE)


def _digest(file: IO[bytes], stored: Stored) -> bytes:
    digest, left = sha256(), stored.member.entry.size
    file.seek(stored.offset)
    while left:
        data = file.read(min(left, _BLOCK))
        if not data:
            raise unusable("it is cut", stored.member.path)
        digest.update(data)
        left -= len(data)
    return digest.digest()
