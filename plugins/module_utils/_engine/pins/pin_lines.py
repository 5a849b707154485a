# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The requested pins of one server, and the lines of the file for it."""

from __future__ import annotations

import re
from typing import Callable, Dict, FrozenSet, List, NamedTuple, Optional, Sequence, Tuple

from ..trust.fingerprint import PublicKey
from ..trust.known_hosts import REVOKED, KnownHost, matches, parse_line, split_fields
from ..trust.validity import ACTIVE, EXPIRED, NEXT, RETIRING, Validity, validity_of

# A line that does not have the name itself covers it only by a pattern or a hash.
_MAY_COVER = re.compile(rb"[*?|]")

PRESENT, ABSENT, EXACT = "present", "absent", "exact"
PIN_STATES = (PRESENT, ABSENT, EXACT)
REPORTED = (ACTIVE, NEXT, RETIRING, EXPIRED)


class PinForm(NamedTuple):
    """How a file writes its lines.

    split: the fields of a line (hosts, key, comment)
    parse: its pin
    """

    split: Callable[[str], Optional[re.Match[str]]]
    parse: Callable[[str], Optional[KnownHost]]


KNOWN_HOSTS_FORM = PinForm(split_fields, parse_line)


class Pin(NamedTuple):
    """A requested pin. marker: as in `KnownHost`; None keeps the value of the file, for `limits` too."""

    marker: str
    key: PublicKey
    comment: Optional[str] = None
    limits: Validity = Validity()
    unlimited: FrozenSet[str] = frozenset()
    """valid_from or valid_until, if the line must not have it."""

    @property
    def identity(self) -> Tuple[str, bytes]:
        """Return the identity of a pin: two pins of one server with the same identity are the same."""
        return self.marker, self.key.blob


class WantedPins(NamedTuple):
    """The requested content of the file.

    name: as of `host_name`
    pins: to keep (PRESENT, EXACT) or to remove (ABSENT)
    fingerprints: of keys to remove
    hash_host: None keeps lines as they are and writes new lines plain
    With ABSENT and neither pins nor fingerprints, all pins are removed.
    """

    name: str
    state: str
    pins: Tuple[Pin, ...] = ()
    fingerprints: FrozenSet[str] = frozenset()
    hash_host: Optional[bool] = None
    form: PinForm = KNOWN_HOSTS_FORM


class PinLine(NamedTuple):
    """A line of the file that is about the server.

    place: its number, from 0
    own: it names the server itself, not by a pattern
    """

    place: int
    entry: KnownHost
    own: bool

    @property
    def identity(self) -> Tuple[str, bytes]:
        """See `Pin.identity`."""
        return self.entry.marker, self.entry.key.blob

    @property
    def validity(self) -> Validity:
        """From when until when it counts; a revocation counts always."""
        return Validity() if self.entry.marker == REVOKED else validity_of(self.entry.comment)


def pin_lines(lines: Sequence[bytes], form: PinForm = KNOWN_HOSTS_FORM) -> List[PinLine]:
    """Return all lines that hold a sound key, each its own."""
    entries = ((index, form.parse(_text(line))) for index, line in enumerate(lines))
    return [PinLine(index, entry, True) for index, entry in entries if entry is not None and entry.sound]


def lines_about(
    lines: Sequence[bytes], name: str, form: PinForm = KNOWN_HOSTS_FORM, *, damaged: bool = False
) -> List[PinLine]:
    """Return the lines that cover `name`. Keys of other servers are not even looked at: files may be long.

    damaged: include lines whose key is not sound.
    """
    found = []
    needle = name.encode("utf-8", "surrogateescape")
    for index, line in enumerate(lines):
        if needle not in line.lower() and not _MAY_COVER.search(line):
            continue
        text = _text(line)
        fields = form.split(text)
        if fields is None or not matches(fields.group("hosts"), name):
            continue
        entry = form.parse(text)
        if entry is not None and (entry.sound or damaged):
            hosts = entry.hosts.lower()
            found.append(PinLine(index, entry, hosts.startswith("|") or name in hosts.split(",")))
    return found


def rotation_report(lines: Sequence[PinLine], now: float) -> Dict[str, List[KnownHost]]:
    """Return the pins of one server by their phase, without revocations."""
    pins = [line for line in lines if line.entry.marker != REVOKED]
    return {phase: [line.entry for line in pins if line.validity.phase(now) == phase] for phase in REPORTED}


def _text(line: bytes) -> str:
    return line.decode("utf-8", "surrogateescape").rstrip("\n")
