# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters: which entries of a tree take part in a run, by patterns in the manner of gitignore(5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Dict, NamedTuple, Optional, Sequence, Set

from ..errors import InvalidPattern
from ..model.relpath import RelPath
from ..model.tree import DIRECTORY, Entry, Tree

if TYPE_CHECKING:
    from .pattern import Pattern
_IN = "in"
_OUT = "out"
_OPEN = "open"
"""The filter state of an entry. IN and OUT apply to everything below a directory, except exclusions there; OPEN: no
pattern matches it, but a pattern may match an entry below."""


class Selection(NamedTuple):
    """The part of a tree that passes the filters.

    hiding: included directories that hold excluded entries
    hidden: the excluded entries
    """

    tree: Tree
    hiding: Set[RelPath]
    hidden: Set[RelPath]


class Filters:
    """Include and exclude patterns. Each item of a list is one pattern; there are no comments.

    Without `include` every entry is in. With it, an entry is in if a pattern matches it or a directory above it;
    directories above possible matches are entered. An entry that `exclude` matches is out with everything below it,
    regardless of `include`; a later "!" pattern includes an entry again, but nothing in an excluded directory.

    Names are bytes: "?" and "[...]" match one byte. A bracket does not match a slash. Raises InvalidPattern.
    """

    def __init__(self, include: Sequence[str] = (), exclude: Sequence[str] = ()) -> None:
        self._include = [_positive(text) for text in include]
        self._exclude = [_compiled(text) for text in exclude][::-1]
        self._directories: Dict[bytes, str] = {b"": _OPEN if include else _IN}

    @property
    def trivial(self) -> bool:
        """Return whether everything is in, so that nothing need be asked."""
        return not self._include and not self._exclude

    def accepts(self, path: RelPath, is_directory: bool) -> bool:
        """Return whether the entry itself is in. A directory that only leads to included entries is not: see
        `select`."""
        return (self._directory(path) if is_directory else self._judge(path, is_directory=False)) is _IN

    def enter(self, path: RelPath) -> bool:
        """Return whether a scan must list this directory, because something in it may be in."""
        standing = self._directory(path)
        if standing is not _OPEN or not path:
            return standing is not _OUT
        return any(pattern.leads is None or pattern.leads.fullmatch(path) for pattern in self._include)

    def select(self, tree: Tree, name_of: Optional[Callable[[RelPath, Entry], RelPath]] = None) -> Selection:
        """Return the entries that are in, with the directories above them, from a tree that `enter` has pruned or
        not. name_of: the name by which an entry is judged, in the same directory; None if it is its path."""
        chosen = {
            path
            for path, entry in tree.items()
            if self.accepts(path if name_of is None else name_of(path, entry), entry.kind == DIRECTORY)
        }
        for path in list(chosen):
            parent = path.parent
            while parent and parent not in chosen:
                chosen.add(parent)
                parent = parent.parent
        left = {path: entry for path, entry in tree.items() if path in chosen}
        hidden = tree.keys() - chosen
        return Selection(left, {path.parent for path in hidden} & left.keys(), hidden)

    def _directory(self, path: bytes) -> str:
        """Return the standing of a directory; it is asked for with each entry in it, and therefore kept."""
        standing = self._directories.get(path)
        if standing is None:
            standing = self._directories[path] = self._judge(path, is_directory=True)
        return standing

    def _judge(self, path: bytes, *, is_directory: bool) -> str:
        parent, _separator, name = path.rpartition(b"/")
        above = self._directory(parent)
        if above is _OUT or self._is_excluded(path, name, is_directory=is_directory):
            return _OUT
        if above is _IN or any(_fits(pattern, path, name, is_directory=is_directory) for pattern in self._include):
            return _IN
        return _OPEN

    def _is_excluded(self, path: bytes, name: bytes, *, is_directory: bool) -> bool:
        """Return whether the last matching pattern excludes."""
        for pattern in self._exclude:
            if _fits(pattern, path, name, is_directory=is_directory):
                return not pattern.negated
        return False


def _fits(pattern: Pattern, path: bytes, name: bytes, *, is_directory: bool) -> bool:
    if pattern.directories_only and not is_directory:
        return False
    return pattern.expression.fullmatch(name if pattern.by_name else path) is not None


def _compiled(text: str) -> Pattern:
    """Return a pattern. The module for that is loaded only if there are any."""
    from .pattern import compile_pattern  # pylint: disable=import-outside-toplevel

    return compile_pattern(text)


def _positive(text: str) -> Pattern:
    pattern = _compiled(text)
    if pattern.negated:
        raise InvalidPattern(
            f"include: the pattern {text!a} begins with !, which only exclude patterns may do",
            cure="Move the pattern to exclude, or write \\!name for a name that begins with !.",
        )
    return pattern
