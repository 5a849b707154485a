# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One gitignore(5) pattern as a regular expression that cannot backtrack without end.

A star is followed by text of fixed length: the leftmost match of that text is as good as any other, so it is final.
`(?=(...))\\1` does that in every version of Python: a lookahead is never tried again. A sequence of names between two
`**` is treated in the same way. So the work is at most the length of the name times the length of the pattern.
"""

from __future__ import annotations

import re
from typing import List, NamedTuple, NoReturn, Optional, Tuple

from ..errors import InvalidPattern

_END = rb"(?=/|\Z)"
_CLASS = re.compile(rb"\[:([^\]]*):\]")
_CLASSES = {
    b"alnum": b"0-9A-Za-z",
    b"alpha": b"A-Za-z",
    b"blank": b"\\t ",
    b"cntrl": b"\\x00-\\x1f\\x7f",
    b"digit": b"0-9",
    b"graph": b"!-~",
    b"lower": b"a-z",
    b"print": b" -~",
    b"punct": b"!-/:-@\\[-`{-~",
    b"space": b"\\t-\\r ",
    b"upper": b"A-Z",
    b"xdigit": b"0-9A-Fa-f",
}


class Pattern(NamedTuple):
    """A compiled pattern. All expressions are for `fullmatch` on bytes.

    expression: matches the path, or the last name of the path if `by_name`
    leads: matches the directories above possible matches, None if that can be any directory
    directories_only: from a trailing "/"
    negated: from a "!"
    """

    expression: re.Pattern[bytes]
    leads: Optional[re.Pattern[bytes]]
    by_name: bool
    directories_only: bool
    negated: bool


def compile_pattern(text: str) -> Pattern:
    """Parse one pattern. Raises InvalidPattern with the defect."""
    return _Reader(text).pattern()


class _Reader:
    """Reads one pattern from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.groups = 0

    def fail(self, what: str) -> NoReturn:
        raise InvalidPattern(
            f"the pattern {self.text!a} {what}", cure="Write the pattern in the syntax of gitignore(5)."
        )

    def pattern(self) -> Pattern:
        glob = self.text.encode("utf-8", "surrogateescape")
        if b"\0" in glob:
            self.fail("holds a NUL")
        negated = glob.startswith(b"!")
        glob = glob[negated:]
        directories_only = glob.endswith(b"/")
        glob = glob[: len(glob) - directories_only]
        by_name = b"/" not in glob
        parts = (glob[1:] if glob.startswith(b"/") else glob).split(b"/")
        if parts == [b""]:
            self.fail("is empty")
        parts = [b"**" if len(part) > 1 and not part.strip(b"*") else part for part in parts]
        self._check_parts(parts)
        leads = None if by_name else self._leads(parts)
        return Pattern(re.compile(self._path(parts), re.S), leads, by_name, directories_only, negated)

    def _check_parts(self, parts: List[bytes]) -> None:
        for part in parts:
            if not part:
                self.fail("has an empty part between two slashes")
            if part in (b".", b".."):
                self.fail(f'has the part "{part.decode()}", which no path has')

    def _leads(self, parts: List[bytes]) -> Optional[re.Pattern[bytes]]:
        """Return the directories to enter on the way to possible matches: the first parts of the pattern."""
        fixed = parts[: parts.index(b"**")] if b"**" in parts else parts[:-1]
        deeper = b"(?:/.+)?" if b"**" in parts else b""
        if not fixed:
            return None if deeper else re.compile(rb"(?!)")
        expression = b""
        for index, part in reversed(list(enumerate(fixed))):
            inner = self._part(part) + _END + (b"(?:%s)?" % expression if expression else deeper)
            expression = (b"/" if index else b"") + inner
        return re.compile(expression, re.S)

    def _path(self, parts: List[bytes]) -> bytes:
        rows: List[List[bytes]] = [[]]
        for part in parts:
            if part == b"**":
                rows.append([])
            else:
                rows[-1].append(part)
        if len(rows) == 1:
            return self._row(rows[0])
        first, middle, last = rows[0], rows[1:-1], rows[-1]
        expression = self._row(first) + b"/" if first else b""
        for row in middle:
            if row:
                expression += self._for_good(b"(?:[^/]+/)*?%s/" % self._row(row))
        return expression + (b"(?:[^/]+/)*?%s" % self._row(last) if last else b".+")

    def _row(self, parts: List[bytes]) -> bytes:
        return b"/".join(self._part(part) + _END for part in parts)

    def _for_good(self, expression: bytes) -> bytes:
        self.groups += 1
        return b"(?=(?P<g%d>%s))(?P=g%d)" % (self.groups, expression, self.groups)

    def _part(self, part: bytes) -> bytes:
        """Translate one name's glob: text, then for each star the text after it at its first match."""
        texts = self._texts(part)
        if len(texts) == 1:
            return texts[0]
        stars = [self._for_good(b"[^/]*?" + text) for text in texts[1:-1] if text]
        last = b"[^/]*?" + texts[-1] if texts[-1] else b"[^/]*"
        return b"".join([texts[0], *stars, last])

    def _texts(self, part: bytes) -> List[bytes]:
        """Return the expressions of the text between the stars."""
        texts = [b""]
        at = 0
        while at < len(part):
            char = part[at : at + 1]
            at += 1
            if char == b"*":
                texts.append(b"")
            elif char == b"?":
                texts[-1] += b"[^/]"
            elif char == b"[":
                expression, at = self._bracket(part, at)
                texts[-1] += expression
            elif char == b"\\":
                if at == len(part):
                    self.fail("ends in a backslash")
                texts[-1] += re.escape(part[at : at + 1])
                at += 1
            else:
                texts[-1] += re.escape(char)
        return texts

    def _bracket(self, part: bytes, at: int) -> Tuple[bytes, int]:
        """Return the expression of a bracket whose text starts at `at`, and the position after it."""
        negated = part[at : at + 1] in (b"!", b"^")
        start = at = at + negated
        members = b""
        previous: Optional[int] = None  # may begin a range
        while True:
            if at >= len(part):
                self.fail('has a "[" without a "]" in the same name')
            char = part[at : at + 1]
            if char == b"]" and at > start:
                break
            if char == b"-" and previous is not None and part[at + 1 : at + 2] not in (b"]", b""):
                last, at = self._member(part, at + 1)
                members += self._range(previous, last)
                previous = None
                continue
            named = _CLASS.match(part, at)
            if named is not None:
                members += self._class(named[1])
                previous, at = None, named.end()
                continue
            previous, at = self._member(part, at)
            members += b"\\x%02x" % previous
        return b"(?!/)[%s%s]" % (b"^" if negated else b"", members), at + 1

    def _member(self, part: bytes, at: int) -> Tuple[int, int]:
        """Return one byte of a bracket, escaped or not, and the position after it."""
        at += part[at : at + 1] == b"\\"
        if at >= len(part):
            self.fail("ends in a backslash")
        return part[at], at + 1

    def _range(self, first: int, last: int) -> bytes:
        if first > last:
            self.fail("has a range in reverse order")
        return b"\\x%02x-\\x%02x" % (first, last)

    def _class(self, name: bytes) -> bytes:
        if name not in _CLASSES:
            self.fail("has the unknown character class %s" % ascii(f"[:{name.decode('utf-8', 'backslashreplace')}:]"))
        return _CLASSES[name]
