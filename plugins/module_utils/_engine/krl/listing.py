# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The contents of a list, as `ssh-keygen -Q -l` prints them, and whether they cover a key or a certificate. Pure."""

from __future__ import annotations

import base64
import re
from typing import Dict, FrozenSet, Iterable, List, NamedTuple, Set, Tuple

from .entries import FINGERPRINT, ID, KEY, REVOKED, Revoked, key_of

_HASH = re.compile(r"hash: SHA256:(?:([0-9a-f]{64})|([A-Za-z0-9+/]{43}))(?: # \S+)?\Z")
_SHA1 = re.compile(r"# hash (SHA1:[0-9a-f]{40})\Z")
_CA = re.compile(r"# CA key \S+ (SHA256:[A-Za-z0-9+/]{43})\Z")
_SERIAL = re.compile(r"serial: ([0-9]+)(?:-([0-9]+))?\Z")
_ID = "id: "
_ANY_CA = ""

Range = Tuple[int, int]


class Listing(NamedTuple):
    """hashes: fingerprints. serials, ids: of each authority, by its fingerprint."""

    hashes: FrozenSet[str]
    serials: Dict[str, List[Range]]
    ids: Dict[str, Set[str]]

    def covers(self, fingerprint: str, *, ca: str = "", serial: int = 0, key_id: str = "") -> bool:
        """Return whether sshd refuses this key, or its certificate. ca: fingerprint of the authority."""
        if fingerprint in self.hashes or not ca:
            return fingerprint in self.hashes
        return ca in self.hashes or any(
            key_id in self.ids.get(each, ()) or _within(serial, self.serials.get(each, ())) for each in (ca, _ANY_CA)
        )

    def joined(self, other: Listing) -> Listing:
        serials = {ca: list(ranges) for ca, ranges in self.serials.items()}
        ids = {ca: set(each) for ca, each in self.ids.items()}
        for ca, ranges in other.serials.items():
            serials[ca] = _merged([*serials.get(ca, []), *ranges])
        for ca, each in other.ids.items():
            ids.setdefault(ca, set()).update(each)
        return Listing(self.hashes | other.hashes, serials, ids)

    def with_hashes(self, fingerprints: Iterable[str]) -> Listing:
        """Return these entries and keys."""
        return self._replace(hashes=self.hashes | frozenset(fingerprints))

    def missing_from(self, other: Listing) -> List[str]:
        """Return, in words, the entries of this list that another list lacks."""
        found = sorted(self.hashes - other.hashes)
        for ca, ids in self.ids.items():
            found += [f"id {each} of {ca}" for each in sorted(ids - other.ids.get(ca, set()))]
        for ca, ranges in self.serials.items():
            others = other.serials.get(ca, [])
            found += ["serial %d-%d of %s" % (*each, ca) for each in ranges if not _inside(each, others)]
        return found


def _within(serial: int, ranges: Iterable[Range]) -> bool:
    return serial > 0 and any(first <= serial <= last for first, last in ranges)


def _inside(wanted: Range, ranges: Iterable[Range]) -> bool:
    return any(first <= wanted[0] and wanted[1] <= last for first, last in ranges)


def _merged(ranges: Iterable[Range]) -> List[Range]:
    """Return ranges without overlaps and neighbours, as ssh-keygen keeps them."""
    found: List[Range] = []
    for first, last in sorted(ranges):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found


def listing_of(entries: Iterable[Revoked]) -> Listing:
    """Return the contents of a list that is made of these entries; it has the revoked witness."""
    hashes: Set[str] = {REVOKED.fingerprint}
    serials: Dict[str, List[Range]] = {}
    ids: Dict[str, Set[str]] = {}
    for entry in entries:
        if entry.kind == FINGERPRINT:
            hashes.add(entry.value)
        elif entry.kind == KEY:
            hashes.add(key_of(entry.value, KEY).fingerprint)
        elif entry.kind == ID:
            ids.setdefault(_ca(entry), set()).add(entry.value)
        else:
            first, _dash, last = entry.value.partition("-")
            serials.setdefault(_ca(entry), []).append((int(first), int(last or first)))
    return Listing(frozenset(hashes), {ca: _merged(each) for ca, each in serials.items()}, ids)


def _ca(entry: Revoked) -> str:
    return key_of(entry.ca, "ca").fingerprint


def parse_listing(text: str) -> Listing:
    """Return the contents. A SHA-1 hash is an entry that covers nothing here, and lines of other kinds are none."""
    hashes: Set[str] = set()
    serials: Dict[str, List[Range]] = {}
    ids: Dict[str, Set[str]] = {}
    ca = _ANY_CA
    for line in text.splitlines():
        if _SHA1.match(line):
            hashes.add(line[len("# hash ") :])
        elif line.startswith("# "):
            match = _CA.match(line)
            ca = match[1] if match else _ANY_CA
        elif line.startswith(_ID):
            ids.setdefault(ca, set()).add(line[len(_ID) :])
        elif line.startswith("serial: "):
            serials.setdefault(ca, []).extend(_range(line))
        else:
            hashes.update(_hash(line))
    return Listing(frozenset(hashes), {each: _merged(ranges) for each, ranges in serials.items()}, ids)


def _range(line: str) -> List[Range]:
    match = _SERIAL.match(line)
    return [] if match is None else [(int(match[1]), int(match[2] or match[1]))]


def _hash(line: str) -> List[str]:
    match = _HASH.match(line)
    if match is None:
        return []
    if match[2]:
        return ["SHA256:" + match[2]]
    return ["SHA256:" + base64.b64encode(bytes.fromhex(match[1])).decode("ascii").rstrip("=")]
