# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines that make a regular expression slow, from its own parts, and their judge.

slow = slow_line(re.compile(r"a.*b"), "search")

A line is HEAD + UNIT * n + TAIL. Heads are a match of the expression up to one of its repetitions; units are texts
that this repetition repeats, or such a head; tails prevent the match.
"""

from __future__ import annotations

__all__ = ["LENGTHS", "Line", "is_slow", "recipes", "slow_line"]

import gc
import re
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

# The names of `op` are made when it is loaded. pylint: disable=no-member
LENGTHS = (4 << 10, 8 << 10, 16 << 10)
"""Characters."""
FLOOR = 0.003
"""Seconds of processor time for the longest line below which its growth is noise."""
MOST = 2.5
"""The time may grow so much when a line gets twice as long."""
HANG = 0.5
"""Seconds of processor time after which a line of 16 KiB is slow in any case."""
_CHARACTERS = "aA0_ -.\t\n\"'=:/,"
_REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)
_MOST_ATOMS = 6
_CATEGORIES = {
    op.CATEGORY_DIGIT: r"\d",
    op.CATEGORY_NOT_DIGIT: r"\D",
    op.CATEGORY_SPACE: r"\s",
    op.CATEGORY_NOT_SPACE: r"\S",
    op.CATEGORY_WORD: r"\w",
    op.CATEGORY_NOT_WORD: r"\W",
}


class Line(NamedTuple):
    """A recipe of lines."""

    head: str
    unit: str
    tail: str

    def of(self, length: int) -> str:
        """Return a line of about that length."""
        return self.head + self.unit * (length // len(self.unit)) + self.tail


def recipes(expression: re.Pattern[Any]) -> list[Line]:
    """Return the hostile lines of an expression."""
    pattern = expression.pattern if isinstance(expression.pattern, str) else expression.pattern.decode("latin-1")
    tree = _parser.parse(
        pattern, expression.flags & ~re.DEBUG & ~(re.UNICODE if isinstance(expression.pattern, bytes) else 0)
    )
    alphabet = "".join(dict.fromkeys([*_literals(tree), *_CHARACTERS]))
    found: dict[Line, None] = {}
    whole = _sample(tree, alphabet)
    for head, atom in [*_repeats(tree, alphabet, ""), ("", whole), ("", whole[:-1])]:
        for start, unit in (
            ("", atom),
            (head, atom),
            ("", head + atom),
            ("", head),
            ("", head + " "),
            (head, head + atom),
        ):
            if unit:
                found.update(dict.fromkeys(Line(start, unit, tail) for tail in ("", "\0")))
    return list(found)


def slow_line(expression: re.Pattern[Any], method: str) -> Line | None:
    """Return a line whose time grows faster than its length; None if there is none."""
    for line in recipes(expression):
        texts = [line.of(length) for length in LENGTHS]
        subjects = (
            texts if isinstance(expression.pattern, str) else [each.encode("latin-1", "replace") for each in texts]
        )
        if is_slow(_run(expression, method), subjects):
            return line
    return None


def _run(expression: re.Pattern[Any], method: str) -> Callable[[Any], object]:
    if method in ("match", "fullmatch"):
        return getattr(expression, method)
    return lambda subject: sum(1 for _found in expression.finditer(subject))


def is_slow(run: Callable[[Any], object], subjects: list[Any]) -> bool:
    """Return whether the time grows too fast; twice, as a busy machine adds to it."""
    try:
        # The timer makes the clock of the processor coarse, so the growth is measured without it.
        with _limit(HANG):
            if _seconds(run, subjects[-1], 1) < FLOOR:
                return False
    except TimeoutError:
        return True
    return all(_grows(run, subjects) for _attempt in range(2))


def _grows(run: Callable[[Any], object], subjects: list[Any]) -> bool:
    """Return whether the time grows too fast; most lines clearly grow with their length."""
    long = _seconds(run, subjects[-1], 1)
    if long < FLOOR or long < MOST**2 * _seconds(run, subjects[0], 1):
        return False
    tries = 2 if long > 10 * FLOOR else 5
    short, middle, long = (_seconds(run, each, tries) for each in subjects)
    return long > MOST * middle and long > MOST**2 * short


def _seconds(run: Callable[[Any], object], subject: Any, tries: int) -> float:
    """Return the least processor time of some tries."""
    best = float("inf")
    for _try in range(tries):
        before = time.process_time()
        run(subject)
        best = min(best, time.process_time() - before)
    return best


@contextmanager
def _limit(seconds: float) -> Iterator[None]:
    def over(*_signal: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGVTALRM, over)
    gc.disable()  # An error that is raised in a callback of the collector is lost.
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        gc.enable()
        signal.signal(signal.SIGVTALRM, before)


def _repeats(items: Iterable[Any], alphabet: str, head: str) -> Iterator[tuple[str, str]]:
    """Yield each repetition of a tree: a match of everything before it, and some texts that it repeats."""
    for kind, value in items:
        if kind in _REPEATS:
            _least, most, body = value
            if most > 8:
                yield from ((head, atom) for atom in _atoms(body, alphabet))
            yield from _repeats(body, alphabet, head)
        elif kind is op.BRANCH:
            for branch in value[1]:
                yield from _repeats(branch, alphabet, head)
        elif kind is op.SUBPATTERN:
            yield from _repeats(value[3], alphabet, head)
        elif kind is op.ATOMIC_GROUP:
            yield from _repeats(value, alphabet, head)
        elif kind in (op.ASSERT, op.ASSERT_NOT):
            yield from _repeats(value[1], alphabet, head)
        head += _sample([(kind, value)], alphabet)


def _atoms(body: Any, alphabet: str) -> list[str]:
    """Return some texts that a body matches: each character of the alphabet, or samples of all its branches."""
    if len(body) == 1 and body[0][0] in (op.IN, op.ANY, op.NOT_LITERAL, op.LITERAL, op.CATEGORY):
        return list(islice((char for char in alphabet if _accepts(body[0], char)), _MOST_ATOMS))
    branches = [body]
    for kind, value in body:
        inner = value[3] if kind is op.SUBPATTERN else [(kind, value)]
        branches += [branch for each, options in inner if each is op.BRANCH for branch in options[1]]
    return list(dict.fromkeys(filter(None, (_sample(each, alphabet) for each in branches))))


def _sample(items: Iterable[Any], alphabet: str) -> str:
    """Return a short text that the items match; of a repetition, one round more than it needs."""
    return "".join(_text(kind, value, alphabet) for kind, value in items)


def _text(kind: Any, value: Any, alphabet: str) -> str:
    if kind in (op.LITERAL, op.NOT_LITERAL, op.ANY, op.IN, op.CATEGORY):
        return next((char for char in ("a" + alphabet) if _accepts((kind, value), char)), "\x7f")
    if kind in _REPEATS:
        least, most, body = value
        return _sample(body, alphabet) * min(max(least, 1), most)
    if kind is op.SUBPATTERN:
        return _sample(value[3], alphabet)
    if kind is op.ATOMIC_GROUP:
        return _sample(value, alphabet)
    return _sample(value[1][0], alphabet) if kind is op.BRANCH else ""


def _accepts(item: tuple[Any, Any], char: str) -> bool:
    kind, value = item
    if kind is op.LITERAL:
        return ord(char) == value
    if kind is op.NOT_LITERAL:
        return ord(char) != value
    if kind is op.RANGE:
        return value[0] <= ord(char) <= value[1]
    if kind is op.CATEGORY:
        return re.match(_CATEGORIES[value], char) is not None
    if kind is op.IN:
        negated = value[0][0] is op.NEGATE
        return any(_accepts(each, char) for each in value[negated:]) != negated
    return char != "\n"


def _literals(items: Iterable[Any]) -> Iterator[str]:
    """Yield the characters that a tree names."""
    for kind, value in items:
        if kind in (op.LITERAL, op.NOT_LITERAL):
            yield chr(value)
        elif kind is op.IN:
            yield from _literals(each for each in value if each[0] is not op.NEGATE)
        elif kind is op.RANGE:
            yield chr(value[0])
        elif kind in _REPEATS:
            yield from _literals(value[2])
        elif kind is op.BRANCH:
            for branch in value[1]:
                yield from _literals(branch)
        elif kind is op.SUBPATTERN:
            yield from _literals(value[3])
        elif kind is op.ATOMIC_GROUP:
            yield from _literals(value)
        elif kind in (op.ASSERT, op.ASSERT_NOT):
            yield from _literals(value[1])
