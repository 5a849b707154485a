# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The requested pins of one server, and the lines of the file for it.

Pins of TLS public keys in a text file of the shape of known_hosts: "[host]:port sha256//BASE64 comment".
"""

from __future__ import annotations

import base64
import re
import time
from typing import Callable, Dict, FrozenSet, List, NamedTuple, Optional, Sequence, Tuple

from ..errors import PinExpired, TrustStoreUnreadable, UnknownHost
from ..model.display import display_text
from ..model.local_path import local_path
from ..trust.fingerprint import PublicKey
from ..trust.known_hosts import (
    ACTIVE,
    EXPIRED,
    NEXT,
    RETIRING,
    REVOKED,
    KnownHost,
    Validity,
    matches,
    parse_line,
    split_fields,
    validity_of,
)

# A line that does not have the name itself covers it only by a pattern or a hash.
_MAY_COVER = re.compile(rb"[*?|]")

PRESENT, ABSENT, EXACT = "present", "absent", "exact"
PIN_STATES = (PRESENT, ABSENT, EXACT)
REPORTED = (ACTIVE, NEXT, RETIRING, EXPIRED)
_PREFIX = "sha256//"
_FIELDS = re.compile(
    r"[ \t]*(?P<hosts>[^ \t@#][^ \t]*)[ \t]+(?P<key>sha256//[A-Za-z0-9+/]{43}=)(?P<comment>(?:[ \t\r].*)?)\Z", re.DOTALL
)


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


class TlsKey(NamedTuple):
    """A pin in the place that a host key has; `blob` is the SHA-256 of the SubjectPublicKeyInfo."""

    blob: bytes

    @property
    def key_type(self) -> str:
        """Return the type of the pinned value (RFC 7469 section 2.4)."""
        return "spki"

    @property
    def text(self) -> str:
        """curl's form, as in the file."""
        return _PREFIX + base64.b64encode(self.blob).decode("ascii")

    @property
    def fingerprint(self) -> str:
        """The pin is the fingerprint."""
        return self.text


def parse_tls_key(text: str) -> TlsKey:
    """Return a pin from "sha256//" and the BASE64 of 32 bytes; raises ValueError."""
    key = TlsKey(base64.b64decode(text[len(_PREFIX) :], validate=True))
    if key.text != text or len(key.blob) != 32:
        raise ValueError("not a pin")
    return key


def tls_name(host: str, port: int) -> str:
    """Return the name of a server in the file; the port is always there."""
    return f"[{host.lower()}]:{port}"


def _split(line: str) -> Optional[re.Match[str]]:
    return _FIELDS.match(line)


def _parse(line: str) -> Optional[KnownHost]:
    fields = _split(line)
    try:
        key = parse_tls_key(fields.group("key")) if fields is not None else None
    except ValueError:
        return None
    if fields is None or key is None:
        return None
    return KnownHost("", fields.group("hosts"), key, fields.group("comment").strip(" \t\r"))  # type: ignore[arg-type]


TLS_FORM = PinForm(_split, _parse)


def tls_pins_for(path: str, host: str, port: int) -> Tuple[str, ...]:
    """Return the pins of a server that count now.

    Raises TrustStoreUnreadable, UnknownHost (the file does not know the server), PinExpired (it does, but not for now).
    """
    try:
        with open(local_path(path), encoding="utf-8", errors="surrogateescape", newline="\n") as file:
            entries = [_parse(line) for line in file.read().split("\n")]
    except OSError as error:
        raise TrustStoreUnreadable(
            f'tls_pins_file: "{display_text(local_path(path))}": {error.strerror}',
            cure="Set it to a readable file of pins.",
        ) from None
    name, now = tls_name(host, port), time.time()
    found = [entry for entry in entries if entry is not None and matches(entry.hosts, name)]
    valid = tuple(entry.key.text for entry in found if validity_of(entry.comment).counts(now))
    if not found:
        raise UnknownHost(
            f'"{display_text(path)}" has no pin for {display_text(name)}', cure="Add it with host_key_pin."
        )
    if not valid:
        raise PinExpired(
            f"no pin of {display_text(name)} is valid now",
            cure="Check valid_from and valid_until (host_key_pin_info); pin the key again if it is still right.",
        )
    return valid
