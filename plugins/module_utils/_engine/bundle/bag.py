# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The layout of a bag (BagIt 1.0, RFC 8493) in an archive.

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
from typing import Dict, Iterable, List, Mapping, Sequence, Tuple

from ..integrity.digest import sha256
from ..model.tree import FILE
from .listing import Member

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


def base_name(archive: bytes) -> bytes:
    """Return the name of the directory of the bag in an archive of this name."""
    name = archive.rpartition(b"/")[2]
    return name[:-4] if name.endswith(b".tar") and len(name) > 4 else name


def bag_info(members: Iterable[Member], labels: Sequence[Tuple[str, str]] = ()) -> bytes:
    """Return the text of bag-info.txt for the tree. labels: further labels and their values, each one line."""
    sizes = [each.entry.size for each in members if each.entry.kind == FILE]
    found = sorted([*labels, (OXUM, "%d.%d" % (sum(sizes), len(sizes)))])
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
            raise ValueError("line %d is not a digest and a new path" % number)
        found[match.group(2)] = bytes.fromhex(match.group(1).decode())
    return found
