# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions to a destination about how it takes names: whether it folds the parts in which two names differ, and
whether it takes a text.

A temporary file has the characters in its name in which the two differ, and is looked for by the characters of the
other name. Servers fold in different ways (ASCII alone, Turkish i, Unicode forms), also by directory, so each
difference is tried in the directory itself, in each run. Check mode looks for the present entry by its new name, or
takes the answers of earlier runs.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from functools import lru_cache, reduce
from operator import and_
from typing import Callable, Dict, Iterator, List, Optional, Sequence, Set, Tuple
from unicodedata import combining

from ..errors import ItemError
from ..model.display import display, display_text
from ..model.relpath import RelPath, folded_text
from ..model.tree import DIRECTORY
from .record import PEER, Record
from .roots import Opened, Sides
from .scan import Scanned
from .stage_names import StageNames

_OTHER_BYTES = ("\udcfe", "\udcff")
PROBE = b".fold-"
"""Ends the temporary name of a file that shows how the destination takes names; the characters in question follow."""
LONGEST = 40
"""Characters in question in a name, as far as they can be asked about apart."""
_SIDE = PEER + "-folding"
_SAME, _APART = b"same", b"apart"
UNKNOWN = "whether the destination keeps %s and %s apart shows once a run writes there"
UNTRIED = "no temporary file could be made to find out whether %s and %s are the same for the destination"


def differences(one: bytes, other: bytes) -> List[Tuple[str, str]]:
    """Return the parts in which two names with the same folded form differ, in their order: single characters, or
    shortest sequences of characters with the same folded form."""
    a, b = (name.decode("utf-8", "surrogateescape") for name in (one, other))
    aligned = list(zip(*cut((a, b))))
    if any(_form(x) != _form(y) for x, y in aligned[:-1]):  # odd bytes are one character together, and two apart
        aligned = [(a, b)]
    pairs = dict.fromkeys((x, y) for x, y in aligned if x != y)
    # A name that is not UTF-8 may be folded in another way.
    odd = "".join(sorted(set(filter(is_odd, a + b))))
    return list(dict.fromkeys(question(x, y, odd) for x, y in pairs))


def question(one: str, other: str, odd: str) -> Tuple[str, str]:
    """Return the characters to ask about for two parts of names. odd: characters of these names that are not UTF-8."""
    pair = (one, other) if any(map(is_odd, one + other)) else (one + odd, other + odd)
    return _OTHER_BYTES if _only_bytes(*pair) else pair


def cut(texts: Sequence[str]) -> Iterator[List[str]]:
    """Yield the parts of each of these names, which have one folded form: cut where each of them can be cut."""
    cuts = sorted(reduce(and_, (_bounds(text).keys() for text in texts)))
    for text in texts:
        bounds = _bounds(text)
        places = [*map(bounds.__getitem__, cuts), len(text)]
        yield [text[start:end] for start, end in zip(places, places[1:])]


def _bounds(text: str) -> Dict[int, int]:
    """Return the lengths of the folded form after which a name can be cut, each with the place in the name. A character
    stays with its marks."""
    found, length, start = {0: 0}, 0, 0
    for end in range(1, len(text) + 1):
        if end == len(text) or not combining(text[end]):
            length += len(_form(text[start:end]))
            found.setdefault(length, end)
            start = end
    return found


@lru_cache(maxsize=1024)
def _form(text: str) -> str:
    return folded_text(text.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))


def odd_bytes(path: RelPath) -> Tuple[int, ...]:
    """Return the bytes of a name that are not UTF-8, without regard to case in a set of 256 characters."""
    return tuple(ord(each) | 0x20 for each in path.name.decode("utf-8", "surrogateescape") if is_odd(each))


def is_odd(character: str) -> bool:
    """Return whether this stands for a byte that is not UTF-8."""
    return "\ud800" <= character <= "\udfff"


def _only_bytes(one: str, other: str) -> bool:
    """Return whether a difference is one of bytes that are not UTF-8, and not one of case in a set of 256 characters:
    an end that keeps two such bytes apart keeps all apart."""
    if not all(map(is_odd, one + other)):
        return False
    return len(one) != len(other) or any(ord(x) | 0x20 != ord(y) | 0x20 for x, y in zip(one, other))


class End:
    """The destination, which is asked how it takes names.

    listed: it, whose names may change. is_there: whether it has this name. writes: False in check mode
    probes: whether temporary files may be made. probed: those that were made, and removed. notes: for the result
    """

    def __init__(
        self,
        opened: Opened,
        listed: Scanned,
        record: Record,
        is_there: Callable[[RelPath], bool],
        *,
        writes: bool,
        probes: bool,
    ) -> None:
        self.probed: Set[RelPath] = set()
        self.notes: List[str] = []
        self._probes = Probes(opened.sides, opened.names, self.probed)
        self._sides = opened.sides
        self._listed, self._is_there = listed, is_there
        self._record = record
        self._writes, self._may_probe = writes, probes
        self._answers: Dict[RelPath, Dict[Tuple[str, str], bool]] = defaultdict(dict)
        self._known = _recalled(record)

    def are_the_same(self, new: RelPath, other: RelPath) -> bool:
        """Return whether both names are one place."""
        pairs = [(min(pair), max(pair)) for pair in differences(new.name, other.name)]
        answer = self._ask(new.parent, pairs) if self._may_probe else None
        if answer is not None:
            return answer
        is_there = self._is_there
        if is_there(new) and is_there(other):
            return False
        if is_there(other):
            with suppress(ItemError):
                return self._sides.destination.entry_at(new) is not None
        if not self._writes and all(pair in self._known for pair in pairs):
            return all(self._known[pair] for pair in pairs)
        self.notes.append((UNTRIED if self._writes else UNKNOWN) % (display(new), display(other)))
        return self._writes

    def takes_for_one(self, directory: RelPath, question: Tuple[str, str]) -> bool:
        """Return whether these parts of names are the same for the destination, or may be if it cannot be asked."""
        pair = (min(question), max(question))
        answer = self._ask(directory, [pair]) if self._may_probe else self._known.get(pair)
        if answer is None:
            note = (UNTRIED if self._writes else UNKNOWN) % (display_text(pair[0]), display_text(pair[1]))
            if note not in self.notes:
                self.notes.append(note)
        return self._writes if answer is None else answer

    def keeps_bytes(self, directory: RelPath) -> bool:
        """Return whether the destination is known to keep bytes apart that are not UTF-8."""
        return self._may_probe and self._ask(directory, [_OTHER_BYTES]) is False

    def _ask(self, directory: RelPath, pairs: List[Tuple[str, str]]) -> Optional[bool]:
        """Return whether the destination folds all these characters in a directory, or in the nearest above it in which
        a file can be made. A file has all of them in its name. If it is not found, each is tried, up to the first that
        is not folded: other names may have a part of them."""
        present = self._listed.tree
        while directory and (directory not in present or present[directory].kind != DIRECTORY):
            directory = directory.parent
        answers = self._answers[directory]
        unknown = [pair for pair in pairs if not answers.get(pair)]
        if not unknown or any(pair in answers for pair in unknown):
            return not unknown
        half = len(unknown) // 2
        if half and max(map(len, map("".join, zip(*unknown)))) > LONGEST:
            parts = [self._ask(directory, unknown[:half]), self._ask(directory, unknown[half:])]
            return None if None in parts else all(parts)
        found = self._probes.same(directory, *map("".join, zip(*unknown)))
        if found is None:
            return self._ask(directory.parent, pairs) if directory else None
        if found or len(unknown) == 1:
            answers.update(dict.fromkeys(unknown, found))
        elif all(self._ask(directory, [pair]) for pair in unknown):
            return None
        return found

    def remember(self) -> None:
        """Record the answers, for check mode."""
        known = dict(self._known)
        answers = [answer for each in self._answers.values() for answer in each.items()]
        known.update(answers)
        for pair, same in answers:
            if known.get(pair, same) != same:  # Directories differ: one may be a mount.
                del known[pair]
        if known != self._known:
            _record(self._record, known)


def _recalled(record: Record) -> Dict[Tuple[str, str], bool]:
    known: Dict[Tuple[str, str], bool] = {}
    for path in record.load(_SIDE):
        with suppress(ValueError):  # A damaged record costs a note in check mode.
            one, other, answer = path.split(b".")
            known[_text(one), _text(other)] = answer == _SAME
    return known


def _record(record: Record, known: Dict[Tuple[str, str], bool]) -> None:
    answers = ((_hex(one), _hex(other), _SAME if same else _APART) for (one, other), same in known.items())
    record.save(_SIDE, map(b".".join, answers))


def _hex(text: str) -> bytes:
    return b"x" + text.encode("utf-8", "surrogateescape").hex().encode()


def _text(form: bytes) -> str:
    return bytes.fromhex(form[1:].decode()).decode("utf-8", "surrogateescape")


class Probes:
    """Temporary files at the destination whose names show how it takes names. made: gets their paths."""

    def __init__(self, sides: Sides, names: StageNames, made: Set[RelPath]) -> None:
        self._destination = sides.destination.whole_tree
        self._names = names
        self._made = made

    def same(self, directory: RelPath, one: str, other: str) -> Optional[bool]:
        """Return whether a file whose name has `one` is found by `other`; None if none can be made."""
        stage = self._names.beside(directory.child(b"x"))
        if not self._make(stage, one):
            return None
        try:
            found: Optional[bool] = self._destination.entry_at(_probe(stage, other)) is not None
        except ItemError:
            found = None
        self._remove(stage, one)
        return found

    def takes(self, directory: RelPath, text: str) -> bool:
        """Return whether a name may have this text."""
        stage = self._names.beside(directory.child(b"x"))
        taken = self._make(stage, text)
        if taken:
            self._remove(stage, text)
        return taken

    def _make(self, stage: RelPath, text: str) -> bool:
        self._names.release(stage)
        probe = _probe(stage, text)
        self._names.open.add(probe)
        try:
            self._destination.create_file(probe, b"")
        except ItemError:
            self._names.release(probe)
            return False
        self._made.add(probe)
        return True

    def _remove(self, stage: RelPath, text: str) -> None:
        self._names.released(self._destination.remove_files([_probe(stage, text)]))


def _probe(stage: RelPath, text: str) -> RelPath:
    return RelPath(stage + PROBE + text.encode("utf-8", "surrogateescape"))
