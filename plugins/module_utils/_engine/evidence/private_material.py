# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private keys and password hashes, recognised by their content, under any name of the file. Pure.

A file of settings is text, a list of revoked keys, or no evidence. So compressed and encoded keys stay out without a
rule for each form; the rules below are for keys that are text.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Iterator, Optional

_KRL = b"SSHKRL\n\0"
_MARKS = (
    re.compile(rb"-----BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----"),
    re.compile(rb"---- BEGIN SSH2 (ENCRYPTED )?PRIVATE KEY ----"),
    re.compile(rb"PuTTY-User-Key-File-[0-9]"),
    re.compile(rb"(?i)AGE-SECRET-KEY-1"),
    re.compile(rb"openssh-key-v1\0"),
    re.compile(rb"\((?:protected-|shadowed-)?private-key|\(\d+:(?:protected-|shadowed-)?private-key"),
    re.compile(rb"(?im)^[ \t]*(?:PrivateKey|PresharedKey|Private-MAC)[ \t]*[:=]"),
)
_WEB_KEY = re.compile(rb'(?P<kind>"kty")|(?P<number>"d"[ \t\r\n]*:)')
_WEB_KEY_LENGTH = 4096
_PASSWORD = re.compile(rb"(?im)^[ \t]*SQLConnectInfo[ \t]+\S+[ \t]+\S+[ \t]+\S")
_HASHES = (
    re.compile(rb"(?m)^[^:\n]*:!{0,2}\$[0-9a-zA-Z]+\$[^:\n]+"),
    re.compile(
        rb"\$(?:[1567y]|gy|2[abxy]|md5|sha1|sm3y?|apr1|argon2(?:id|[id])|scrypt|pbkdf2[a-z0-9-]*)\\?\$"
        rb"(?:[^\s$\"']*\$){0,8}[./+A-Za-z0-9]{20}"
    ),
)
"""In a list of accounts, with any name of the method; in other settings, with the names that programs use. There the
dollars may be escaped or doubled."""
_BASE64 = re.compile(rb"(?:[A-Za-z0-9+/]{16,}[ \t]*\r?\n?[ \t]*)+[A-Za-z0-9+/]*={0,2}")
_DER_KEY = re.compile(rb"0(?:[\x00-\x7f]|\x81.|\x82..|\x83...)\x02\x01[\x00\x01\x03](?:0|\x02|\x04)", re.DOTALL)
"""A sequence that begins with a version: PKCS #1, #8 and #12, SEC 1. A certificate begins with another sequence."""


def secret_kind(content: bytes) -> Optional[str]:
    """Return why a file of settings is left out; None for a file without secrets."""
    if content.startswith(_KRL):
        return None
    plain = content.replace(b"\0", b"")  # UTF-16
    if any(_is_key(each) for each in (content, plain)) or any(_is_key(each) for each in _decoded(plain)):
        return "private key"
    if any(each.search(plain) for each in _HASHES):
        return "password hash"
    if _PASSWORD.search(plain):
        return "password"
    return None if _is_text(content) else "not text"


def _is_key(content: bytes) -> bool:
    return any(mark.search(content) for mark in _MARKS) or _DER_KEY.match(content) is not None or _is_web_key(content)


def _is_web_key(content: bytes) -> bool:
    """Return whether kind and private number of a JSON Web Key stand together: each name is sought once."""
    found = [(match.start(), match.lastgroup) for match in _WEB_KEY.finditer(content)]
    return any(
        first[1] != second[1] and second[0] - first[0] <= _WEB_KEY_LENGTH for first, second in zip(found, found[1:])
    )


def _decoded(content: bytes) -> Iterator[bytes]:
    """Yield the content of runs of BASE64."""
    for run in _BASE64.finditer(content):
        text = re.sub(rb"[ \t\r\n]", b"", run.group()).rstrip(b"=")
        try:
            yield base64.b64decode(text[: len(text) // 4 * 4])
        except binascii.Error:
            continue


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return all(char.isprintable() or char in "\t\r\n\f" for char in text)
