# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pairs: for each sealed file, its content and its sealed form. With them, a second run has nothing to do.

A pair is kept for each path, as one line of text. The text is sealed like a manifest: a truncated or changed text is
not used. It holds digests of contents, so only its owner may read it.

    # ftp_synchronize pairs 1
    # about: 3f0a...
    a.txt 4096 9f2c... 4296 77de... 51ab0123456789ab
"""

from __future__ import annotations

import re
from typing import Dict, Mapping, NamedTuple

from ..integrity.digest import UnusableManifest, sha256
from ..integrity.manifest import escape_name, seal, unescape_path, unseal
from ..model.relpath import RelPath

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
