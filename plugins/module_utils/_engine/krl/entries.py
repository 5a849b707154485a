# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of a list: each revokes one key, by its fingerprint or itself, or certificates of an authority.

There are two public keys without owners: their private keys were never stored. Each list of this collection revokes
the first and never the second. So every host can check a list with a revoked and an innocent key, without knowing its
entries: an empty list, and a list that refuses everything, are found.
"""

from __future__ import annotations

import re
from typing import NamedTuple, Tuple

from ..errors import InvalidRequest
from ..model.display import display_text
from ..trust.fingerprint import PublicKey, is_fingerprint, parse_plain_key, parse_public_key

FINGERPRINT, KEY, SERIAL, ID = "fingerprint", "key", "serial", "id"

_SERIAL = re.compile(r"([0-9]{1,20})(?:-([0-9]{1,20}))?\Z")
_ID = re.compile(r"[!-\"$-~](?:[ !\"$-~]*[!-\"$-~])?\Z")
_LAST = 2**64 - 1


class Revoked(NamedTuple):
    """kind: FINGERPRINT, KEY, SERIAL or ID. ca: key of the authority, for certificates."""

    kind: str
    value: str
    ca: str = ""

    @property
    def identity(self) -> Tuple[str, str, str]:
        """Return the same value for all entries that revoke the same: a key by its line, or by its fingerprint."""
        if self.kind == KEY:
            return (FINGERPRINT, key_of(self.value, KEY).fingerprint, "")
        return (self.kind, self.value, self.ca)

    @property
    def words(self) -> str:
        of = f" of {key_of(self.ca, 'ca').fingerprint}" if self.ca else ""
        return f"{self.kind} {self.value}{of}"


def by_fingerprint(text: str) -> Revoked:
    """Revoke a key by the SHA-256 fingerprint of sshd's log. Raises InvalidRequest."""
    if not is_fingerprint(text):
        raise InvalidRequest(
            f"fingerprints: {display_text(text[:80])} is not a SHA-256 fingerprint",
            cure="Use the form of sshd's log and ssh-keygen -l: SHA256:...",
        )
    return Revoked(FINGERPRINT, text)


def by_key(line: str) -> Revoked:
    """Revoke a key by the line of its .pub file. Raises InvalidRequest."""
    return Revoked(KEY, key_of(line, "keys").text)


def by_serial(ca: str, text: str) -> Revoked:
    """Revoke certificates of an authority by a serial number or a range. Raises InvalidRequest."""
    match = _SERIAL.match(text)
    first, last = (0, 0) if match is None else (int(match[1]), int(match[2] or match[1]))
    if match is None or not 0 < first <= last <= _LAST:
        raise InvalidRequest(
            f"certificates.serials: {display_text(text[:80])} is not a serial number",
            cure="Write it as 7, or a range as 7-12; 0 stands for certificates without a number.",
        )
    return Revoked(SERIAL, f"{first}" if first == last else f"{first}-{last}", _authority(ca))


def by_id(ca: str, text: str) -> Revoked:
    """Revoke certificates of an authority by their key id. Raises InvalidRequest."""
    if not _ID.match(text):
        raise InvalidRequest(
            f"certificates.ids: {display_text(text[:80])} cannot stand in a list",
            cure="Use printable ASCII without #, or revoke the certificate by its serial number.",
        )
    return Revoked(ID, text, _authority(ca))


def _authority(line: str) -> str:
    return key_of(line, "certificates.ca").text


def key_of(line: str, option: str) -> PublicKey:
    """Return the key of a line; its comment is left out. option: for the error. Raises InvalidRequest."""
    words = line.split()
    try:
        if len(words) < 2:
            raise ValueError("not TYPE and BASE64")
        return parse_plain_key(words[0], words[1])
    except ValueError as error:
        raise InvalidRequest(
            f"{option}: {display_text(line[:80])} is not a public key: {error}",
            cure="Use the line of a .pub file.",
        ) from None


def _key(encoded: str) -> PublicKey:
    return parse_public_key("ssh-ed25519", encoded)


REVOKED = _key("AAAAC3NzaC1lZDI1NTE5AAAAIJh4K1hOMwI9YkPCnSUgMcYFHKZ1wpYtEJr7uBxCzPnH")
INNOCENT = _key("AAAAC3NzaC1lZDI1NTE5AAAAIOvNfQgoftrA03CBgN9TX5g6CfkiSzQvGkH9fFrBgnfM")
