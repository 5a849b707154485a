# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of published manifests: MANIFEST/000017.mtree is the 17th of its tree, MANIFEST/000017.mtree.sig its signature,
and MANIFEST/000017.index.age its sealed index, if its files are sealed.

`ssh-keygen -Y sign` writes the signature of FILE to FILE.sig, so `.sig` comes last.
"""

from __future__ import annotations

import re
from typing import Iterable, List, NamedTuple, Optional

from ..model.relpath import RelPath

SUMS = RelPath(b"SHA256SUMS")
"""The list for sha256sum(1), in the root of the tree."""

MOST_FILES = 100_000
"""Files in a directory of manifests."""

_NAME = re.compile(rb"([0-9]{6,12})\.(?:mtree(\.sig)?|(index)\.[^/]+)")


class Published(NamedTuple):
    """One file of a directory of manifests. signature, is_index: whether it is the signature, or the sealed index."""

    sequence: int
    signature: bool
    is_index: bool = False


def manifest_name(sequence: int) -> bytes:
    """Return the name of the manifest in its directory. Six digits at least: names sort by number for a long time."""
    return b"%06d.mtree" % sequence


def signature_name(sequence: int) -> bytes:
    """Return the name of the manifest's signature."""
    return manifest_name(sequence) + b".sig"


def index_name(sequence: int, extension: bytes) -> bytes:
    """Return the name of the sealed index. extension: of sealed files."""
    return b"%06d.index" % sequence + extension


def parse_published(name: bytes) -> Optional[Published]:
    """Return the number and role of a file of the directory; None if a run does not publish this name."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    sequence = int(match[1])
    if not sequence or match[1] != b"%06d" % sequence:
        return None
    return Published(sequence, match[2] is not None, match[3] is not None)


def complete_pairs(names: Iterable[bytes]) -> List[int]:
    """Return the numbers with both files, highest first."""
    files = {parse_published(name) for name in names}
    numbers = {each.sequence for each in files if each is not None}
    return sorted((each for each in numbers if files.issuperset(_pair(each))), reverse=True)


def _pair(sequence: int) -> List[Published]:
    return [Published(sequence, signature=False), Published(sequence, signature=True)]
