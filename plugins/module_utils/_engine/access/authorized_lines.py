# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of authorized keys, read with more suspicion than sshd has (sshd(8), AUTHORIZED_KEYS FILE FORMAT). Pure.

sshd ends a line at a line feed alone, ends a text at NUL, and passes over form feeds and the like within BASE64. A line
is plain if it is exactly known options, a known type, BASE64 in its only form, and a comment. Every other line that is
no comment is odd, also if sshd ignores it: an authority of certificates, quotes that do not end, control characters.
"""

from __future__ import annotations

import base64
import re
from contextlib import suppress
from typing import Iterator, List, NamedTuple, Optional, Tuple

from ..trust.fingerprint import PublicKey, parse_plain_key

_BLANKS = b" \t"
_VALUE = rb'"(?:[^"\\]|\\"|\\(?!"))*"'
_OPTION = rb"[A-Za-z0-9-]+(?:=%s)?" % _VALUE
_PLAIN = re.compile(
    rb"(?:(?P<options>%s(?:,%s)*)[ \t]+)?(?P<type>[a-z0-9@.-]+)[ \t]+(?P<encoded>[A-Za-z0-9+/]+={0,2})(?:[ \t].*)?\Z"
    % (_OPTION, _OPTION)
)
_NAME = re.compile(rb"([A-Za-z0-9-]+)(?:=%s)?" % _VALUE)
_SWITCHES = "agent-forwarding port-forwarding pty user-rc x11-forwarding touch-required"
_NAMES = frozenset(
    [name.encode() for each in _SWITCHES.split() for name in (each, "no-" + each)]
    + b"command environment expiry-time from permitlisten permitopen restrict tunnel verify-required".split()
)
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_ANY_KEY = re.compile(rb"((?:ssh|ecdsa|sk)-[A-Za-z0-9@.-]{1,99})[ \t]+(AAAA[A-Za-z0-9+/]+={0,2})")
_AUTHORITY = b"cert-authority"
_QUOTED = re.compile(_VALUE[:-1] + rb'(?:(")|\Z)')
"""A text without its closing quote ends the search: each quote in it would begin one more."""


class Lines(NamedTuple):
    """keys: in plain lines and, as far as they can be found, in odd lines, without authorities of certificates

    odd: numbers of odd lines
    authorities: keys in odd lines with cert-authority; other accounts may depend on them too
    """

    keys: Tuple[PublicKey, ...]
    odd: Tuple[int, ...]
    authorities: Tuple[PublicKey, ...] = ()


def lines_of(content: bytes) -> Lines:
    """Return the keys, the odd lines and the authorities of a file."""
    keys: List[PublicKey] = []
    odd: List[int] = []
    authorities: List[PublicKey] = []
    for number, line in enumerate(content.split(b"\n"), 1):
        if _CONTROL.search(line) is None and line.strip(_BLANKS)[:1] in (b"", b"#"):
            continue
        plain = _plain_key(line)
        if plain is None:
            odd.append(number)
            for key, is_authority in _keys_of_odd(line):
                (authorities if is_authority else keys).append(key)
        else:
            keys.append(plain)
    return Lines(tuple(dict.fromkeys(keys)), tuple(odd), tuple(dict.fromkeys(authorities)))


def key_of(text: str) -> PublicKey:
    """Return the key of the text TYPE BASE64. Raises ValueError."""
    key_type, encoded = text.split(" ")
    return parse_plain_key(key_type, encoded)


def _plain_key(line: bytes) -> Optional[PublicKey]:
    """Return the key of a line that is exactly one plain key."""
    match = None if _CONTROL.search(line) else _PLAIN.match(line.strip(_BLANKS))
    if match is None or not _names(match["options"] or b"") <= _NAMES:
        return None
    with suppress(ValueError):
        return parse_plain_key(match["type"].decode(), match["encoded"].decode())
    return None


def _names(options: bytes) -> frozenset[bytes]:
    return frozenset(match[1].lower() for match in _NAME.finditer(options))


def _keys_of_odd(line: bytes) -> Iterator[Tuple[PublicKey, bool]]:
    """Yield keys that sshd may find in an odd line, each with whether it is an authority."""
    for part in line.split(b"\0"):
        text = _CONTROL.sub(b"", part)
        spans, end, authorities = _spans(text.lower()), 0, 0
        for match in _ANY_KEY.finditer(text):
            while end <= match.start():
                end, authorities = next(spans, (len(text), 0))
            with suppress(ValueError):
                yield parse_plain_key(match[1].decode(), _only_form(match[2])), authorities <= match.start()


def _spans(text: bytes) -> Iterator[Tuple[int, int]]:
    """Yield the parts of a text in and between quotes: the end of each, and where its keys begin to be authorities. A
    word in quotes counts up to the closing quote."""
    parts, at = [], 0
    for match in _QUOTED.finditer(text):
        parts += [(at, match.start(), False), (match.start(), match.end(), bool(match[1]))]
        at = match.end()
    before, found = b"", False
    for start, end, is_quoted in [*parts, (at, len(text), False)]:
        seen = before + text[start:end]
        at = seen.find(_AUTHORITY)
        first = len(text) if at < 0 else start - len(before) + at + len(_AUTHORITY)
        yield end, 0 if found else first
        if not is_quoted:
            before, found = seen[1 - len(_AUTHORITY) :], found or at >= 0


def _only_form(encoded: bytes) -> str:
    return base64.b64encode(base64.b64decode(encoded)).decode()
