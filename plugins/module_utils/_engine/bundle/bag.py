# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The layout of a bag (BagIt 1.0, RFC 8493) in an archive, and its check against its signed tag manifest.

    NAME/bag-info.txt                   number and bytes of the files, and labels of the task
    NAME/bagit.txt                      version and encoding
    NAME/data/...                       the tree
    NAME/manifest-sha256.txt            digests of the tree
    NAME/tagmanifest-sha256.txt         digests of the three files
    NAME/tagmanifest-sha256.txt.sig     its signature, which so covers the whole bag, also when it is unpacked

Nothing depends on the time of the run: bag-info.txt has no date.
"""

from __future__ import annotations

import re
from typing import IO, Callable, Dict, Iterable, List, Mapping, Sequence, Tuple

from ..errors import DigestMismatch, SetIncomplete, SyncError
from ..integrity.digest import sha256
from ..model.relpath import RelPath
from ..model.tree import FILE, LINK
from .listing import Member
from .reading import Stored, unusable

BAG_INFO = b"bag-info.txt"
DECLARATION = b"bagit.txt"
DATA = b"data"
MANIFEST = b"manifest-sha256.txt"
TAG_MANIFEST = b"tagmanifest-sha256.txt"
SIGNATURE = TAG_MANIFEST + b".sig"
TAG_FILES = (BAG_INFO, DECLARATION, MANIFEST)
"""The files that the tag manifest lists."""

OXUM = "Payload-Oxum"
"""The label of the number of bytes and files."""

BAGIT_TEXT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

_LINE = re.compile(rb"([0-9a-f]{64})  (\S.*)\Z", re.DOTALL)
CheckSignature = Callable[[bytes, bytes], object]
"""Raises an error unless the second is a good signature of the first, a tag manifest."""
_LARGEST_TEXT = 1 << 30
_BLOCK = 1 << 20
_COMPROMISE = "Ask the sender for the archive again."


def base_name(archive: bytes) -> bytes:
    """Return the name of the directory of the bag in an archive of this name."""
    name = archive.rpartition(b"/")[2]
    return name[:-4] if name.endswith(b".tar") and len(name) > 4 else name


def bag_info(members: Iterable[Member], labels: Sequence[Tuple[str, str]] = ()) -> bytes:
    """Return the text of bag-info.txt for the tree. labels: further labels and their values, each one line."""
    sizes = [each.entry.size for each in members if each.entry.kind == FILE]
    found = sorted([*labels, (OXUM, f"{sum(sizes)}.{len(sizes)}")])
    return "".join("%s: %s\n" % each for each in found).encode()


def manifest_text(digests: Sequence[Tuple[bytes, bytes]]) -> bytes:
    """Return the text of a manifest. digests: path in the bag, and SHA-256."""
    return b"".join(b"%s  %s\n" % (digest.hex().encode(), path) for path, digest in digests)


def tag_manifest(texts: Mapping[bytes, bytes]) -> bytes:
    """Return the text of the tag manifest. texts: of the three files, by name."""
    return manifest_text([(name, sha256(texts[name]).digest()) for name in TAG_FILES])


def parse_manifest(text: bytes) -> Dict[bytes, bytes]:
    """Return the digests of a manifest by path in the bag. Raises ValueError."""
    if not text.endswith(b"\n") and text:
        raise ValueError("its last line is cut")
    found: Dict[bytes, bytes] = {}
    lines: List[bytes] = text.split(b"\n")[:-1]
    for number, line in enumerate(lines, 1):
        match = _LINE.match(line)
        if match is None or match.group(2) in found:
            raise ValueError(f"line {number} is not a digest and a new path")
        found[match.group(2)] = bytes.fromhex(match.group(1).decode())
    return found


def payload(stored: Sequence[Stored], base: bytes) -> Tuple[Member, ...]:
    """Return the entries of the tree in a bag, by their paths in the tree."""
    prefix = b"%s/%s/" % (base, DATA)
    members = [each.member for each in stored if each.member.path.startswith(prefix)]
    return tuple(Member(RelPath(path[len(prefix) :]), entry) for path, entry in members)


def check_bag(file: IO[bytes], stored: Sequence[Stored], check_signature: CheckSignature) -> RelPath:
    """Return the name of the bag's directory. The signature is verified before the manifests are parsed.

    Raises ProtocolViolation, SetIncomplete, DigestMismatch, and the errors of `check_signature`.
    """
    base = _base(stored)
    files = {each.member.path: each for each in stored if each.member.entry.kind == FILE}
    tags = {name: _text(file, files, base, name) for name in (*TAG_FILES, TAG_MANIFEST, SIGNATURE)}
    check_signature(tags[TAG_MANIFEST], tags[SIGNATURE])
    listed = _parsed(tags[TAG_MANIFEST], base.child(TAG_MANIFEST))
    _compare(listed, {name: sha256(tags[name]).digest() for name in TAG_FILES}, base)
    if tags[DECLARATION] != BAGIT_TEXT:
        raise unusable("its version of BagIt, or its encoding, is unknown", base.child(DECLARATION))
    apart = {base.child(name) for name in tags}
    others = [each for path, each in files.items() if path not in apart]
    digests = {bytes(each.member.path[len(base) + 1 :]): _digest(file, each) for each in others}
    _compare(_parsed(tags[MANIFEST], base.child(MANIFEST)), digests, base)
    return base


def _base(stored: Sequence[Stored]) -> RelPath:
    """Return the first member, the directory of the bag; all others are in it, and directories are in its data."""
    base = stored[0].member.path if stored else RelPath()
    data = b"%s/%s" % (base, DATA)
    tags = [b"%s/%s" % (base, name) for name in (*TAG_FILES, TAG_MANIFEST, SIGNATURE)]
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
        return parse_manifest(text)
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
