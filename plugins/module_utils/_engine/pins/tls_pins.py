# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pins of TLS public keys in a text file of the shape of known_hosts: "[host]:port sha256//BASE64 comment"."""

from __future__ import annotations

import base64
import re
import time
from typing import NamedTuple, Optional, Tuple

from ..errors import PinExpired, TrustStoreUnreadable, UnknownHost
from ..model.display import display_text
from ..model.local_path import local_path
from ..trust.known_hosts import KnownHost, matches
from ..trust.validity import validity_of
from .pin_lines import PinForm

_PREFIX = "sha256//"
_FIELDS = re.compile(
    r"[ \t]*(?P<hosts>[^ \t@#][^ \t]*)[ \t]+(?P<key>sha256//[A-Za-z0-9+/]{43}=)(?P<comment>(?:[ \t\r].*)?)\Z", re.DOTALL
)


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
            f'tls_pins_file: "{display_text(path)}": {error.strerror}', cure="Set it to a readable file of pins."
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
