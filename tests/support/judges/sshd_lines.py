# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keys that sshd admits by a file of authorized keys: its algorithm (auth2-pubkeyfile.c, sshkey.c, auth-options.c) once
more, without a line of the collection's parser. tests/integration/test_authorized_lines.py holds it to a real sshd.

    admitted(b'restrict ssh-ed25519 AAAA... me\n') == {"ssh-ed25519 AAAA..."}
"""

from __future__ import annotations

__all__ = ["admitted"]

import base64
import binascii

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_ssh_public_key

_TYPES = (
    b"ssh-ed25519",
    b"ssh-rsa",
    b"ecdsa-sha2-nistp256",
    b"ecdsa-sha2-nistp384",
    b"ecdsa-sha2-nistp521",
    b"sk-ssh-ed25519@openssh.com",
    b"sk-ecdsa-sha2-nistp256@openssh.com",
)
_SWITCHES = {b"pty", b"port-forwarding", b"agent-forwarding", b"x11-forwarding", b"user-rc", b"touch-required"}
_FLAGS = {*_SWITCHES, *(b"no-" + each for each in _SWITCHES), b"restrict", b"cert-authority", b"verify-required"}
_VALUED = {
    b"command",
    b"principals",
    b"from",
    b"expiry-time",
    b"environment",
    b"permitopen",
    b"permitlisten",
    b"tunnel",
}
_SPACE = b" \t\n\v\f\r"


def admitted(content: bytes) -> set[str]:
    """Return the keys, as TYPE BASE64."""
    return {key for line in content.split(b"\n") if (key := _key_of(line + b"\n")) is not None}


def _key_of(line: bytes) -> str | None:
    line = line.partition(b"\0")[0].lstrip(b" \t")
    if line[:1] in (b"", b"\n", b"#"):
        return None
    found = _read(line)
    options = b""
    if found is None:
        end = _end_of_options(line)
        if end is None:
            return None
        options, found = line[:end], _read(line[end:].lstrip(b" \t"))
    return found if found is not None and _admits_keys(options) else None


def _read(text: bytes) -> str | None:
    """sshkey_read"""
    name = text[: _span(text)]
    rest = text[len(name) :].lstrip(b" \t")
    if len(name) == len(text) or name not in _TYPES or not rest:
        return None
    encoded = bytes(each for each in rest[: _span(rest)] if each not in _SPACE)
    try:
        blob = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return None
    if base64.b64encode(blob) != encoded or blob[4 : 4 + int.from_bytes(blob[:4], "big")] != name:
        return None
    found = f"{name.decode()} {encoded.decode()}"
    try:
        load_ssh_public_key(found.encode())
    except UnsupportedAlgorithm:
        return found
    except ValueError:
        return None
    return found


def _span(text: bytes) -> int:
    """strcspn(text, " \\t")"""
    return next((place for place, each in enumerate(text) if each in b" \t"), len(text))


def _end_of_options(text: bytes) -> int | None:
    """sshkey_advance_past_options"""
    place, quoted = 0, False
    while place < len(text) and (quoted or text[place] not in b" \t"):
        if text[place : place + 2] == b'\\"':
            place += 1
        elif text[place : place + 1] == b'"':
            quoted = not quoted
        place += 1
    return None if place >= len(text) and quoted else place


def _admits_keys(text: bytes) -> bool:
    """sshauthopt_parse: whether the options are valid, and the key is no authority."""
    for_certificates = False
    while text:
        name = text[: next((at for at, each in enumerate(text) if each in b"=,"), len(text))].lower()
        text = text[len(name) :]
        if text[:2] == b'="' and name in _VALUED:
            end = _end_of_value(text)
            if end is None:
                return False
            text = text[end:]
        elif name not in _FLAGS or text[:1] not in (b"", b","):
            return False
        for_certificates |= name in (b"cert-authority", b"principals")
        text = text[1:]
    return not for_certificates


def _end_of_value(text: bytes) -> int | None:
    """opt_dequote: the place after the quote that ends ="..."."""
    place = 2
    while place < len(text) and text[place : place + 1] != b'"':
        place += 2 if text[place : place + 2] == b'\\"' else 1
    return place + 1 if place < len(text) and text[place + 1 : place + 2] in (b"", b",") else None
