# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""KnownValues: an exact search for secrets that are in use, in the forms that programs write.

Each value is sought as it is, in hexadecimal digits, percent-encoded (RFC 3986), escaped as in JSON and in Python, and
in BASE64 (RFC 4648) at each of the three offsets from which it can begin in a longer text. Of a value with several
lines, each long line is sought by itself.
"""

from __future__ import annotations

import base64
import json
from typing import Dict, Iterable, Iterator, List, NamedTuple, Sequence, Set, Tuple
from urllib.parse import quote

SHORTEST = 6
"""Characters; a shorter value is found by chance in every log."""
_SHORTEST_LINE = 16
"""Characters of a line of a longer value, such as a private key; its other lines are alike in all keys."""
_FRAMES = ("-----BEGIN ", "-----END ")


class Value(NamedTuple):
    """One secret that is in use, and the name by which findings call it."""

    name: str
    text: str


class Hit(NamedTuple):
    """One place of one value. line: from 1; form: how it was written, for people."""

    value: Value
    line: int
    form: str


class _Sought(NamedTuple):
    value: Value
    form: str


class KnownValues:
    """The values of one scan. too_short: the names of the values that are not sought."""

    def __init__(self, values: Iterable[Value]) -> None:
        self._sought: Dict[bytes, _Sought] = {}
        self.too_short: List[str] = []
        self.count = 0
        for value in values:
            texts = list(_texts(value.text))
            self.count += bool(texts)
            if not texts:
                self.too_short.append(value.name)
            for text in texts:
                for form, data in _forms(text):
                    self._sought.setdefault(data, _Sought(value, form))
        self._longest = max(map(len, self._sought), default=1)

    def hits(self, blocks: Iterable[bytes]) -> Iterator[Hit]:
        """Yield each line of a stream that shows a value, once for each value; in constant memory."""
        kept, before, line = b"", 0, 1
        seen: Set[Tuple[int, str]] = set()
        for block in blocks:
            window = kept + block
            here, counted = line, 0
            for at, sought in self._in(window, len(kept)):
                here, counted = here + window.count(b"\n", counted, at), at
                place = (here, sought.value.name)
                if place not in seen:
                    seen.add(place)
                    yield Hit(sought.value, place[0], sought.form)
            before = max(0, len(window) - self._longest + 1)
            line += window.count(b"\n", 0, before)
            kept = window[before:]
            seen = {place for place in seen if place[0] >= line}

    def _in(self, window: bytes, kept: int) -> Sequence[Tuple[int, _Sought]]:
        """Return the hits that end after the first `kept` bytes, by place."""
        found = []
        for data, sought in self._sought.items():
            at = window.find(data, max(0, kept - len(data) + 1))
            while at >= 0:
                found.append((at, sought))
                at = window.find(data, at + 1)
        return sorted(found, key=lambda each: each[0])


def _texts(text: str) -> Iterator[str]:
    lines = [line.strip() for line in text.splitlines()]
    if len(lines) < 2:
        if len(text.strip()) >= SHORTEST:
            yield text.strip()
        return
    yield from (line for line in lines if len(line) >= _SHORTEST_LINE and not line.startswith(_FRAMES))


def _forms(text: str) -> Iterator[Tuple[str, bytes]]:
    plain = text.encode("utf-8", "surrogateescape")
    yield "plain", plain
    yield "JSON", json.dumps(text)[1:-1].encode()
    yield "Python", repr(text)[1:-1].encode("utf-8", "surrogateescape")
    for codec in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
        # NUL bytes are left out of all content, so ASCII characters are plain.
        yield codec[:6].upper(), text.encode(codec, "surrogatepass").replace(b"\0", b"")
    yield "percent-encoded", quote(plain, safe="").encode()
    yield "hexadecimal", plain.hex().encode()
    yield "hexadecimal", plain.hex().upper().encode()
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + plain).rstrip(b"=")
        # The first and the last group depend on the bytes around the value.
        yield "BASE64", whole[4 if shift else 0 : -4]
        yield "BASE64", whole[4 if shift else 0 : -4].replace(b"+", b"-").replace(b"/", b"_")
