# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of published manifests: MANIFEST/000017.mtree is the 17th of its tree, MANIFEST/000017.mtree.sig its signature.

`ssh-keygen -Y sign` writes the signature of FILE to FILE.sig, so `.sig` comes last.
"""

from __future__ import annotations

import re
from typing import Iterable, List, NamedTuple, Optional

from ..model.relpath import RelPath

__all__ = ["SUMS", "Published", "complete_pairs", "manifest_name", "parse_published", "signature_name"]

SUMS = RelPath(b"SHA256SUMS")
"""The list for sha256sum(1), in the root of the tree."""

_NAME = re.compile(rb"([0-9]{6,12})\.mtree(\.sig)?")


class Published(NamedTuple):
    """One file of a directory of manifests. signature: whether it is the signature."""

    sequence: int
    signature: bool


def manifest_name(sequence: int) -> bytes:
    """Return the name of the manifest in its directory. Six digits at least: names sort by number for a long time."""
    return b"%06d.mtree" % sequence


def signature_name(sequence: int) -> bytes:
    """Return the name of the manifest's signature."""
    return manifest_name(sequence) + b".sig"


def parse_published(name: bytes) -> Optional[Published]:
    """Return the number and role of a file of the directory; None if a run does not publish this name."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    sequence, signature = int(match[1]), match[2] is not None
    if not sequence or name != (signature_name if signature else manifest_name)(sequence):
        return None
    return Published(sequence, signature)


def complete_pairs(names: Iterable[bytes]) -> List[int]:
    """Return the numbers with both files, highest first."""
    files = {parse_published(name) for name in names}
    numbers = {each.sequence for each in files if each is not None}
    return sorted((each for each in numbers if files.issuperset(_pair(each))), reverse=True)


def _pair(sequence: int) -> List[Published]:
    return [Published(sequence, signature=False), Published(sequence, signature=True)]
