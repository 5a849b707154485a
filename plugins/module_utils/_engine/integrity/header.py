# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The head of a published manifest: comments of mtree(5), which stock tools skip and the signature covers.

    #mtree
    # ftp_synchronize manifest 1
    # tree: 4b825dc6...
    # sequence: 17
    # issued: 2026-11-26T22:40:00Z
    # expires: 2026-12-10T22:40:00Z
    # previous: sha256 9f2c...

A reader skips keys that it does not know, and refuses a format number that it does not know.
"""

from __future__ import annotations

import re
from typing import Dict, List, NamedTuple, NoReturn, Optional

from ..model.utc import parse_utc, utc
from .digest import DIGEST_SIZE, UnusableManifest
from .manifest import manifest_head

FORMAT = 1
HEADER_LINES = 64
"""Most lines of a head, the first two included."""
LONGEST_LINE = 64 << 10
"""Bytes of a line; the recipients of a sealed set are the longest."""
NO_PREVIOUS = bytes(DIGEST_SIZE)
"""The `previous` of the first manifest of a tree."""

_TITLE = re.compile(rb"# ftp_synchronize manifest ([0-9]{1,9})")
_PAIR = re.compile(rb"# ([a-z][a-z0-9_]{0,31}): ([ -~]+)")
_TREE = re.compile(r"[0-9a-f]{32}")
_NUMBER = re.compile(r"[1-9][0-9]{0,11}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_DIGEST = re.compile(r"sha256 ([0-9a-f]{64})")
_INDEX = re.compile(r"sha256 ([0-9a-f]{64}) ([0-9]{1,18})")


class UnknownFormat(UnusableManifest):
    """A manifest of a later format."""


class IndexFile(NamedTuple):
    """The sealed index that belongs to a manifest: SHA-256 (32 bytes) and size in bytes."""

    digest: bytes
    size: int


class ManifestHeader(NamedTuple):
    """The head of one published manifest.

    tree: 32 hexadecimal digits, the same for every manifest of a tree
    sequence: its number, which is also in the name of the file
    issued, expires: seconds since 1970
    previous: SHA-256 (32 bytes) of the manifest before, NO_PREVIOUS for the first
    recipients: readers of a sealed set, as text
    index_file: of a sealed set
    receipt: SHA-256 (32 bytes) of the newest receipt before this manifest
    """

    tree: str
    sequence: int
    issued: int
    expires: int
    previous: bytes = NO_PREVIOUS
    recipients: Optional[str] = None
    index_file: Optional[IndexFile] = None
    receipt: Optional[bytes] = None
    format: int = FORMAT


def format_header(header: ManifestHeader) -> bytes:
    """Return the lines of a head, with which the manifest begins."""
    pairs = {
        "tree": header.tree,
        "sequence": str(header.sequence),
        "issued": utc(header.issued),
        "expires": utc(header.expires),
        "previous": "sha256 " + header.previous.hex(),
        "recipients": header.recipients,
        "index": None
        if header.index_file is None
        else f"sha256 {header.index_file.digest.hex()} {header.index_file.size}",
        "receipt": None if header.receipt is None else "sha256 " + header.receipt.hex(),
    }
    lines = [f"# {key}: {value}\n" for key, value in pairs.items() if value is not None]
    title = f"# ftp_synchronize manifest {header.format}\n"
    return manifest_head(b"") + (title + "".join(lines)).encode("ascii")


def parse_header(data: bytes) -> ManifestHeader:
    """Return the head of a manifest, whose signature has been verified. Raises UnusableManifest, UnknownFormat."""
    lines = _head_lines(data)
    title = _TITLE.fullmatch(lines[1]) if len(lines) > 1 else None
    if title is None or lines[0] + b"\n" != manifest_head(b""):
        raise UnusableManifest("it does not begin as a published manifest")
    if int(title[1]) != FORMAT:
        raise UnknownFormat(f"its format is {int(title[1])}, and this version reads format {FORMAT}")
    return _header(_pairs(lines[2:]))


def _head_lines(data: bytes) -> List[bytes]:
    lines = data[: HEADER_LINES * LONGEST_LINE].split(b"\n", HEADER_LINES + 1)[: HEADER_LINES + 1]
    head = next((index for index, line in enumerate(lines) if not line.startswith(b"#")), len(lines))
    if head > HEADER_LINES:
        raise UnusableManifest(f"its head has more than {HEADER_LINES} lines")
    return lines[:head]


def _pairs(lines: List[bytes]) -> Dict[str, str]:
    pairs: Dict[str, str] = {}
    for line in lines:
        match = _PAIR.fullmatch(line)
        key = "" if match is None else match[1].decode()
        if match is None or key in pairs:
            raise UnusableManifest("its head has a malformed or repeated line")
        pairs[key] = match[2].decode()
    return pairs


def _header(pairs: Dict[str, str]) -> ManifestHeader:
    header = ManifestHeader(
        tree=_matched(_TREE, pairs, "tree")[0],
        sequence=int(_matched(_NUMBER, pairs, "sequence")[0]),
        issued=_time(pairs, "issued"),
        expires=_time(pairs, "expires"),
        previous=bytes.fromhex(_matched(_DIGEST, pairs, "previous")[1]),
        recipients=pairs.get("recipients"),
        index_file=_index(pairs),
        receipt=bytes.fromhex(_matched(_DIGEST, pairs, "receipt")[1]) if "receipt" in pairs else None,
    )
    if header.expires <= header.issued:
        raise UnusableManifest("its head contradicts itself: it expires before it was issued")
    return header


def _index(pairs: Dict[str, str]) -> Optional[IndexFile]:
    if "index" not in pairs:
        return None
    match = _matched(_INDEX, pairs, "index")
    return IndexFile(bytes.fromhex(match[1]), int(match[2]))


def _time(pairs: Dict[str, str], key: str) -> int:
    try:
        return parse_utc(_matched(_TIME, pairs, key)[0])
    except ValueError:
        _malformed(key)


def _matched(form: re.Pattern[str], pairs: Dict[str, str], key: str) -> re.Match[str]:
    match = form.fullmatch(pairs.get(key, ""))
    if match is None:
        _malformed(key)
    return match


def _malformed(key: str) -> NoReturn:
    raise UnusableManifest(f"its head has no valid line for {key}")
